package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `docs/mqtt-conformance.md` has every numbered statement of both standards once, and every test that it names runs.
class ConformanceTableTest {
    private static final Path PAGE = Checkout.root().resolve("docs/mqtt-conformance.md");
    static final Pattern NAMED = Pattern.compile("`(\\w+Test)\\.(\\w+)`");

    private static final Pattern METHOD = Pattern.compile("\\n    (?:\\w+ )*void (\\w+)\\(");

    /// Where a method or another member of a class ends, as the formatter writes it.
    private static final String END = "\n    }\n";

    private record Row(String statement, String evidence) {}

    @ParameterizedTest
    @ValueSource(strings = {"5.0", "3.1.1"})
    void everyStatementHasExactlyOneRow(String version) throws IOException {
        List<String> rows = rows(version).stream().map(Row::statement).toList();
        assertThat(rows).containsExactlyInAnyOrderElementsOf(statements(version));
    }

    @Test
    void everyRowNamesATestOrSaysWhyThereIsNone() throws IOException {
        Map<String, Set<String>> tests = tests();
        List<String> wrong = new ArrayList<>();
        for (String version : List.of("5.0", "3.1.1")) {
            for (Row row : rows(version)) {
                List<String> named = NAMED.matcher(row.evidence())
                        .results()
                        .map(match -> match.group(1) + "." + match.group(2))
                        .toList();
                boolean reasoned = row.evidence().matches("(client|not here): .{8,}");
                if (named.isEmpty() && !reasoned) {
                    wrong.add(version + " " + row.statement() + " has neither a test nor a reason");
                }
                for (String test : named) {
                    String[] parts = test.split("\\.");
                    if (!tests.getOrDefault(parts[0], Set.of()).contains(parts[1])) {
                        wrong.add(version + " " + row.statement() + ": there is no test " + test + " that runs");
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static List<String> statements(String version) throws IOException {
        try (InputStream in =
                ConformanceTableTest.class.getResourceAsStream("/mqtt-%s-statements.txt".formatted(version))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    private static List<Row> rows(String version) throws IOException {
        List<Row> rows = new ArrayList<>();
        boolean inside = false;
        for (String line : Files.readAllLines(PAGE)) {
            if (line.startsWith("## ")) {
                inside = line.equals("## MQTT " + version);
            } else if (inside && line.startsWith("| MQTT-")) {
                String[] cells = line.split("\\|");
                assertThat(cells).as(line).hasSize(4);
                rows.add(new Row(cells[1].strip(), cells[3].strip()));
            }
        }
        return rows;
    }

    /// @return the test methods that run, by the name of their class
    static Map<String, Set<String>> tests() throws IOException {
        Map<String, Set<String>> tests = new LinkedHashMap<>();
        for (Path source : Checkout.testSources()) {
            String text = Files.readString(source);
            Set<String> methods =
                    tests.computeIfAbsent(source.getFileName().toString().replace(".java", ""), _ -> new HashSet<>());
            METHOD.matcher(text).results().forEach(match -> {
                int before = text.lastIndexOf(END, match.start());
                String annotations = text.substring(Math.max(before, 0), match.start());
                boolean test = annotations.contains("@Test") || annotations.contains("@ParameterizedTest");
                if (test && !annotations.contains("@Disabled")) {
                    methods.add(match.group(1));
                }
            });
        }
        return tests;
    }
}
