package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Device;

/// A whole number of 64 bits comes back with all its digits: from memory, from the file of newest values, and
/// from Parquet.
class ExactNumbersTest {
    private static final DeviceId METER = new DeviceId("meter");
    private static final String LATEST = "/api/v1/devices/meter/latest";

    @TempDir
    Path data;

    private final InstantSource clock = InstantSource.system();

    @Test
    void digitsComeBackFromMemoryAndFromFiles() throws Exception {
        String key;
        try (River river = new River(data, clock)) {
            key = river.key(TenantId.MAIN);
            river.registry.devices().add(new Device(TenantId.MAIN, METER, null, "", Map.of(), "{}", clock.instant()));
            river.publish(
                    TenantId.MAIN,
                    METER,
                    "{\"counter\":18446744073709551615,\"serial\":-9007199254740993,\"plain\":21.5,"
                            + "\"on\":true,\"word\":\"12\"}",
                    false);
            long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
            while (river.lake.latest(TenantId.MAIN, METER).size() < 5) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                Thread.sleep(10);
            }
            assertShown(river, key);
        }
        try (River river = new River(data, clock)) {
            assertThat(river.lake.snapshot(TenantId.MAIN).hot()).isEmpty();
            assertShown(river, key);
        }
        Files.delete(data.resolve("lake/main/newest.bin"));
        try (River river = new River(data, clock)) {
            assertShown(river, key);
            assertThat(river.call("GET", key, "/api/v1/devices/meter/sensors", null)
                            .body())
                    .contains("\"sensor\":\"counter\",\"kind\":\"number\"");
        }
    }

    private static void assertShown(River river, String key) throws Exception {
        assertThat(river.call("GET", key, LATEST, null).body())
                .contains(
                        "\"value\":18446744073709551615,",
                        "\"value\":-9007199254740993,",
                        "\"value\":21.5,",
                        "\"value\":true,",
                        "\"text\":\"12\"");
    }
}
