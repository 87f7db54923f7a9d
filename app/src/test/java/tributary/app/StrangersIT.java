package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3ConnAckException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The running program towards strangers: which doors there are, and whom it asks.
class StrangersIT {
    private static final String LISTENS = "0A";

    @TempDir
    private static Path data;

    private static ServerProcess server;

    @BeforeAll
    static void start() throws IOException {
        server = ServerProcess.start(data.resolve("data"));
    }

    @AfterAll
    static void stop() throws InterruptedException {
        server.close();
    }

    /// There is no door between servers, for management or for debugging, that somebody could pretend at.
    @Test
    void nothingListensButTheDoorsThatItsReadyLineNames() throws IOException {
        Set<Integer> doors = new TreeSet<>(
                Set.of(server.mqttPort(), URI.create(server.http()).getPort()));

        assertThat(listening()).isEqualTo(doors);
    }

    @Test
    void tokenThatNamesAnAddressOfKeysMakesItAskNobody() throws Exception {
        try (ServerSocket keys = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            String address = "http://127.0.0.1:" + keys.getLocalPort() + "/keys.json";
            for (String name : List.of("jku", "x5u", "iss")) {
                String head = "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"%s\",\"%s\":\"%s\"}"
                        .formatted(address, name, address);
                String body = "{\"iss\":\"%s\",\"sub\":\"pump\",\"exp\":4102444800}".formatted(address);
                String token = part(head) + "." + part(body) + "." + part("signed by somebody");
                for (String path : List.of("/api/v1/telemetry", "/api/v1/devices")) {
                    assertThat(status(path, token)).as(path + " " + name).isEqualTo(401);
                }
            }
            keys.setSoTimeout(1); // whoever was asked before the answers stands in the queue
            assertThat(asked(keys)).as("somebody was asked for keys").isFalse();
        }
    }

    /// Without `--anonymous`, that is.
    @Test
    void clientWithoutACredentialIsNotLetIn() {
        Mqtt3AsyncClient nobody = Mqtt3Client.builder()
                .serverHost("127.0.0.1")
                .serverPort(server.mqttPort())
                .identifier("nobody")
                .buildAsync();

        assertThatThrownBy(() -> nobody.connect().get(60, TimeUnit.SECONDS))
                .hasCauseInstanceOf(Mqtt3ConnAckException.class);
    }

    private static boolean asked(ServerSocket keys) throws IOException {
        try {
            keys.accept().close();
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    private static int status(String path, String token) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(server.http() + path))
                    .header("Authorization", "Bearer " + token)
                    .POST(HttpRequest.BodyPublishers.ofString("{\"id\":\"pump\"}"))
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        }
    }

    private static String part(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /// What Linux says about the process: its sockets of TCP that wait for somebody.
    private static Set<Integer> listening() throws IOException {
        Path process = Path.of("/proc", Long.toString(server.pid()));
        Set<String> own;
        try (Stream<Path> files = Files.list(process.resolve("fd"))) {
            own = files.map(StrangersIT::target)
                    .filter(target -> target.startsWith("socket:["))
                    .map(target -> target.substring(8, target.length() - 1))
                    .collect(Collectors.toSet());
        }
        Set<Integer> ports = new TreeSet<>();
        for (String table : List.of("net/tcp", "net/tcp6")) {
            for (String line : Files.readAllLines(process.resolve(table))) {
                String[] words = line.strip().split("\\s+");
                if (words.length > 9 && words[3].equals(LISTENS) && own.contains(words[9])) {
                    ports.add(Integer.parseInt(words[1].substring(words[1].indexOf(':') + 1), 16));
                }
            }
        }
        return ports;
    }

    private static String target(Path file) {
        try {
            return Files.readSymbolicLink(file).toString();
        } catch (IOException e) {
            return ""; // closed meanwhile
        }
    }
}
