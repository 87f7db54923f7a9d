package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import tributary.model.DeviceId;
import tributary.model.TenantId;

/// What a registry promises about tenants and devices.
abstract class DevicesContract extends RegistryContract {
    private static final String HOSTILE = "x\"; DROP TABLE device; -- ' OR 1=1 \\ \uD83D\uDE80 \u202E %_!";

    @Test
    void freshRegistryHasTheMainTenant() {
        assertThat(registry().tenants().all()).extracting(Tenants.Tenant::id).containsExactly(MAIN);
    }

    @Test
    void addedTenantIsFoundAfterARestart() {
        Tenants.Tenant added = registry().tenants().add(OTHER, HOSTILE);

        reopen();

        assertThat(registry().tenants().find(OTHER)).contains(added);
        assertThat(registry().tenants().all()).extracting(Tenants.Tenant::id).containsExactly(MAIN, OTHER);
    }

    @Test
    void sameTenantTwiceIsRefused() {
        registry().tenants().add(OTHER, "Other");

        assertThatThrownBy(() -> registry().tenants().add(OTHER, "Again"))
                .isInstanceOf(AlreadyExistsException.class)
                .hasMessageContaining("other");
        assertThat(registry().tenants().find(OTHER))
                .get()
                .extracting(Tenants.Tenant::title)
                .isEqualTo("Other");
    }

    @Test
    void deviceComesBackByteForByteAfterARestart() {
        Device device = new Device(
                MAIN,
                new DeviceId("pümp:1.a_b-c"),
                null,
                HOSTILE,
                Map.of("site", "brisbane", HOSTILE, HOSTILE),
                "{\"note\": \"%s\"}".formatted(HOSTILE.replace("\\", "\\\\").replace("\"", "\\\"")),
                clock.instant());

        assertThat(devices().add(device)).isEqualTo(device);
        reopen();

        assertThat(devices().find(MAIN, device.id())).contains(device);
        assertThat(devices().list(MAIN, Devices.Filter.ALL, null, 10)).containsExactly(device);
    }

    @Test
    void sameDeviceTwiceIsRefusedAndChangesNothing() {
        Device first = add("pump-1");

        assertThatThrownBy(() -> devices().add(new Device(MAIN, PUMP, null, "other", Map.of(), "{}", clock.instant())))
                .isInstanceOf(AlreadyExistsException.class)
                .hasMessageContaining("pump-1");
        assertThat(devices().find(MAIN, PUMP)).contains(first);
    }

    @Test
    void tenantsDoNotSeeEachOthersDevices() {
        registry().tenants().add(OTHER, "Other");
        add("pump-1");
        add(OTHER, "pump-2", null);

        assertThat(devices().exists(OTHER, PUMP)).isFalse();
        assertThat(devices().find(OTHER, PUMP)).isEmpty();
        assertThat(devices().carries(OTHER, PUMP, PUMP)).isFalse();
        assertThat(devices().remove(OTHER, PUMP)).isFalse();
        assertThat(devices().replace(device(OTHER, "pump-1", null))).isEmpty();
        assertThat(devices().list(OTHER, Devices.Filter.ALL, null, 10))
                .extracting(Device::id)
                .containsExactly(new DeviceId("pump-2"));
        assertThatThrownBy(() -> add(OTHER, "pump-3", "pump-1")).hasMessageContaining("no device 'pump-1'");
    }

    @Test
    void devicesAreCountedByTenant() {
        registry().tenants().add(OTHER, "Other");
        assertThat(devices().count(MAIN)).isZero();
        add("pump-1");
        add("pump-2");
        add(OTHER, "pump-2", null);
        assertThat(devices().count(MAIN)).isEqualTo(2);
        assertThat(devices().count(OTHER)).isEqualTo(1);
        assertThat(devices().remove(MAIN, PUMP)).isTrue();
        assertThat(devices().count(MAIN)).isEqualTo(1);
    }

