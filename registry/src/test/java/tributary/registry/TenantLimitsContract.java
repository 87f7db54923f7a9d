package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.TenantLimits.Limit;

/// What a registry promises about limits of one tenant.
abstract class TenantLimitsContract extends RegistryContract {
    @BeforeEach
    void addOther() {
        registry().tenants().add(OTHER, "Other");
    }

    private TenantLimits limits() {
        return registry().limits();
    }

    @Test
    void limitHoldsForItsTenantOnlyAndOverARestart() {
        assertThat(limits().of(OTHER, Limit.STREAMS, 20)).isEqualTo(20);
        assertThat(limits().nameFor(OTHER, Limit.STREAMS)).isEqualTo("api.streams-per-tenant-max");

        assertThat(limits().set(OTHER, Map.of(Limit.STREAMS, 3L, Limit.RETAINED_BYTES, 1L << 40)))
                .isTrue();

        for (int i = 0; i < 2; i++) {
            assertThat(limits().of(OTHER, Limit.STREAMS, 20)).isEqualTo(3);
            assertThat(limits().of(OTHER, Limit.DEVICES, 77)).isEqualTo(77);
            assertThat(limits().of(MAIN, Limit.STREAMS, 20)).isEqualTo(20);
            assertThat(limits().nameFor(OTHER, Limit.STREAMS)).isEqualTo("the tenant's own limit 'streams'");
            assertThat(limits().all())
                    .isEqualTo(Map.of(OTHER, Map.of(Limit.STREAMS, 3L, Limit.RETAINED_BYTES, 1L << 40)));
            reopen();
        }

        limits().set(OTHER, Map.of(Limit.DEVICES, 5L));
        assertThat(limits().of(OTHER, Limit.STREAMS, 20))
                .as("what is not there is as the settings say")
                .isEqualTo(20);
        limits().set(OTHER, Map.of());
        reopen();
        assertThat(limits().all()).isEmpty();
    }

    @Test
    void devicesAndSensorsAreHeldToTheLimitAsItIsNow() {
        limits().set(OTHER, Map.of(Limit.DEVICES, 2L, Limit.SENSORS, 3L));
        add(OTHER, "a", null);
        add(OTHER, "b", null);
        assertThatThrownBy(() -> add(OTHER, "c", null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("its most of 2 devices (the tenant's own limit 'devices')");
        IntStream.range(0, 5).forEach(i -> add(MAIN, "m" + i, null));
        registry().sensors().discovered(seen(OTHER, 5));
        registry().sensors().discovered(seen(MAIN, 5));
        assertThat(registry().sensors().count(OTHER)).isEqualTo(3);
        assertThat(registry().sensors().count(MAIN)).isEqualTo(5);

        limits().set(OTHER, Map.of(Limit.DEVICES, 3L, Limit.SENSORS, 4L));

        add(OTHER, "c", null);
        registry().sensors().discovered(seen(OTHER, 5));
        assertThat(registry().sensors().count(OTHER)).isEqualTo(4);
        limits().set(OTHER, Map.of(Limit.DEVICES, 1L));
        assertThat(devices().count(OTHER)).as("what is there stays").isEqualTo(3);
        assertThatThrownBy(() -> add(OTHER, "d", null)).hasMessageContaining("its most of 1 devices");
    }

    private List<Sensors.Seen> seen(TenantId tenant, int count) {
        String device = tenant.equals(MAIN) ? "m0" : "a";
        return IntStream.range(0, count)
                .mapToObj(i ->
                        new Sensors.Seen(tenant, new DeviceId(device), "s" + i, Sensors.Kind.NUMBER, clock.instant()))
                .toList();
    }

    @Test
    void valueThatMayNotBeSetIsRefusedWithWhatMayBe() {
        limits().set(OTHER, Map.of(Limit.STREAMS, 3L));
        assertThatThrownBy(() -> limits().set(OTHER, Map.of(Limit.STREAMS, 0L, Limit.DEVICES, 9L)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'streams' is 1 to 10000 (live streams at once), was 0");
        assertThatThrownBy(() -> limits().set(OTHER, Map.of(Limit.MESSAGE_RATE, 100_000_001L)))
                .hasMessageContaining("'messageRate' is 0 to 100000000");
        assertThat(limits().all()).isEqualTo(Map.of(OTHER, Map.of(Limit.STREAMS, 3L)));
        assertThat(limits().set(new TenantId("nobody"), Map.of(Limit.STREAMS, 3L)))
                .isFalse();
    }

    @Test
    void changesAreHeardAndSoIsTheEndOfTheTenant() {
        List<Map<TenantId, Map<Limit, Long>>> heard = new ArrayList<>();
        TenantLimits limits = limits();
        limits.onChange(() -> heard.add(limits.all()));

        limits.set(OTHER, Map.of(Limit.DEVICES, 5L));
        limits.set(OTHER, Map.of(Limit.DEVICES, 5L));
        registry().tenants().remove(OTHER);

        assertThat(heard).containsExactly(Map.of(OTHER, Map.of(Limit.DEVICES, 5L)), Map.of());
        registry().tenants().erased(OTHER);
        registry().tenants().add(OTHER, "Another");
        assertThat(limits.of(OTHER, Limit.DEVICES, 7)).as("of the next one").isEqualTo(7);
    }
}
