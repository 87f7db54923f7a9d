package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.DeviceId;
import tributary.model.Settings;
import tributary.model.TenantId;

/// Holds the page beside the code to the code.
final class ReadmeTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(registry\\.[a-z-]+)` \\| `?([^`|]*?)`? \\|");

    @TempDir
    Path data;

    @Test
    void exampleRuns() throws IOException {
        // README begin
        Registry registry =
                SqlRegistry.open(RegistrySettings.DEFAULTS, data, InstantSource.system(), new SecureRandom());
        Device pump = new Device(TenantId.MAIN, new DeviceId("pump-1"), null, "pump", Map.of(), "{}", Instant.EPOCH);
        registry.devices().add(pump);
        String token = registry.credentials()
                .issueToken(TenantId.MAIN, pump.id(), null)
                .secret();
        Credentials.Verdict verdict = registry.credentials().verify(token);
        // README end
        assertThat(verdict).isInstanceOf(Credentials.Verdict.Accepted.class);
        registry.close();

        String source = Files.readString(Path.of("src/test/java/tributary/registry/ReadmeTest.java"));
        String ran = source.substring(source.indexOf("// README begin") + 15, source.indexOf("// README end"));
        String page = Files.readString(Path.of("README.md"));
        String shown = page.substring(page.indexOf("```java") + 7, page.indexOf("```", page.indexOf("```java") + 7));
        assertThat(shown.replaceAll("\\s+", "")).isEqualTo(ran.replaceAll("\\s+", ""));
    }

    @Test
    void everySettingIsInTheTableWithItsDefault() throws IOException {
        Settings settings = new Settings(Map.of());
        assertThat(RegistrySettings.read(settings)).isEqualTo(RegistrySettings.DEFAULTS);
        Map<String, String> documented = new TreeMap<>();
        Matcher row = ROW.matcher(Files.readString(Path.of("README.md")));
        while (row.find()) {
            documented.put(row.group(1), row.group(2).equals("empty") ? "" : row.group(2));
        }

        assertThat(documented)
                .isEqualTo(settings.known().entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    @Test
    void wrongSettingsAreReportedTogether() {
        Settings settings = new Settings(
                Map.of("registry.url", "jdbc:mysql://x", "registry.devices-per-tenant", "0", "registry.issuer", ""));

        RegistrySettings.read(settings);

        assertThat(settings.problems())
                .anyMatch(problem -> problem.startsWith("registry.url must begin with jdbc:postgresql:"))
                .anyMatch(problem -> problem.startsWith("registry.devices-per-tenant must be"))
                .anyMatch(problem -> problem.startsWith("registry.issuer must not be empty"));
    }
}
