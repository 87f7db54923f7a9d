package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What a sink could not deliver is read, mended and driven again from the shell.
class DeadLettersIT {
    private static final Duration SOON = Duration.ofSeconds(120);

    @TempDir
    private Path home;

    private ServerProcess.Outcome sink(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("sink"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--data", home.resolve("data").toString()));
        return ServerProcess.run(all.toArray(String[]::new));
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void letterThatLacksAPlaceIsEditedAndArrives() throws Exception {
        BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
        HttpServer receiver = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        receiver.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            arrived.add(exchange.getRequestURI() + " " + body);
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        receiver.start();
        try (ServerProcess server =
                ServerProcess.start(home.resolve("data"), "--set", "sinks.private-addresses=127.0.0.1")) {
            Rest rest = Rest.of(server);
            String token = rest.device("pump-1");
            String url = "http://127.0.0.1:%d/${place}"
                    .formatted(receiver.getAddress().getPort());
            rest.good("PUT", "/api/v1/sinks/hook", Map.of("type", "webhook", "config", Map.of("url", url)));
            rest.good(
                    "PUT",
                    "/api/v1/rules/all",
                    Map.of(
                            "sql",
                            "SELECT * FROM 'devices/+/telemetry'",
                            "state",
                            "on",
                            "actions",
                            List.of(Map.of("sink", "hook"))));
            Await.until(
                    "the rule runs",
                    SOON,
                    () -> rest.good("GET", "/api/v1/rules/all", null)
                            .path("figures")
                            .isObject());
            new Rest(server.http(), token).good("POST", "/api/v1/telemetry", "{\"temp\":7}");
            Await.until("the letter is dead", SOON, () -> letters(rest).size() == 1);
            String position = letters(rest).path(0).path("position").asString();

            ServerProcess.Outcome wrong = sink("dead", "edit", "hook", position, "{\"temp\":");
            assertThat(wrong.exit()).isEqualTo(2);
            assertThat(wrong.err()).contains("the payload is no JSON");
            Path mended = Files.writeString(home.resolve("mended.json"), "{\"temp\": 7, \"place\": \"roof\"}");
            ServerProcess.Outcome edited = sink("dead", "edit", "hook", position, "--file", mended.toString());
            assertThat(edited.exit()).as(edited.err()).isZero();
            assertThat(edited.err()).contains("tributary sink dead retry hook " + position);
            assertThat(arrived).isEmpty();
            assertThat(sink("dead", "retry", "hook", position).exit()).isZero();

            assertThat(arrived.poll(SOON.toSeconds(), TimeUnit.SECONDS))
                    .isEqualTo("/roof {\"temp\":7,\"place\":\"roof\"}");
            Await.until("no letter is left", SOON, () -> letters(rest).isEmpty());
        } finally {
            receiver.stop(0);
        }
    }

    private static JsonNode letters(Rest rest) throws Exception {
        return rest.good("GET", "/api/v1/sinks/hook/dead", null).path("letters");
    }
}
