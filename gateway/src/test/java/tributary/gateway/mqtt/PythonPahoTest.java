package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tributary.gateway.IntakeSettings;
import tributary.gateway.tls.DevelopmentCertificates;
import tributary.gateway.tls.ServerTls;
import tributary.gateway.tls.TlsSettings;

/// Eclipse Paho for Python, where Debian's `python3-paho-mqtt` is installed.
class PythonPahoTest {
    private static final String PYTHON = "/usr/bin/python3";

    private final House house = new House();

    @BeforeAll
    static void needsPaho() throws Exception {
        boolean there = Files.isExecutable(Path.of(PYTHON))
                && new ProcessBuilder(PYTHON, "-c", "import paho.mqtt.client")
                                .redirectErrorStream(true)
                                .start()
                                .waitFor()
                        == 0;
        Assumptions.assumeTrue(there, "python3-paho-mqtt installed");
    }

    @AfterEach
    void close() {
        house.close();
    }

    @ParameterizedTest
    @CsvSource({"messages, 4", "messages, 5", "properties, 5", "will, 4", "will, 5"})
    void talksToTheDoor(String part, String version) throws Exception {
        run(part, version);
    }

    @ParameterizedTest
    @CsvSource({"sessions, 4", "sessions, 5", "retained, 4", "retained, 5"})
    void findsWhatWasKept(String part, String version) throws Exception {
        run(part, version);
    }

    @ParameterizedTest
    @CsvSource({"messages, 4", "messages, 5", "sessions, 4", "sessions, 5"})
    void talksOverWebSocket(String part, String version) throws Exception {
        try (WebHouse web = new WebHouse()) {
            run(part, version, web.port(), web.house.keys.application("acme", "#"), "websockets");
        }
    }

    @ParameterizedTest
    @CsvSource({"messages, 4", "messages, 5", "sessions, 4", "sessions, 5"})
    void talksOverTls(String part, String version, @TempDir Path folder) throws Exception {
        DevelopmentCertificates made = new DevelopmentCertificates(folder, InstantSource.system(), new SecureRandom());
        made.make(List.of());
        try (House secured = new House(IntakeSettings.DEFAULTS, House.small().onTls(0));
                ServerTls tls = ServerTls.open(
                        TlsSettings.DEFAULTS.with(made.certificate(), made.key()), null, InstantSource.system())) {
            secured.door.listenTls(tls);
            String token = secured.keys.application("acme", "#");
            run(
                    part,
                    version,
                    secured.door.tlsPort(),
                    token,
                    "tcp",
                    made.authority().toString());
        }
    }

    private void run(String part, String version) throws Exception {
        run(part, version, house.port(), house.keys.application("acme", "#"));
    }

    private static void run(String part, String version, int port, String token, String... how) throws Exception {
        Path script = Path.of(Objects.requireNonNull(PythonPahoTest.class.getResource("/paho_conversation.py"))
                .toURI());
        List<String> command =
                new ArrayList<>(List.of(PYTHON, "-B", script.toString(), part, Integer.toString(port), version, token));
        command.addAll(List.of(how));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(said).isEmpty();
        assertThat(process.exitValue()).isZero();
    }
}
