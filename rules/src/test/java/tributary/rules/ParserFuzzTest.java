package tributary.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tributary.model.Topic;
import tributary.rules.Cases.Case;

/// Whatever is given as a statement, the answer is a rule or a mistake with its place; and whatever is given to
/// a rule as a message, it takes it or says why not.
class ParserFuzzTest {
    private static final String[] PIECES = {
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "'",
        "\"",
        "`",
        ",",
        ".",
        "*",
        "$",
        "@a",
        "-",
        "--",
        "/*",
        "SELECT ",
        " FROM ",
        " WHERE ",
        " GROUP BY ",
        " OVER ",
        " CASE WHEN ",
        " END ",
        "NOT ",
        " AND ",
        "1e9",
        "10s",
        "999999999999999999999",
        "lag(",
        "count(",
        "(SELECT ",
        "\u0000",
        "\uD800",
        "é",
        "=~",
        "||",
        " IN ",
        " BETWEEN ",
        "FOREACH ",
        " ALERT a WHEN ",
        " ABSENT 5m"
    };

    private static Rule.Compiled compile(String text) {
        Rule.Compiled compiled = Rule.compile(text, RuleOptions.DEFAULTS);
        if (compiled instanceof Rule.Compiled.Refused(Mistake mistake)) {
            assertThat(mistake.line()).isPositive();
            assertThat(mistake.column()).isPositive();
            assertThat(mistake.what()).isNotBlank();
        }
        return compiled;
    }

    @Test
    void randomBytesAreRefusedAndNothingElseHappens() {
        Random random = new Random(42);
        for (int i = 0; i < 3000; i++) {
            byte[] bytes = new byte[random.nextInt(120)];
            random.nextBytes(bytes);
            compile(new String(bytes, StandardCharsets.ISO_8859_1));
            compile("SELECT " + new String(bytes, StandardCharsets.UTF_8) + " FROM 't'");
        }
    }

    @Test
    void statementsWithPiecesChangedAreRulesOrMistakesAndTheRulesRun() throws IOException {
        Random random = new Random(7);
        List<Case> cases = ConformanceTest.running();
        int ran = 0;
        for (int i = 0; i < 15_000; i++) {
            Case one = cases.get(random.nextInt(cases.size()));
            StringBuilder text = new StringBuilder(one.sql());
            for (int change = random.nextInt(3); change >= 0; change--) {
                int at = random.nextInt(text.length());
                int to = Math.min(text.length(), at + random.nextInt(6));
                String piece = random.nextBoolean()
                        ? PIECES[random.nextInt(PIECES.length)]
                        : cases.get(random.nextInt(cases.size())).sql().substring(random.nextInt(7));
                text.replace(at, to, piece.substring(0, Math.min(piece.length(), 1 + random.nextInt(20))));
            }
            if (compile(text.toString()) instanceof Rule.Compiled.Ready(Rule rule)) {
                ran++;
                RuleRun run = rule.start(_ -> {});
                for (Object entry : (List<?>) one.json().get("in")) {
                    if (((Map<?, ?>) entry).get("topic") instanceof String) {
                        run.message(Cases.message((Map<?, ?>) entry));
                    }
                }
                run.advance(2_000_000_000_000L - 1);
            }
        }
        assertThat(ran).isGreaterThan(50);
    }

    @Test
    void randomPayloadsAreTakenByEveryRule() throws IOException {
        Random random = new Random(3);
        String[] payloads = {
            "",
            "{",
            "[]",
            "{}",
            "null",
            "\"\"",
            "1e400",
            "{\"v\":1e999999}",
            "{\"v\":{}}",
            "{\"v\":[null]}",
            "-",
            "{\"a\":\"\\ud800\"}"
        };
        for (Case one : ConformanceTest.running()) {
            Rule rule = ((Rule.Compiled.Ready) Rule.compile(one.sql(), Cases.options(one.json()))).rule();
            RuleRun run = rule.start(_ -> {});
            for (Object entry : (List<?>) one.json().get("in")) {
                if (((Map<?, ?>) entry).get("topic") instanceof String topic) {
                    for (String payload : payloads) {
                        run.message(StreamMessage.of(
                                new Topic(topic),
                                "c",
                                payload.getBytes(StandardCharsets.UTF_8),
                                5,
                                StreamMessage.Head.NONE));
                    }
                    byte[] bytes = new byte[random.nextInt(40)];
                    random.nextBytes(bytes);
                    run.message(StreamMessage.of(new Topic(topic), "c", bytes, 6, StreamMessage.Head.NONE));
                }
            }
            run.checkpoint();
        }
    }

    @Test
    void whatIsNestedTooDeepOrTooLongIsRefusedAndNotAStackOverflow() {
        assertRefused("SELECT " + "(".repeat(30_000) + "1", "nested deeper");
        assertRefused("SELECT " + "[".repeat(30_000) + "1", "nested deeper");
        assertRefused("SELECT " + "-".repeat(1) + " -".repeat(30_000) + "1", "nested deeper");
        assertRefused("SELECT " + "NOT ".repeat(15_000) + "a FROM 't'", "nested deeper");
        assertRefused("SELECT " + "(SELECT VALUE ".repeat(4000) + "a", "nested deeper");
        assertRefused("SELECT " + "upper(".repeat(10_000) + "a", "nested deeper");
        assertRefused("SELECT " + "CASE WHEN ".repeat(6000) + "a", "nested deeper");
        assertRefused("SELECT 1" + "+1".repeat(30_000) + " FROM 't'", "operators deep");
        assertRefused("SELECT a" + ".b".repeat(30_000) + " FROM 't'", "operators deep");
        assertRefused("SELECT a" + "[0]".repeat(20_000) + " FROM 't'", "operators deep");
        assertRefused("SELECT a FROM 't' WHERE a IS NULL" + " IS NULL".repeat(7000), "operators deep");
        assertRefused("SELECT '" + "x".repeat(70_000) + "' FROM 't'", "at most 65536");
        assertRefused("SELECT a FROM " + "(SELECT a FROM ".repeat(4000) + "'t'", "nested deeper");
        assertThat(compile("SELECT a FROM 't' WHERE a = 1" + " OR a = 2".repeat(5000)))
                .isInstanceOf(Rule.Compiled.Ready.class);
    }

    private static void assertRefused(String text, String says) {
        Rule.Compiled compiled = compile(text);
        assertThat(compiled).isInstanceOf(Rule.Compiled.Refused.class);
        assertThat(((Rule.Compiled.Refused) compiled).mistake().what()).contains(says);
    }
}
