package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tributary.model.DeviceId;

/// What a registry promises about sensors.
abstract class SensorsContract extends RegistryContract {
    @BeforeEach
    void addPump() {
        add("pump-1");
    }

    private Sensors sensors() {
        return registry().sensors();
    }

    private Sensors.Seen seen(String device, String path) {
        return new Sensors.Seen(MAIN, new DeviceId(device), path, Sensors.Kind.NUMBER, clock.instant());
    }

    private List<String> paths() {
        return sensors().of(MAIN, PUMP).stream().map(Sensors.Sensor::path).toList();
    }

    @Test
    void discoveredSensorIsKeptAsItWasFirstSeen() {
        sensors().discovered(List.of(seen("pump-1", "engine.bearing.temp"), seen("pump-1", "x' OR \"1\"=1 --")));
        Sensors.Sensor first = sensors().of(MAIN, PUMP).getFirst();
        clock.advance(HOUR);
        sensors().discovered(List.of(seen("pump-1", "engine.bearing.temp"), seen("pump-1", "engine.bearing.temp")));

        reopen();

        assertThat(paths()).containsExactly("engine.bearing.temp", "x' OR \"1\"=1 --");
        assertThat(sensors().of(MAIN, PUMP).getFirst())
                .isEqualTo(first)
                .isEqualTo(new Sensors.Sensor(
                        MAIN,
                        PUMP,
                        "engine.bearing.temp",
                        Sensors.Kind.NUMBER,
                        "",
                        null,
                        null,
                        clock.instant().minus(HOUR)));
    }

    @Test
    void sensorsOfUnknownDevicesArePassedOver() {
        sensors().discovered(List.of(seen("nobody", "t"), seen("pump-1", "t")));

        assertThat(sensors().all(MAIN, null, 10))
                .extracting(Sensors.Sensor::device)
                .containsExactly(PUMP);
    }

    @Test
    void pathsThatNoDatabaseCanKeepArePassedOver() {
        sensors()
                .discovered(List.of(
                        seen("pump-1", "a\0"),
                        seen("pump-1", ""),
                        seen("pump-1", "x".repeat(2_000)),
                        seen("pump-1", "t")));

        assertThat(paths()).containsExactly("t");
    }

    @Test
    void sensorsBeyondTheLimitOfTheDeviceArePassedOver() {
        reopen(settings -> limits(settings, 10, 5, 100, 10));
        sensors().discovered(List.of(seen("pump-1", "s-0"), seen("pump-1", "s-1")));

        sensors()
                .discovered(IntStream.range(0, 20)
                        .mapToObj(i -> seen("pump-1", "s-" + i))
                        .toList());
        sensors().discovered(List.of(seen("pump-1", "late")));
        reopen(settings -> limits(settings, 10, 5, 100, 10));
        sensors().discovered(List.of(seen("pump-1", "later")));

        assertThat(paths()).containsExactly("s-0", "s-1", "s-2", "s-3", "s-4");
    }

    @Test
    void sensorsBeyondTheLimitOfTheTenantArePassedOver() {
        reopen(settings -> limits(settings, 10, 5, 7, 10));
        add("pump-2");
        sensors()
                .discovered(IntStream.range(0, 5)
                        .mapToObj(i -> seen("pump-1", "s-" + i))
                        .toList());

        sensors()
                .discovered(IntStream.range(0, 5)
                        .mapToObj(i -> seen("pump-2", "s-" + i))
                        .toList());

        assertThat(sensors().all(MAIN, null, 100)).hasSize(7);
        devices().remove(MAIN, PUMP);
        sensors()
                .discovered(IntStream.range(0, 5)
                        .mapToObj(i -> seen("pump-2", "s-" + i))
                        .toList());
        assertThat(sensors().all(MAIN, null, 100)).hasSize(5);
    }

    @Test
    void describedSensorKeepsUnitAndRange() {
        sensors().discovered(List.of(seen("pump-1", "t")));

        Sensors.Sensor described =
                sensors().describe(MAIN, PUMP, "t", "°C", -40.5, 125.0).orElseThrow();
        reopen();

        assertThat(described.unit()).isEqualTo("°C");
        assertThat(described.min()).isEqualTo(-40.5);
        assertThat(described.max()).isEqualTo(125.0);
        assertThat(sensors().of(MAIN, PUMP)).containsExactly(described);
        assertThat(sensors().describe(MAIN, PUMP, "unknown", "", null, null)).isEmpty();
        assertThatThrownBy(() -> sensors().describe(MAIN, PUMP, "t", "", 2.0, 1.0))
                .hasMessageContaining("above");
        assertThatThrownBy(() -> sensors().describe(MAIN, PUMP, "t", "", Double.NaN, null))
                .hasMessageContaining("finite");
    }

    @Test
    void allSensorsArePagedByDeviceAndPath() {
        add("pump-0");
        sensors()
                .discovered(
                        List.of(seen("pump-1", "b"), seen("pump-1", "a"), seen("pump-0", "z"), seen("pump-0", "y")));

        List<Sensors.Sensor> first = sensors().all(MAIN, null, 3);
        List<Sensors.Sensor> second = sensors().all(MAIN, first.getLast(), 3);

        assertThat(first)
                .extracting(s -> s.device() + "/" + s.path())
                .containsExactly("pump-0/y", "pump-0/z", "pump-1/a");
        assertThat(second).extracting(s -> s.device() + "/" + s.path()).containsExactly("pump-1/b");
    }

    @Test
    void sensorsGoWithTheirDevice() {
        sensors().discovered(List.of(seen("pump-1", "t")));

        devices().remove(MAIN, PUMP);
        add("pump-1");

        assertThat(paths()).isEmpty();
        assertThat(sensors().all(MAIN, null, 10)).isEmpty();
    }
}
