package tributary.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A broker that others wrote understands the generator in both versions and at every QoS.
class MosquittoIT {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"3.1.1, 0", "3.1.1, 1", "3.1.1, 2", "5, 1", "5, 2"})
    void mosquittoAcknowledgesEverything(String version, int qos) throws Exception {
        try (MosquittoBroker broker = MosquittoBroker.start(folder)) {
            StringWriter out = new StringWriter();
            int code = new CommandLine(new Bench())
                    .setOut(new PrintWriter(out))
                    .setErr(new PrintWriter(new StringWriter()))
                    .execute(("mqtt --json --connections 5 --count 200 --url " + broker.url() + " --qos " + qos
                                    + " --mqtt-version " + version + " --pid " + broker.pid())
                            .split(" "));

            assertThat(code).isZero();
            JsonNode json = new JsonMapper().readTree(out.toString());
            assertThat(json.path("sent").asInt()).isEqualTo(1000);
            assertThat(json.path("acknowledged").asInt()).isEqualTo(qos == 0 ? 0 : 1000);
            assertThat(json.path("serverResidentBytes").asLong()).isPositive();
        }
    }
}
