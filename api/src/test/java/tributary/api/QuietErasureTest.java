package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tributary.log.LogSettings;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Device;

/// An erasure ends `log.keep` after the tables have nothing any more, also where so little is sent that a
/// segment of the log would not be full for weeks.
class QuietErasureTest {
    private static final DeviceId PUMP = new DeviceId("pump");
    private static final DeviceId OTHER = new DeviceId("other");

    /// A megabyte a segment, of which the test sends a few bytes.
    private static final LogSettings ROOMY =
            new LogSettings(1, 1 << 20, 1 << 20, 64 << 10, Duration.ofMillis(1), 64 << 20);

    @TempDir
    Path data;

    private final InstantSource clock = InstantSource.system();

    @Test
    @Timeout(300)
    void erasureIsDoneThoughNoSegmentIsFull() throws Exception {
        try (River river = new River(data, clock, ROOMY)) {
            String key = river.key(TenantId.MAIN);
            for (DeviceId device : new DeviceId[] {PUMP, OTHER}) {
                river.registry
                        .devices()
                        .add(new Device(TenantId.MAIN, device, null, "", Map.of(), "{}", clock.instant()));
            }
            river.publish(TenantId.MAIN, OTHER, "{\"n\":1}", false);
            river.publish(TenantId.MAIN, PUMP, "{\"n\":1}", false);
            assertThat(river.call("POST", key, "/api/v1/erasures", "{\"device\":\"pump\"}")
                            .statusCode())
                    .isEqualTo(201);

            boolean sent = false;
            String phase = "";
            long deadline = System.nanoTime() + Duration.ofSeconds(240).toNanos();
            while (!phase.equals("done")) {
                assertThat(System.nanoTime()).as("phase " + phase).isLessThan(deadline);
                if (phase.equals("log") && !sent) {
                    assertThat(river.log.start(0)).isZero();
                    river.publish(TenantId.MAIN, OTHER, "{\"n\":2}", false);
                    sent = true;
                }
                Thread.sleep(20);
                phase = river.get(key, "/api/v1/erasures")
                        .path("erasures")
                        .path(0)
                        .path("phase")
                        .asString("");
            }
            assertThat(river.log.start(0)).isPositive();
        }
    }
}
