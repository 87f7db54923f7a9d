package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.app.ServerProcess.Outcome;

/// The demo as a newcomer meets it: history, rules, an alarm, the small commands around it; and all of it gone again.
class DemoIT {
    private static final Duration SOON = Duration.ofSeconds(120);

    @TempDir
    Path folder;

    @Test
    void demoShowsAWeekAndAnAlarmAndGoesAwayWithoutATraceAndWithoutTouchingAnythingElse() throws Exception {
        Path data = folder.resolve("data");
        try (ServerProcess server = ServerProcess.demo(data, "--set", "lake.idle-age=1s")) {
            Rest rest = Rest.of(server);
            rest.device("mine");
            rest.good("POST", "/api/v1/devices/mine/telemetry", "{\"temp\": 3}");
            rest.good(
                    "PUT", "/api/v1/rules/mine", "{\"sql\": \"SELECT temp FROM 'devices/mine/#'\", \"state\": \"on\"}");
            Await.until(
                    "an alarm",
                    SOON,
                    () -> !rest.good("GET", "/api/v1/alerts?rule=demo-bearing", null)
                            .path("alerts")
                            .isEmpty());
            Await.until(
                    "a week",
                    SOON,
                    () -> rest.number("SELECT count(DISTINCT ts::DATE) FROM readings WHERE device = 'pump-1'") >= 7);

            toolsTellOfIt(server, data);
            Outcome would = run(data, "demo", "--remove", "--dry-run");
            assertThat(would.exit()).as(would.err()).isZero();
            assertThat(would.err()).containsPattern("would remove 12 devices, 2 rules and [1-9][0-9.,]* rows");
            assertThat(rest.number("SELECT count(*) FROM devices")).isEqualTo(13);

            Outcome removed = run(data, "demo", "--remove");

            assertThat(removed.exit()).as(removed.err()).isZero();
            assertThat(removed.err()).contains("removed 12 devices, 2 rules");
            assertThat(rest.good("GET", "/api/v1/alerts", null).path("alerts").size())
                    .isZero();
            assertThat(rest.good("GET", "/api/v1/rules", null).path("rules").size())
                    .isEqualTo(1);
            assertThat(rest.number("SELECT count(*) FROM devices")).isEqualTo(1);
            for (String table : List.of("readings", "messages", "events", "sensors")) {
                assertThat(rest.number("SELECT count(*) FROM " + table + " WHERE device LIKE 'pump-%'"))
                        .as(table)
                        .isZero();
            }
            assertThat(rest.number("SELECT count(*) FROM readings WHERE device = 'mine'"))
                    .isEqualTo(1);
        }
        Outcome again = run(data, "demo", "--remove");
        assertThat(again.exit()).as(again.err()).isZero();
        assertThat(again.err()).contains("removed 0 devices, 0 rules and 0 rows");
    }

    @Test
    void demoLeavesADeviceOfSomebodysAlone() throws Exception {
        Path data = folder.resolve("other");
        try (ServerProcess server = ServerProcess.start(data)) {
            Rest.of(server).device("pump-3");
            server.stop();
        }

        Outcome demo = run(data, "demo", "--mqtt-port", "0", "--http-port", "0");

        assertThat(demo.exit()).isEqualTo(6);
        assertThat(demo.err()).contains("a device pump-3 is there already and is not the demo's");
    }

    private void toolsTellOfIt(ServerProcess server, Path data) throws Exception {
        Outcome top = run(data, "top");
        assertThat(top.exit()).as(top.err()).isZero();
        assertThat(top.out()).contains("healthy", "messages/s", "  pump-1", "nothing was refused");

        Outcome doctor = run(data, "doctor");
        assertThat(doctor.out()).contains("server       healthy", "flush        p50", "disk");

        assertThat(run(data, "complete", "--", "device", "sh").out().strip()).isEqualTo("show");
        assertThat(run(data, "complete", "--", "dem").out().strip()).isEqualTo("demo");

        snippetPublishes(data);
        bundleHasNoSecretsAndNoNames(server, data);
        everyAddressOfTheReadyLineAnswers(server);
    }

    private void snippetPublishes(Path data) throws Exception {
        Outcome line = run(data, "snippet", "curl", "pasted");
        assertThat(line.exit()).as(line.err()).isZero();
        Process shell = new ProcessBuilder("bash", "-c", line.out())
                .redirectErrorStream(true)
                .start();
        assertThat(shell.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(shell.exitValue()).isZero();
        Await.until("its values are shown", SOON, () -> {
            String shown = run(data, "device", "show", "pasted").out();
            return shown.contains("temperature") && shown.contains("21.5");
        });
        assertThat(run(data, "device", "rm", "pasted", "--with-data", "--yes").exit())
                .isZero();
    }

    private void bundleHasNoSecretsAndNoNames(ServerProcess server, Path data)
            throws IOException, InterruptedException {
        Path file = folder.resolve("bundle.zip");
        Outcome bundle = run(data, "bundle", "-o", file.toString());
        assertThat(bundle.exit()).as(bundle.err()).isZero();
        List<String> names = new ArrayList<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : List.copyOf(Collections.list(zip.entries()))) {
                String text = new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
                names.add(entry.getName());
                assertThat(text).as(entry.getName()).isNotBlank().doesNotContain(server.key(), "pump-1");
            }
        }
        assertThat(names)
                .containsExactly(
                        "tributary-bundle/versions.txt",
                        "tributary-bundle/doctor.txt",
                        "tributary-bundle/settings.txt",
                        "tributary-bundle/files.txt",
                        "tributary-bundle/status.json",
                        "tributary-bundle/metrics.txt");
        assertThat(run(data, "bundle", "-o", file.toString()).exit()).isEqualTo(6);
        Files.delete(file);
    }

    private void everyAddressOfTheReadyLineAnswers(ServerProcess server) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (String path : List.of("/", "/openapi.json", "/metrics", "/health/ready")) {
                HttpResponse<Void> answer = client.send(
                        HttpRequest.newBuilder(URI.create(server.http() + path)).build(),
                        HttpResponse.BodyHandlers.discarding());
                assertThat(answer.statusCode()).as(path).isEqualTo(200);
            }
        }
    }

    private static Outcome run(Path data, String command, String... more) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(command));
        arguments.addAll(List.of(more));
        if (!command.equals("complete")) {
            arguments.addAll(List.of("--data", data.toString()));
        }
        return ServerProcess.run(arguments.toArray(String[]::new));
    }
}
