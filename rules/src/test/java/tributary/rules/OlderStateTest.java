package tributary.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import tributary.model.MessageProperties;
import tributary.model.Topic;

/// What an earlier version remembered is read by this one: a rule does not begin afresh with an update.
class OlderStateTest {
    private static final String SQL = "SELECT v FROM 's' ALERT hot SEVERITY minor WHEN v > 5 ESCALATE major AFTER 10s";

    /// Format 2: the alert of `a` has escalated, that of `b` was raised at 13 s.
    private static final byte[] STATE = HexFormat.of().parseHex("""
            04dae384e91f90cb01d58fac8bd091c3c8c301040690cb01000000000000040702610001d00ffeffffffffffffffff01
            feffffffffffffffff01feffffffffffffffff01feffffffffffffffff0102070a6d616a6f7202070a6d616a6f720902
            0276041202730261070262020190cb01feffffffffffffffff01feffffffffffffffff01b0e702feffffffffffffffff
            0100070a6d696e6f7202070a6d616a6f72090202760410027302620000
            """.replaceAll("\\s", ""));

    @Test
    void alertsThatWereRaisedEscalateAndEnd() {
        Rule rule = ((Rule.Compiled.Ready) Rule.compile(SQL, RuleOptions.DEFAULTS)).rule();
        List<String> said = new ArrayList<>();
        RuleRun run = rule.resume(STATE, output -> said.add(new String(Rule.bytes(output), StandardCharsets.UTF_8)));
        run.advance(23_000);
        for (String device : List.of("a", "b")) {
            run.message(message(device, "{\"v\":1}", 24_000));
        }
        run.message(message("a", "{\"v\":9}", 25_000));

        assertThat(said)
                .containsExactly(
                        "{\"alert\":\"hot\",\"state\":\"escalated\",\"severity\":\"major\",\"at\":23000,\"v\":8}",
                        "{\"alert\":\"hot\",\"state\":\"cleared\",\"severity\":\"major\",\"at\":24000,\"v\":1}",
                        "{\"alert\":\"hot\",\"state\":\"cleared\",\"severity\":\"major\",\"at\":24000,\"v\":1}",
                        "{\"alert\":\"hot\",\"state\":\"raised\",\"severity\":\"minor\",\"at\":25000,\"v\":9}");
    }

    private static StreamMessage message(String device, String payload, long atMillis) {
        return StreamMessage.of(
                new Topic("s"),
                device,
                payload.getBytes(StandardCharsets.UTF_8),
                atMillis,
                new StreamMessage.Head("m1", "acme", "", 1, false, MessageProperties.NONE));
    }
}
