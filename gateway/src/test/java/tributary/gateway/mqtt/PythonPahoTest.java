package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    private void run(String part, String version) throws Exception {
        Path script = Path.of(Objects.requireNonNull(PythonPahoTest.class.getResource("/paho_conversation.py"))
                .toURI());
        String token = house.keys.application("acme", "#");
        List<String> command =
                List.of(PYTHON, "-B", script.toString(), part, Integer.toString(house.port()), version, token);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(said).isEmpty();
        assertThat(process.exitValue()).isZero();
    }
}
