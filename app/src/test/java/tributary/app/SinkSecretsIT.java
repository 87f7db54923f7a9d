package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.testkit.TestAuthority;

/// Sinks of every kind, each with a secret, fail because nobody listens, because what listens does not speak
/// TLS or is of another authority, and because it does not let them in. What the program says of it anywhere
/// has no secret in it.
class SinkSecretsIT {
    private static final String CANARY = "canary7Qx";
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final String REFUSAL =
            "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno";

    @TempDir
    private Path folder;

    /// What answers of the API said.
    private final ConcurrentLinkedQueue<String> answers = new ConcurrentLinkedQueue<>();

    /// Where sinks are led to, none of which lets them in.
    private record Ports(int closed, int plain, int mqtt) {}

    private record Wish(String type, Map<String, Object> config, Map<String, String> secrets) {}

    private static int closedPort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /// Lets nobody in, in the clear, whatever it is spoken to in; whoever waits to be spoken to is answered after a
    /// while.
    private static ServerSocket bouncer() throws IOException {
        ServerSocket server = new ServerSocket(0, 200, InetAddress.getByName("127.0.0.1"));
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    Thread.ofVirtual().start(() -> bounce(socket));
                } catch (IOException e) {
                    // it is closed, or whoever came went
                }
            }
        });
        return server;
    }

    private static void bounce(Socket socket) {
        try (socket) {
            socket.setSoTimeout(1_000);
            hear(socket);
            socket.getOutputStream().write(REFUSAL.getBytes(StandardCharsets.UTF_8));
            socket.shutdownOutput();
            // what is not read would take the answer back
            while (hear(socket)) {
                // until it is silent
            }
        } catch (IOException e) {
            // it went first
        }
    }

    /// @return whether something was said
    private static boolean hear(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read(new byte[1 << 16]) > 0;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    /// @return by name: every kind in every way of failing that it knows
    private static Map<String, Wish> wishes(Ports ports, TestAuthority.Issued us) {
        Map<String, Wish> all = new TreeMap<>();
        for (String way : List.of("refused", "tls", "plain")) {
            boolean tls = !way.equals("plain");
            int port = way.equals("refused") ? ports.closed : ports.plain;
            String url = (tls ? "https" : "http") + "://127.0.0.1:" + port;
            Map<String, String> own = tls ? Map.of("private-key", us.keyPem()) : Map.of();
            Map<String, Object> shown = tls ? Map.of("certificate", us.pem()) : Map.of();
            put(all, way, "webhook", plus(shown, "url", url), with(own, "token", "signing-key"));
            put(all, way, "ntfy", plus(shown, "url", url, "topic", "ops"), with(own, "token"));
            Map<String, String> hook = new HashMap<>(own);
            hook.put("url", url + "/" + CANARY + "-hook");
            put(all, way, "slack", plus(shown), hook);
            put(
                    all,
                    way,
                    "opensearch",
                    plus(shown, "url", url, "index", "readings", "user", "u"),
                    with(own, "password"));
            put(
                    all,
                    way,
                    "mail",
                    plus(
                            shown,
                            "host",
                            "127.0.0.1",
                            "port",
                            port,
                            "security",
                            tls ? "tls" : "none",
                            "from",
                            "a@example.com",
                            "to",
                            "b@example.com",
                            "user",
                            "u"),
                    with(own, "password"));
            put(
                    all,
                    way,
                    "mqtt",
                    plus(
                            shown,
                            "host",
                            "127.0.0.1",
                            "port",
                            tls ? port : ports.mqtt,
                            "tls",
                            tls,
                            "topic",
                            "t",
                            "user",
                            "pump-1"),
                    with(own, "password"));
            put(
                    all,
                    way,
                    "kafka",
                    plus(shown, "brokers", "127.0.0.1:" + port, "tls", tls, "topic", "t", "user", "u"),
                    with(own, "password"));
            put(
                    all,
                    way,
                    "amqp",
                    plus(shown, "host", "127.0.0.1", "port", port, "tls", tls, "address", "q", "user", "u"),
                    with(own, "password"));
            put(
                    all,
                    way,
                    "postgres",
                    plus(
                            shown,
                            "host",
                            "127.0.0.1",
                            "port",
                            port,
                            "tls",
                            tls ? "verify-full" : "disable",
                            "database",
                            "d",
                            "user",
                            "u",
                            "table",
                            "t",
                            "columns",
                            Map.of("v", "${payload()}")),
                    with(own, "password"));
            put(
                    all,
                    way,
                    "bucket",
                    plus(
                            Map.of(),
                            "bucket",
                            "s3://canary-free/p",
                            "endpoint",
                            url,
                            "path-style",
                            true,
                            "access-key",
                            "AKIAEXAMPLE",
                            "every",
                            "1s"),
                    with(Map.of(), "secret-key"));
        }
        return all;
    }

    private static void put(
            Map<String, Wish> all, String way, String type, Map<String, Object> config, Map<String, String> secrets) {
        all.put(type + "-" + way, new Wish(type, config, secrets));
    }

    private static Map<String, Object> plus(Map<String, Object> some, Object... more) {
        Map<String, Object> all = new HashMap<>(some);
        for (int i = 0; i < more.length; i += 2) {
            all.put(more[i].toString(), more[i + 1]);
        }
        return all;
    }

    private static Map<String, String> with(Map<String, String> own, String... names) {
        Map<String, String> all = new HashMap<>(own);
        for (String name : names) {
            all.put(name, CANARY + "-" + name);
        }
        return all;
    }

    @Test
    void noSecretOfASinkIsSaidAnywhere() throws Exception {
        TestAuthority.Issued us = TestAuthority.root("Site", Instant.now()).issue("tributary");
        Path data = folder.resolve("data");
        try (ServerSocket bouncer = bouncer();
                ServerProcess server = ServerProcess.start(data, "--set", "sinks.private-addresses=127.0.0.1,::1")) {
            Rest rest = Rest.of(server);
            String token = rest.device("pump-1");
            Map<String, Wish> wishes = wishes(new Ports(closedPort(), bouncer.getLocalPort(), server.mqttPort()), us);
            List<Map<String, Object>> actions = new ArrayList<>();
            for (Map.Entry<String, Wish> wish : wishes.entrySet()) {
                say(
                        rest,
                        "PUT",
                        "/api/v1/sinks/" + wish.getKey(),
                        Map.of(
                                "type", wish.getValue().type(),
                                "config", wish.getValue().config(),
                                "secrets", wish.getValue().secrets()));
                actions.add(Map.of("sink", wish.getKey()));
            }
            for (int i = 0; i < actions.size(); i += 10) {
                rest.good(
                        "PUT",
                        "/api/v1/rules/all-" + i,
                        Map.of(
                                "sql", "SELECT * FROM 'devices/+/telemetry'",
                                "state", "on",
                                "actions", actions.subList(i, Math.min(actions.size(), i + 10))));
            }
            new Rest(server.http(), token).good("POST", "/api/v1/devices/pump-1/telemetry", Map.of("t", 21.5));
            tests(rest, wishes);
            for (String name : wishes.keySet()) {
                Await.until(name + " failed", PATIENCE, () -> {
                    JsonNode sink = say(rest, "GET", "/api/v1/sinks/" + name, null);
                    return !sink.path("lastError").asString("").isEmpty();
                });
            }
            say(rest, "GET", "/api/v1/sinks", null);
            say(rest, "GET", "/api/v1/audit", null);
            say(rest, "GET", "/api/v1/status", null);
            assertThat(answers).hasSizeGreaterThan(3 * wishes.size());
            String body = us.keyPem().lines().skip(1).findFirst().orElseThrow();
            bundle(data, body);
            for (String answer : answers) {
                assertThat(answer).doesNotContain(CANARY, encoded(), body);
            }
            assertThat(server.errors())
                    .as("what it says of its doors and of clients of brokers")
                    .contains("refused MQTT", "kafka-tls")
                    .doesNotContain(CANARY, encoded(), body);
            logs(data, body);
        }
    }

    /// @return as it is in a header of Basic, as far as it does not depend on what is around it
    private static String encoded() {
        return Base64.getEncoder()
                .encodeToString(("u:" + CANARY).getBytes(StandardCharsets.UTF_8))
                .substring(0, 14);
    }

    private JsonNode say(Rest rest, String method, String path, @Nullable Object body) throws Exception {
        JsonNode answer = rest.good(method, path, body);
        answers.add(answer.toString());
        return answer;
    }

    /// Tries all of them at once: some wait long before they give up.
    private void tests(Rest rest, Map<String, Wish> wishes) throws Exception {
        try (var together = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (String name : wishes.keySet()) {
                all.add(together.submit(() -> {
                    Rest.Reply reply = rest.call("POST", "/api/v1/sinks/" + name + "/test", null);
                    answers.add(reply.body().toString());
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
    }

    private void bundle(Path data, String key) throws Exception {
        Path file = folder.resolve("bundle.zip");
        ServerProcess.Outcome made = ServerProcess.run("bundle", "--data", data.toString(), "-o", file.toString());
        assertThat(made.exit()).as(made.err()).isZero();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : List.copyOf(Collections.list(zip.entries()))) {
                String text = new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
                assertThat(text).as(entry.getName()).doesNotContain(CANARY, encoded(), key);
            }
        }
    }

    /// Lines of logs, the audit's too; the registry is where secrets are kept.
    private static void logs(Path data, String key) throws Exception {
        List<Path> logs;
        try (Stream<Path> files = Files.walk(data)) {
            logs = files.filter(file -> file.toString().endsWith(".log")
                            && Files.isRegularFile(file)
                            && !file.startsWith(data.resolve("log")))
                    .toList();
        }
        assertThat(logs).as("the audit log at least").isNotEmpty();
        for (Path log : logs) {
            String text = Files.readString(log, StandardCharsets.ISO_8859_1);
            assertThat(text).as(log.toString()).doesNotContain(CANARY, encoded(), key);
        }
    }
}
