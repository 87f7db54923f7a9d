package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Runs where Debian's `mosquitto-clients` is installed.
class MosquittoClientTest {
    private final House house = new House();

    @BeforeAll
    static void needsTheClients() {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/mosquitto_pub")), "mosquitto-clients installed");
    }

    @AfterEach
    void close() {
        house.close();
    }

    @ParameterizedTest
    @CsvSource({"mqttv311, 0", "mqttv311, 1", "mqttv311, 2", "mqttv5, 0", "mqttv5, 1", "mqttv5, 2"})
    void publishesAndHears(String version, String qos) throws Exception {
        Process ear = start(
                "mosquitto_sub",
                version,
                house.keys.application("acme", "#"),
                "-t",
                "devices/#",
                "-q",
                qos,
                "-C",
                "1",
                "-v");
        House.await("it has subscribed", () -> house.broker.counts().subscriptions() == 1);
        Process mouth = start(
                "mosquitto_pub",
                version,
                house.keys.device("acme", "boiler"),
                "-u",
                "boiler",
                "-t",
                "t",
                "-q",
                qos,
                "-m",
                "{\"temp\":21.5}");
        assertThat(mouth.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(mouth.exitValue()).isZero();
        try (BufferedReader out = ear.inputReader()) {
            assertThat(out.readLine()).isEqualTo("devices/boiler/telemetry {\"temp\":21.5}");
        }
        assertThat(ear.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void refusalIsShownToThePerson() throws Exception {
        Process mouth = start(
                "mosquitto_pub",
                "mqttv5",
                house.keys.device("acme", "boiler"),
                "-t",
                "devices/pump/telemetry",
                "-q",
                "1",
                "-m",
                "1");
        assertThat(mouth.waitFor(60, TimeUnit.SECONDS)).isTrue();
        try (BufferedReader out = mouth.inputReader()) {
            assertThat(out.readAllAsString()).containsIgnoringCase("not authorized");
        }
    }

    @ParameterizedTest
    @CsvSource({"mqttv311, 4", "mqttv5, 5"})
    void requestIsAnswered(String version, int level) throws Exception {
        String token = house.keys.application("acme", "#");
        try (Talk responder = Talk.begin(house, Hello.of(level, "responder", token))) {
            responder.subscribe("requests/time", 1);
            Process asker = start(
                    "mosquitto_rr",
                    version,
                    token,
                    "-t",
                    "requests/time",
                    "-e",
                    "answers/asker",
                    "-q",
                    "1",
                    "-m",
                    "what time is it?",
                    "-W",
                    "60");
            Heard request = responder.take();
            assertThat(request.payload()).isEqualTo("what time is it?");
            Fields answer = Fields.NONE;
            if (level == 5) {
                assertThat(request.fields().text(Fields.RESPONSE_TOPIC)).isEqualTo("answers/asker");
                if (request.fields().has(Fields.CORRELATION)) {
                    answer = answer.binary(Fields.CORRELATION, request.fields().binary(Fields.CORRELATION));
                }
            }
            responder.publish(1, "answers/asker", "high time", false, answer);
            try (BufferedReader out = asker.inputReader()) {
                assertThat(out.readLine()).isEqualTo("high time");
            }
            assertThat(asker.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    private Process start(String program, String version, String token, String... more) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(program, "-h", "127.0.0.1", "-p", Integer.toString(house.port()), "-V", version, "-P", token));
        if (!List.of(more).contains("-u")) {
            command.addAll(List.of("-u", ""));
        }
        command.addAll(List.of(more));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }
}
