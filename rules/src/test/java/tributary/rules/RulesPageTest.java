package tributary.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tributary.model.Topic;
import tributary.rules.value.Missing;

/// `docs/rules.md` is true: its statements are compiled, its tables run, and no function is missing from it.
class RulesPageTest {
    private static final List<String> RESERVED = List.of("surprise", "expected", "is_fine", "peer_rank");

    /// A row of a table of functions.
    private record Row(String name, String example, String gives) {}

    @Test
    void everyStatementOfThePageIsARule() throws IOException {
        List<String> statements = blocks("sql");
        assertThat(statements).hasSizeGreaterThan(15);
        for (String statement : statements) {
            assertThat(Rule.compile(statement, tables())).as(statement).isInstanceOf(Rule.Compiled.Ready.class);
        }
    }

    @Test
    void everyFunctionIsInATableOfThePageAndNoOther() throws IOException {
        Set<String> named = new TreeSet<>();
        for (String table : List.of("functions", "remember", "aggregates")) {
            rows(table).forEach(row -> named.add(row.name()));
        }
        Set<String> known = new TreeSet<>(Rule.functions());
        RESERVED.forEach(known::remove);
        Pattern.compile("`(\\w+)`")
                .matcher(section("aliases"))
                .results()
                .map(found -> found.group(1))
                .forEach(named::add);
        assertThat(named).containsExactlyElementsOf(known);
    }

    @Test
    void functionsGiveWhatThePageSays() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Row row : rows("functions")) {
            List<String> found = outputs("SELECT " + row.example() + " AS x FROM 'a/b'", "");
            if (!found.equals(List.of(row.gives()))) {
                wrong.add(row.example() + " gives " + found + ", the page says " + row.gives());
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void functionsThatRememberGiveWhatThePageSaysForEachMessage() throws IOException {
        for (Row row : rows("remember")) {
            assertThat(String.join(", ", outputs("SELECT " + row.example() + " AS x FROM 'a/b'", "series")))
                    .as(row.example())
                    .isEqualTo(row.gives());
        }
    }

    @Test
    void aggregatesGiveWhatThePageSays() throws IOException {
        for (Row row : rows("aggregates")) {
            assertThat(outputs("SELECT " + row.example() + " AS x FROM 'a/b' GROUP BY TUMBLING(1m)", "series"))
                    .as(row.example())
                    .isEqualTo(List.of(row.gives()));
        }
    }

    /// The values of column `x` as JSON, `-` where it is undefined.
    private static List<String> outputs(String sql, String series) throws IOException {
        Rule.Compiled compiled = Rule.compile(sql, tables());
        assertThat(compiled).as(sql + " " + compiled).isInstanceOf(Rule.Compiled.Ready.class);
        List<String> out = new ArrayList<>();
        RuleRun run = ((Rule.Compiled.Ready) compiled).rule().start(output -> {
            String json = Rule.json(output);
            out.add(json.equals("{}") ? "-" : json.substring(5, json.length() - 1));
        });
        long at = 1_767_323_045_678L;
        List<String> payloads = series.isEmpty()
                ? blocks("json").subList(1, 2)
                : List.of(blocks("json").get(0).strip().split("\n"));
        for (String payload : payloads) {
            assertThat(run.message(StreamMessage.of(
                            new Topic("a/b"),
                            "dev1",
                            payload.getBytes(StandardCharsets.UTF_8),
                            at,
                            StreamMessage.Head.NONE)))
                    .isInstanceOf(RuleRun.Taken.Fine.class);
            at += 1000;
        }
        run.advance(at + 120_000);
        return out;
    }

    private static RuleOptions tables() {
        return new RuleOptions("", "tributary", RuleOptions.DEFAULTS.zone(), new PageTables(), RuleLimits.DEFAULTS);
    }

    /// The one table that the page's statements look into.
    private static final class PageTables implements Lookups {
        @Override
        public List<Map<String, Object>> table(String name) {
            return name.equals("sites") ? List.of(Map.of("id", "a")) : null;
        }

        @Override
        public Object device(String device, String attribute) {
            return Missing.UNDEFINED;
        }
    }

    private static List<String> blocks(String language) throws IOException {
        return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
                .matcher(page())
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    private static String section(String name) throws IOException {
        String page = page();
        int start = page.indexOf("<!-- " + name + " -->");
        assertThat(start).as("the part '%s' of the page", name).isPositive();
        int end = page.indexOf("\n## ", start);
        return page.substring(start, end < 0 ? page.length() : end);
    }

    private static List<Row> rows(String table) throws IOException {
        List<Row> rows = new ArrayList<>();
        for (MatchResult row : Pattern.compile("(?m)^\\| `(\\w+)\\([^|]*\\| [^|]+ \\| `(.+?)` \\| `(.+?)` \\|$")
                .matcher(section(table).replace("\\|", "\u0001"))
                .results()
                .toList()) {
            rows.add(new Row(
                    row.group(1),
                    row.group(2).replace('\u0001', '|'),
                    row.group(3).replace('\u0001', '|')));
        }
        assertThat(rows).as("rows of " + table).hasSizeGreaterThan(15);
        return rows;
    }

    private static String page() throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("docs/layout.md"))) {
            root = root.getParent();
        }
        return Files.readString(root.resolve("docs/rules.md"));
    }
}
