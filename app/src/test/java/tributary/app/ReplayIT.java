package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `tributary rule replay`: a rule that is saved too late says what it would have said, once, and only what was looked
/// at. `tributary decode replay`: what came is there as it is decoded.
class ReplayIT {
    private static final Duration SOON = Duration.ofSeconds(120);
    private static final Pattern APPLY = Pattern.compile("make what is missing: tributary (rule replay .*)");

    @TempDir
    private Path data;

    @Test
    void whatARuleMissedIsComparedShownAndMadeOnce() throws Exception {
        try (ServerProcess server = ServerProcess.start(data)) {
            Rest rest = Rest.of(server);
            save(rest, "once", "seen");
            for (String temp : List.of("1", "2", "3")) {
                assertThat(run("send", "pump-1", "temp=" + temp).exit()).isZero();
            }
            // The rules read behind the door: a rule saved before they have come here would see the last of these
            // itself.
            Await.until("rules are past what was sent", SOON, () -> made(rest, "seen") == 3);
            save(rest, "twice", "out");
            Path out = data.resolve("said.jsonl");

            ServerProcess.Outcome compared = run("rule", "replay", "twice", "--last", "1h", "--out", out.toString());

            assertThat(compared.err()).contains("3 outputs", "0 messages are there, 3 missing");
            assertThat(compared.out()).contains("missing", "out/pump-1", "{\"t\":2}", "{\"t\":6}");
            assertThat(Files.readAllLines(out)).hasSize(3).allMatch(line -> line.contains("\"device\":\"pump-1\""));
            assertThat(made(rest, "out")).as("comparing acts on nothing").isZero();
            assertThat(run("rule", "replay", "twice", "--last", "1h", "--apply", "0123456789abcdef")
                            .exit())
                    .as("another digest")
                    .isNotZero();
            Matcher apply = APPLY.matcher(compared.err());
            assertThat(apply.find()).as(compared.err()).isTrue();

            for (String madeThen : List.of("3 messages were made", "0 messages were made")) {
                Await.until(
                        "rules have seen the window",
                        SOON,
                        () -> run(apply.group(1).split(" ")).err().contains(madeThen));
                Await.until("they are in SQL", SOON, () -> made(rest, "out") == 3);
            }
            Await.until(
                    "all that was sent is there as it is decoded now",
                    SOON,
                    () -> run("decode", "replay", "--last", "1h")
                            .err()
                            .contains(
                                    "3 readings are there, 0 replaced by later ones, 0 missing, 0 with another value"));
        }
    }

    private static void save(Rest rest, String rule, String topic) throws Exception {
        rest.good(
                "PUT",
                "/api/v1/rules/" + rule,
                Map.of(
                        "sql", "SELECT temp * 2 AS t FROM 'devices/+/#'",
                        "state", "on",
                        "actions", List.of(Map.of("topic", topic + "/${device_id()}"))));
    }

    private static long made(Rest rest, String topic) throws Exception {
        return rest.number("SELECT count(*) FROM messages WHERE topic = '" + topic + "/pump-1'");
    }

    private ServerProcess.Outcome run(String... command) throws Exception {
        String[] whole = Arrays.copyOf(command, command.length + 2);
        whole[command.length] = "--data";
        whole[command.length + 1] = data.toString();
        return ServerProcess.run(whole);
    }
}
