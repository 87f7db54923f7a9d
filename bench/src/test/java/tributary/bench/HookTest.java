package tributary.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/// The receiver that `bench rules` measures with.
class HookTest {
    private static String message(int stream, int sequence, long dueMicros) {
        return "{\"from\":%d,\"sequence\":%d,\"due\":%d}"
                .formatted(100_000 + stream, 1_000_000_000L + sequence, 10_000_000_000_000L + dueMicros);
    }

    private static void post(Hook hook, String body) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(hook.address())
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build();
            assertThat(client.send(request, HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(204);
        }
    }

    @Test
    void messagesAreCountedOnceAndTheirTimeIsFromWhenTheyWereDue() throws Exception {
        try (Hook hook = new Hook(() -> 7_000_000L, 0)) {
            hook.measure(3_000_000);
            post(hook, "[" + message(0, 0, 1_000) + "," + message(0, 1, 4_000) + "]");
            post(hook, "[" + message(0, 1, 4_000) + "," + message(1, 1, 5_000) + "]");

            hook.await(3, 30);

            assertThat(hook.distinct()).isEqualTo(3);
            assertThat(hook.twice()).isEqualTo(1);
            assertThat(hook.requests()).isEqualTo(2);
            assertThat(hook.latency().getTotalCount()).isEqualTo(2);
            assertThat(hook.latency().getMaxValue()).isBetween(2_990_000L, 3_010_000L);
        }
    }

    @Test
    void rulesAreMeasuredAtATributaryOnly() {
        StringWriter err = new StringWriter();
        CommandLine line = new CommandLine(new Bench());
        line.setErr(new PrintWriter(err));

        assertThat(line.execute("rules", "--url", "mqtt://127.0.0.1:1")).isEqualTo(2);
        assertThat(err.toString()).contains("rules are Tributary's");
    }
}
