package tributary.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import tributary.model.MessageProperties;
import tributary.model.Topic;
import tributary.rules.Trace.Outcome;
import tributary.rules.Trace.Step;
import tributary.rules.Trace.Value;

class TraceTest {
    private static Rule rule(String sql) {
        return switch (Rule.compile(sql, RuleOptions.DEFAULTS)) {
            case Rule.Compiled.Ready(Rule ready) -> ready;
            case Rule.Compiled.Refused(Mistake mistake) -> throw new AssertionError(mistake);
        };
    }

    private static StreamMessage message(long at, String topic, String payload) {
        return StreamMessage.of(
                new Topic(topic),
                "d1",
                payload.getBytes(StandardCharsets.UTF_8),
                at,
                new StreamMessage.Head("0-1", "acme", "", 1, false, MessageProperties.NONE));
    }

    /// A run that can be asked about one message.
    private static final class Asked {
        final Trace trace = new Trace();
        final RuleRun run;

        Asked(String sql) {
            run = rule(sql).start(_ -> {});
        }

        Asked heard(long at, String topic, String payload) {
            run.message(message(at, topic, payload));
            return this;
        }

        Asked about(long at, String topic, String payload) {
            run.traced(message(at, topic, payload), trace);
            return this;
        }

        List<String> steps() {
            return trace.steps().stream()
                    .map(step -> step.name() + " " + step.outcome().slug())
                    .toList();
        }

        Step last() {
            return trace.steps().getLast();
        }
    }

    @Test
    void conditionThatIsNotMetIsShownWithTheValuesItSaw() {
        Asked asked = new Asked(
                        "SELECT temp FROM 'env/+' WHERE temp > 30 AND upper(site) = 'ROOF' AND gone IS NOT NULL")
                .about(1_000, "env/a", "{\"temp\": 21.5, \"site\": \"roof\"}");

        assertThat(asked.steps()).containsExactly("where dropped");
        assertThat(asked.last().values())
                .containsExactly(
                        new Value("temp", "21.5"),
                        new Value("upper(site)", "\"ROOF\""),
                        new Value("gone", "undefined"));
    }

    @Test
    void whatARuleSaysIsItsLastStep() {
        Asked asked = new Asked("SELECT temp FROM 'env/+' WHERE temp > 30").about(1_000, "env/a", "{\"temp\": 31}");

        assertThat(asked.steps()).containsExactly("where passed", "output said");
        assertThat(asked.last().detail()).isEqualTo("{\"temp\":31}");
    }

    @Test
    void functionsThatRememberAreShownAsTheyWere() {
        Asked asked = new Asked("SELECT temp FROM 'env/+' WHERE rate(temp) > 5")
                .heard(1_000, "env/a", "{\"temp\": 20}")
                .about(2_000, "env/a", "{\"temp\": 21}");

        assertThat(asked.last().values()).containsExactly(new Value("rate(temp)", "1"));
    }

    @Test
    void messageInAWindowIsFollowedUntilTheWindowCloses() {
        Asked asked = new Asked("SELECT topic(2) AS d, avg(temp) AS mean FROM 'env/+'"
                        + " GROUP BY topic(2), TUMBLING(10s) HAVING mean > 30")
                .about(1_000, "env/a", "{\"temp\": 20}");
        assertThat(asked.steps()).containsExactly("window waits");
        assertThat(asked.trace.untilMillis()).isEqualTo(10_000);

        asked.heard(2_000, "env/b", "{\"temp\": 90}").heard(3_000, "env/a", "{\"temp\": 26}");
        asked.run.advance(10_000);

        assertThat(asked.steps()).containsExactly("window waits", "window passed", "having dropped");
        assertThat(asked.last().values()).containsExactly(new Value("avg(temp)", "23"));
    }

    @Test
    void alertThatDoesNotHoldSaysWithWhichValueItEnded() {
        Asked asked = new Asked("SELECT topic(2) AS d, temp FROM 'env/+' ALERT hot PER topic(2) WHEN temp > 30 FOR 60s")
                .about(1_000, "env/a", "{\"temp\": 31}");
        assertThat(asked.steps()).containsExactly("when passed", "alert waits");
        assertThat(asked.trace.untilMillis()).isEqualTo(61_000);

        asked.heard(5_000, "env/b", "{\"temp\": 10}").heard(9_000, "env/a", "{\"temp\": 29}");
        asked.run.advance(100_000);

        assertThat(asked.steps()).containsExactly("when passed", "alert waits", "when dropped", "alert dropped");
        assertThat(asked.trace.steps().get(2).values()).containsExactly(new Value("temp", "29"));
    }

    @Test
    void alertThatIsRaisedIsSaidOnceAndThatIsTold() {
        String sql = "SELECT temp FROM 'env/+' ALERT hot PER topic(2) WHEN temp > 30";
        Asked raising = new Asked(sql).about(1_000, "env/a", "{\"temp\": 31}");
        assertThat(raising.steps()).containsExactly("when passed", "alert passed", "output said");

        Asked again = new Asked(sql).heard(1_000, "env/a", "{\"temp\": 31}").about(2_000, "env/a", "{\"temp\": 32}");
        assertThat(again.steps()).containsExactly("when passed", "alert dropped");
        assertThat(again.last().detail()).contains("raised since 1970-01-01T00:00:01Z");
        assertThat(again.last().outcome()).isEqualTo(Outcome.DROPPED);
    }

    @Test
    void askingChangesNothingOfWhatARuleRemembers() {
        String sql = "SELECT topic(2) AS d, avg(temp) AS mean, count(*) AS n FROM 'env/+' WHERE temp + limit > 0"
                + " GROUP BY topic(2), TUMBLING(10s) HAVING mean > 30 - limit ALERT hot WHEN mean > 1 FOR 5s";
        RuleRun plain = rule(sql).start(_ -> {});
        RuleRun asked = rule(sql).start(_ -> {});
        StreamMessage first = message(1_000, "env/a", "{\"temp\": 20, \"limit\": 15}");

        plain.message(first);
        asked.traced(message(1_000, "env/a", "{\"temp\": 20, \"limit\": 15}"), new Trace());
        plain.advance(12_000);
        asked.advance(12_000);

        assertThat(asked.checkpoint()).isEqualTo(plain.checkpoint());
    }
}
