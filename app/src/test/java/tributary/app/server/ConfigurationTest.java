package tributary.app.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationTest {
    @TempDir
    private Path folder;

    @Test
    void flagsOverruleTheEnvironmentAndTheEnvironmentOverrulesTheFile() throws IOException {
        Path file = Files.writeString(
                folder.resolve("tributary.yaml"), "http:\n  port: 8001\n  host: 127.0.0.2\nmqtt.port: 1801\n");

        ServerSettings settings = Configuration.read(
                file,
                Map.of("TRIBUTARY_HTTP_PORT", "8002", "TRIBUTARY_MQTT_PORT", "1802"),
                Map.of("mqtt.port", "1803"));

        assertThat(settings.http().host()).isEqualTo("127.0.0.2");
        assertThat(settings.http().port()).isEqualTo(8002);
        assertThat(settings.mqtt().port()).isEqualTo(1803);
    }

    @Test
    void withoutAnythingTheDefaultsListenOnLoopbackOnly() {
        ServerSettings settings = Configuration.read(folder.resolve("none.yaml"), Map.of(), Map.of());

        assertThat(settings.http().host()).isEqualTo("127.0.0.1");
        assertThat(settings.mqtt().host()).isEqualTo("127.0.0.1");
    }

    @Test
    void whatTheLauncherReadsFromTheEnvironmentIsNoMistake() throws IOException {
        Pattern variable = Pattern.compile("TRIBUTARY_[A-Z_]+");
        String launcher = Files.readString(Path.of("../tributary"));
        Map<String, String> environment = variable.matcher(launcher)
                .results()
                .collect(Collectors.toMap(MatchResult::group, _ -> "now", (one, _) -> one));

        assertThat(environment).containsKeys("TRIBUTARY_AOT", "TRIBUTARY_HEAP");
        Configuration.read(folder.resolve("none.yaml"), environment, Map.of());
    }

    @Test
    void everyMistakeIsReportedTogetherWithWhatIsAllowed() throws IOException {
        Path file = Files.writeString(folder.resolve("tributary.yaml"), "mqtt:\n  prot: 1\nhttp:\n  port: [1, 2]\n");

        assertThatThrownBy(() ->
                        Configuration.read(file, Map.of("TRIBUTARY_HTTP_PROT", "1"), Map.of("mqtt.port", "seventy")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("the configuration has 4 mistakes")
                .hasMessageContaining("mqtt.prot is not a setting; did you mean mqtt.port?")
                .hasMessageContaining("http.port must be one value, was a list")
                .hasMessageContaining("TRIBUTARY_HTTP_PROT in the environment is not a setting;"
                        + " did you mean TRIBUTARY_HTTP_PORT?")
                .hasMessageContaining("mqtt.port must be a whole number from 0 to 65535, was 'seventy'");
    }

    @Test
    void aFileThatIsNotYamlIsSaidToBeNone() throws IOException {
        Path file = Files.writeString(folder.resolve("tributary.yaml"), "a: [");

        assertThatThrownBy(() -> Configuration.read(file, Map.of(), Map.of())).hasMessageContaining("is not YAML");
    }
}
