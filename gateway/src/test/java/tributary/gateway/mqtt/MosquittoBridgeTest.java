package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.model.Message;

/// Debian's Mosquitto connects by its own bridge, which in 3.1.1 shows itself by a bit of the protocol level.
class MosquittoBridgeTest {
    private final House house = new House();

    @TempDir
    Path folder;

    private Process mosquitto;
    private int port;

    @BeforeAll
    static void needsMosquitto() {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/sbin/mosquitto")), "mosquitto installed");
    }

    @AfterEach
    void close() {
        if (mosquitto != null) {
            mosquitto.destroyForcibly();
        }
        house.close();
    }

    private void start(String version) throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = free.getLocalPort();
        }
        Path config = folder.resolve("mosquitto.conf");
        Files.writeString(config, """
                listener %d 127.0.0.1
                allow_anonymous true
                user root
                log_dest stderr
                log_type all
                connection hq
                address 127.0.0.1:%d
                bridge_protocol_version %s
                remote_username hq
                remote_password %s
                remote_clientid site-1
                cleansession false
                restart_timeout 1
                topic devices/# both 1
                """.formatted(port, house.port(), version, house.keys.application("acme", "#")));
        mosquitto = new ProcessBuilder("/usr/sbin/mosquitto", "-c", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        House.await("mosquitto listens", () -> {
            try (Socket socket = new Socket("127.0.0.1", port)) {
                return socket.isConnected();
            } catch (IOException e) {
                return false;
            }
        });
    }

    private Process client(String name, String... more) throws Exception {
        List<String> command = new java.util.ArrayList<>(List.of("/usr/bin/" + name, "-p", Integer.toString(port)));
        command.addAll(List.of(more));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /// What mosquitto logged until now.
    private String said() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> stored() {
        return house.stored().stream()
                .map(message -> message.topic() + " " + new String(message.payload(), StandardCharsets.UTF_8))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqttv311", "mqttv50"})
    void messagesGoBothWaysAndNoneComesBack(String version) throws Exception {
        start(version);
        House.await("it has subscribed", () -> house.broker.counts().subscriptions() == 1);
        Process ear = client("mosquitto_sub", "-i", "ear", "-t", "devices/#", "-q", "1", "-v", "-C", "3", "-W", "120");
        House.await("mosquitto knows of it", () -> said().contains(" ear 1 devices/#"));
        try (BufferedReader out = ear.inputReader()) {
            client("mosquitto_pub", "-t", "devices/boiler/telemetry", "-q", "1", "-r", "-m", "1")
                    .waitFor();
            House.await("it is stored", () -> house.stored().size() == 1);
            assertThat(out.readLine()).isEqualTo("devices/boiler/telemetry 1");
            try (Talk app = Talk.begin(house, Hello.of(4, "app", house.keys.application("acme", "#")))) {
                app.publish(1, "devices/boiler/command", "2");
                House.await("it is stored", () -> house.stored().size() == 2);
            }
            assertThat(out.readLine()).isEqualTo("devices/boiler/command 2");
            client("mosquitto_pub", "-t", "devices/boiler/telemetry", "-q", "1", "-m", "3")
                    .waitFor();
            House.await("it is stored", () -> house.stored().size() == 3);
            assertThat(out.lines()).containsExactly("devices/boiler/telemetry 3");
        }
        assertThat(ear.waitFor(60, TimeUnit.SECONDS)).isTrue();
        Thread.sleep(500);
        assertThat(stored())
                .as("nothing went round")
                .containsExactly(
                        "devices/boiler/telemetry 1", "devices/boiler/command 2", "devices/boiler/telemetry 3");
        assertThat(house.stored().stream().map(Message::retain)).containsExactly(true, false, false);
        assertThat(mosquitto.isAlive()).isTrue();
    }
}