    @Test
    void unknownTenantIsRefused() {
        TenantId nobody = new TenantId("nobody");

        assertThatThrownBy(() -> add(nobody, "pump-1", null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no tenant 'nobody'");
        assertThat(devices().exists(nobody, PUMP)).isFalse();
        assertThat(devices().list(nobody, Devices.Filter.ALL, null, 10)).isEmpty();
    }

    @Test
    void gatewayCarriesWhatIsBelowItAtAnyDepth() {
        add("gateway");
        add(MAIN, "machine", "gateway");
        add(MAIN, "motor", "machine");
        add("elsewhere");

        assertCarried();
        reopen();
        assertCarried();
    }

    private void assertCarried() {
        DeviceId gateway = new DeviceId("gateway");
        DeviceId motor = new DeviceId("motor");
        assertThat(devices().carries(MAIN, gateway, motor)).isTrue();
        assertThat(devices().carries(MAIN, motor, motor)).isTrue();
        assertThat(devices().carries(MAIN, motor, gateway)).isFalse();
        assertThat(devices().carries(MAIN, new DeviceId("elsewhere"), motor)).isFalse();
        assertThat(devices().carries(MAIN, new DeviceId("unknown"), motor)).isFalse();
        assertThat(devices().carries(MAIN, new DeviceId("unknown"), new DeviceId("unknown")))
                .isFalse();
    }

    @Test
    void unknownParentIsRefused() {
        assertThatThrownBy(() -> add(MAIN, "machine", "nowhere"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nowhere");
        assertThat(devices().exists(MAIN, new DeviceId("machine"))).isFalse();
    }

    @Test
    void ninthLevelOfATreeIsRefused() {
        add("level-1");
        for (int level = 2; level <= 8; level++) {
            add(MAIN, "level-" + level, "level-" + (level - 1));
        }

        assertThatThrownBy(() -> add(MAIN, "level-9", "level-8")).hasMessageContaining("at most 8 levels");
    }

    @Test
    void subtreeThatWouldGetTooDeepCannotBeMoved() {
        add("low-1");
        add(MAIN, "low-2", "low-1");
        add("high-1");
        for (int level = 2; level <= 7; level++) {
            add(MAIN, "high-" + level, "high-" + (level - 1));
        }

        assertThatThrownBy(() -> devices().replace(device(MAIN, "low-1", "high-7")))
                .hasMessageContaining("at most 8 levels");
        assertThat(devices().replace(device(MAIN, "low-1", "high-6"))).isPresent();
        assertThat(devices().carries(MAIN, new DeviceId("high-1"), new DeviceId("low-2")))
                .isTrue();
    }

    @Test
    void deviceCannotBeMovedBelowItself() {
        add("a");
        add(MAIN, "b", "a");

        assertThatThrownBy(() -> devices().replace(device(MAIN, "a", "b"))).hasMessageContaining("cannot carry");
        assertThatThrownBy(() -> devices().replace(device(MAIN, "a", "a"))).hasMessageContaining("cannot carry");
        assertThat(devices().find(MAIN, new DeviceId("a")))
                .get()
                .extracting(Device::parent)
                .isNull();
    }

    @Test
    void replacedDeviceKeepsItsBirthday() {
        Device born = add("pump-1");
        clock.advance(HOUR);

        Device now = devices()
                .replace(new Device(MAIN, PUMP, null, "pump", Map.of("a", "1"), "{\"x\":1}", clock.instant()))
                .orElseThrow();

        assertThat(now)
                .isEqualTo(new Device(MAIN, PUMP, null, "pump", Map.of("a", "1"), "{\"x\":1}", born.createdAt()));
        assertThat(devices().find(MAIN, PUMP)).contains(now);
        assertThat(devices().replace(device(MAIN, "unknown", null))).isEmpty();
    }

    @Test
    void childrenOfARemovedDeviceLiveOnWithoutAParent() {
        add("gateway");
        add(MAIN, "machine", "gateway");

        assertThat(devices().remove(MAIN, new DeviceId("gateway"))).isTrue();

        assertThat(devices().remove(MAIN, new DeviceId("gateway"))).isFalse();
        assertThat(devices().exists(MAIN, new DeviceId("gateway"))).isFalse();
        assertThat(devices().find(MAIN, new DeviceId("machine")))
                .get()
                .extracting(Device::parent)
                .isNull();
        add("gateway");
        assertThat(devices().carries(MAIN, new DeviceId("gateway"), new DeviceId("machine")))
                .isFalse();
    }

    @Test
    void listIsPagedInOrderOfId() {
        List.of("b", "a", "C", "d-2", "d-10").forEach(this::add);

        List<Device> first = devices().list(MAIN, Devices.Filter.ALL, null, 3);
        List<Device> second =
                devices().list(MAIN, Devices.Filter.ALL, first.getLast().id(), 3);

        assertThat(first).extracting(device -> device.id().value()).containsExactly("C", "a", "b");
        assertThat(second).extracting(device -> device.id().value()).containsExactly("d-10", "d-2");
        assertThatThrownBy(() -> devices().list(MAIN, Devices.Filter.ALL, null, 1_001))
                .hasMessageContaining("1000");
    }

    @Test
    void partOfTheListIsFoundByItsPlaceAndSaysHowManyThereAre() {
        for (int i = 0; i < 25; i++) {
            add("pump-%02d".formatted(i));
        }
        add("boiler");
        Devices.Filter pumps = new Devices.Filter("PUMP", "", null, Map.of());

        Devices.Part middle = devices().part(MAIN, pumps, 10, 3);
        assertThat(middle.devices())
                .extracting(one -> one.id().value())
                .containsExactly("pump-10", "pump-11", "pump-12");
        assertThat(middle.total()).isEqualTo(25);
        assertThat(devices().part(MAIN, pumps, 24, 3).devices())
                .extracting(one -> one.id().value())
                .containsExactly("pump-24");
        assertThat(devices().part(MAIN, pumps, 25, 3)).isEqualTo(new Devices.Part(List.of(), 25));
        assertThat(devices().part(MAIN, Devices.Filter.ALL, 0, 1).total()).isEqualTo(26);
        assertThat(devices().part(OTHER, Devices.Filter.ALL, 0, 1).total()).isZero();
        assertThatThrownBy(() -> devices().part(MAIN, pumps, -1, 3)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void listIsNarrowedByTextTypeParentAndLabels() {
        add("gateway");
        devices()
                .add(new Device(
                        MAIN,
                        new DeviceId("Pump_1"),
                        new DeviceId("gateway"),
                        "pump",
                        Map.of("site", "brisbane", "line", "1"),
                        "{}",
                        clock.instant()));
        devices()
                .add(new Device(
                        MAIN, new DeviceId("pumpA2"), null, "pump", Map.of("site", "brisbane"), "{}", clock.instant()));

        assertThat(ids(new Devices.Filter("pump", "", null, Map.of()))).containsExactly("Pump_1", "pumpA2");
        assertThat(ids(new Devices.Filter("p_1", "", null, Map.of()))).containsExactly("Pump_1");
        assertThat(ids(new Devices.Filter("%", "", null, Map.of()))).isEmpty();
        assertThat(ids(new Devices.Filter("", "pump", null, Map.of()))).containsExactly("Pump_1", "pumpA2");
        assertThat(ids(new Devices.Filter("", "", new DeviceId("gateway"), Map.of())))
                .containsExactly("Pump_1");
        assertThat(ids(new Devices.Filter("", "", null, Map.of("site", "brisbane"))))
                .containsExactly("Pump_1", "pumpA2");
        assertThat(ids(new Devices.Filter("", "", null, Map.of("site", "brisbane", "line", "1"))))
                .containsExactly("Pump_1");
        assertThat(ids(new Devices.Filter("", "", null, Map.of("site", HOSTILE))))
                .isEmpty();
    }

    private List<String> ids(Devices.Filter filter) {
        return devices().list(MAIN, filter, null, 100).stream()
                .map(device -> device.id().value())
                .toList();
    }

    @Test
    void typesAreThoseThatDevicesOfTheTenantHaveNow() {
        registry().tenants().add(OTHER, "Other");
        assertThat(registry().devices().types(MAIN)).isEmpty();
        for (String id : List.of("p1", "p2", "f1", "plain")) {
            String type = id.equals("plain") ? "" : id.startsWith("p") ? "pump" : "fan";
            registry().devices().add(new Device(MAIN, new DeviceId(id), null, type, Map.of(), "{}", clock.instant()));
        }
        registry().devices().add(new Device(OTHER, new DeviceId("z"), null, "zebra", Map.of(), "{}", clock.instant()));

        assertThat(registry().devices().types(MAIN)).containsExactly("fan", "pump");
        registry().devices().remove(MAIN, new DeviceId("f1"));
        assertThat(registry().devices().types(MAIN)).containsExactly("pump");
    }

    @Test
    void deviceBeyondTheLimitOfTheTenantIsRefused() {
        reopen(settings -> limits(settings, 2, 10, 10, 10));
        add("a");
        add("b");

        assertThatThrownBy(() -> add("c")).hasMessageContaining("registry.devices-per-tenant");
        devices().remove(MAIN, new DeviceId("a"));
        add("c");
    }

    @Test
    void whatNoDatabaseCanKeepIsRefused() {
        assertThatThrownBy(() -> typed("a\0b")).hasMessageContaining("NUL");
        assertThatThrownBy(() -> typed("\uD83D")).hasMessageContaining("surrogate");
        assertThatThrownBy(() -> typed("x".repeat(101))).hasMessageContaining("at most 100 bytes");
        for (String metadata : List.of("[]", "", "{", "{} {}", "{\"a\":}", "null")) {
            assertThatThrownBy(
                            () -> devices().add(new Device(MAIN, PUMP, null, "", Map.of(), metadata, clock.instant())))
                    .hasMessageContaining("one JSON object");
        }
        assertThat(devices().exists(MAIN, PUMP)).isFalse();
    }

    private void typed(String type) {
        devices().add(new Device(MAIN, PUMP, null, type, Map.of(), "{}", clock.instant()));
    }

    @Test
    void versionGrowsWithEveryChangeAndOverARestart() {
        List<Long> versions = new ArrayList<>();
        versions.add(devices().version(MAIN));
        add("pump-1");
        versions.add(devices().version(MAIN));
        devices().replace(device(MAIN, "pump-1", null));
        versions.add(devices().version(MAIN));
        registry()
                .sensors()
                .discovered(List.of(new Sensors.Seen(MAIN, PUMP, "t", Sensors.Kind.NUMBER, clock.instant())));
        versions.add(devices().version(MAIN));
        registry().sensors().describe(MAIN, PUMP, "t", "°C", null, null);
        versions.add(devices().version(MAIN));
        devices().remove(MAIN, PUMP);
        versions.add(devices().version(MAIN));
        clock.advance(HOUR);
        reopen();
        versions.add(devices().version(MAIN));

        assertThat(versions).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void manyThreadsLeaveMemoryAndDatabaseAlike() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                int own = thread;
                running.add(threads.submit(() -> churn(own)));
            }
            for (Future<?> one : running) {
                one.get();
            }
        }

        List<String> before = ids(Devices.Filter.ALL);
        assertThat(before).allMatch(id -> devices().exists(MAIN, new DeviceId(id)));
        assertThat(before).hasSize(8 * 5);
        reopen();
        assertThat(ids(Devices.Filter.ALL)).isEqualTo(before);
    }

    @Test
    void deviceIsSeenForTheFirstTimeOnce() {
        add("pump-1");
        add("pump-2");
        Sightings sightings = registry().sightings();
        assertThat(sightings.known(MAIN, PUMP)).isFalse();

        Map<DeviceId, Instant> both = Map.of(PUMP, clock.instant(), new DeviceId("nobody"), clock.instant());
        assertThat(sightings.note(MAIN, both)).containsExactly(PUMP);
        assertThat(sightings.note(MAIN, both)).isEmpty();
        assertThat(sightings.known(MAIN, PUMP)).isTrue();
        assertThat(sightings.known(MAIN, new DeviceId("pump-2"))).isFalse();

        reopen();
        assertThat(registry().sightings().known(MAIN, PUMP)).isTrue();
        assertThat(registry().sightings().known(MAIN, new DeviceId("pump-2"))).isFalse();
        assertThat(registry().sightings().known(MAIN, new DeviceId("nobody"))).isTrue();
    }

    @Test
    void deviceThatIsRemovedAndAddedAgainIsANewOne() {
        add("pump-1");
        registry().sightings().note(MAIN, Map.of(PUMP, clock.instant()));
        devices().remove(MAIN, PUMP);
        add("pump-1");

        assertThat(registry().sightings().known(MAIN, PUMP)).isFalse();
        assertThat(registry().sightings().note(MAIN, Map.of(PUMP, clock.instant())))
                .containsExactly(PUMP);
    }

    /// Adds ten devices and removes every other one, while others do the same and read.
    private void churn(int thread) {
        for (int i = 0; i < 10; i++) {
            String id = "d-" + thread + "-" + i;
            add(id);
            credentials().issueToken(MAIN, new DeviceId(id), null);
            assertThat(devices().list(MAIN, Devices.Filter.ALL, null, 100)).isNotEmpty();
            if (i % 2 == 0) {
                assertThat(devices().remove(MAIN, new DeviceId(id))).isTrue();
            }
        }
    }
}
