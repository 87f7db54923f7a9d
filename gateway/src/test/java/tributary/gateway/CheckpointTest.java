package tributary.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.gateway.Admission.Accepted;
import tributary.gateway.Admission.Reason;
import tributary.gateway.Admission.Refused;
import tributary.gateway.Admission.Throttled;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.model.TopicFilter;
import tributary.registry.Principal;
import tributary.registry.RegistrySettings;
import tributary.registry.SqlRegistry;
import tributary.registry.TenantLimits;
import tributary.registry.TenantLimits.Limit;

class CheckpointTest {
    @TempDir
    Path data;

    private static final Caller CALLER = Caller.of(Message.Origin.MQTT, "192.168.1.40", null, "client");

    private final DeviceTree devices = new DeviceTree()
            .with("acme", "gateway")
            .with("acme", "pump", "gateway")
            .with("acme", "motor", "pump")
            .with("acme", "boiler")
            .with("other", "stranger");
    private final MemoryLog log = new MemoryLog();
    private Instant now = Instant.parse("2026-01-01T00:00:00.123456Z");
    private final Checkpoint intake = checkpoint(IntakeSettings.DEFAULTS);

    @AfterEach
    void close() {
        log.close();
    }

    @ParameterizedTest
    @CsvSource({
        "t,                               devices/gateway/telemetry,      gateway",
        "devices/me/telemetry,            devices/gateway/telemetry,      gateway",
        "devices/me/telemetry/door/open,  devices/gateway/telemetry/door/open, gateway",
        "devices/gateway/events,          devices/gateway/events,         gateway",
        "devices/pump/telemetry,          devices/pump/telemetry,         pump",
        "devices/motor/telemetry,         devices/motor/telemetry,        motor",
    })
    void deviceMayPublishAsItselfAndAsTheDevicesItCarries(String typed, String resolved, String device) {
        Message message = accepted(device("gateway"), typed);

        assertThat(message.topic()).isEqualTo(new Topic(resolved));
        assertThat(message.device()).isEqualTo(new DeviceId(device));
        assertThat(message.tenant()).isEqualTo(new TenantId("acme"));
    }

    @ParameterizedTest
    @CsvSource({
        "devices/boiler/telemetry,   NOT_ALLOWED",
        "devices/stranger/telemetry, NOT_ALLOWED",
        "devices/nobody/telemetry,   NOT_ALLOWED",
        "devices/gateway,            NOT_ALLOWED",
        "tt,                         NOT_ALLOWED",
        "weather/brisbane,           NOT_ALLOWED",
        "$SYS/broker,                NOT_ALLOWED",
        "$share/g/t,                 NOT_ALLOWED",
        "devices/+/telemetry,        TOPIC_INVALID",
        "devices/gateway/#,          TOPIC_INVALID",
        "devices/a b/telemetry,      TOPIC_INVALID",
        "devices//telemetry,         TOPIC_INVALID",
    })
    void deviceMayPublishNowhereElse(String typed, Reason reason) {
        assertThat(refused(device("gateway"), typed).reason()).isEqualTo(reason);
    }

    @Test
    void carriedDeviceMayNotPublishAsItsCarrier() {
        assertThat(refused(device("pump"), "devices/gateway/telemetry").detail())
                .isEqualTo("device 'pump' may publish as itself and as the devices it carries, and 'gateway' is not one"
                        + " of them; make 'pump' its parent or publish with its own credential");
    }

    @Test
    void scopeAddsTopicsAndTheMessageStaysTheDevices() {
        Message message = accepted(device("boiler", "weather/+"), "weather/brisbane");

        assertThat(message.device()).isEqualTo(new DeviceId("boiler"));
    }

    @Test
    void applicationPublishesWhereItsFiltersAllow() {
        Principal application = application("#");

        assertThat(accepted(application, "weather/brisbane").device()).isNull();
        assertThat(accepted(application, "devices/boiler/telemetry").device()).isEqualTo(new DeviceId("boiler"));
        assertThat(refused(application, "devices/nobody/telemetry"))
                .isEqualTo(new Refused(
                        Reason.UNKNOWN_DEVICE,
                        "there is no device 'nobody'; add it first: tributary device add nobody"));
        assertThat(refused(application, "devices/stranger/telemetry").reason())
                .as("another tenant's device does not exist here")
                .isEqualTo(Reason.UNKNOWN_DEVICE);
        assertThat(accepted(application, "t").topic())
                .as("short for a device only")
                .isEqualTo(new Topic("t"));
        assertThat(refused(application, "devices/me/telemetry").reason()).isEqualTo(Reason.TOPIC_INVALID);
        assertThat(accepted(application, "$aws/things/x/shadow").topic()).isEqualTo(new Topic("$aws/things/x/shadow"));
        for (String own : List.of("$SYS/x", "$SYS", "$share/g/x")) {
            assertThat(refused(application, own).reason()).isEqualTo(Reason.NOT_ALLOWED);
        }
        assertThat(refused(application("+/#"), "$aws/x").reason()).isEqualTo(Reason.NOT_ALLOWED);
        assertThat(refused(application("weather/#"), "devices/boiler/telemetry").reason())
                .isEqualTo(Reason.NOT_ALLOWED);
    }

    @Test
    void stampsTheTimeOfArrivalInMicroseconds() {
        assertThat(accepted(device("boiler"), "t").receivedMicros()).isEqualTo(1_767_225_600_123_456L);
    }

    @Test
    void routeOfADeviceThatLeftItsGatewayIsLookedAtAnew() {
        Principal gateway = device("gateway");
        Route route = intake.route(gateway, "devices/pump/telemetry");
        assertThat(intake.admit(routed(route))).isInstanceOf(Accepted.class);

        devices.remove(new TenantId("acme"), new DeviceId("pump"));

        assertThat(intake.admit(routed(route))).isInstanceOf(Refused.class);
    }

    @Test
    void expiredCredentialPublishesNothing() {
        Principal expiring = new Principal(
                new TenantId("acme"),
                "device:boiler",
                Principal.Kind.DEVICE,
                new DeviceId("boiler"),
                Principal.Role.DEVICE,
                Set.of(),
                Set.of(),
                now.plusSeconds(1),
                "c1");
        assertThat(accepted(expiring, "t")).isNotNull();

        now = now.plusSeconds(1);

        assertThat(refused(expiring, "t").reason()).isEqualTo(Reason.EXPIRED_CREDENTIAL);
    }

    @Test
    void payloadOverTheLimitIsRefusedWithTheLimit() {
        Checkpoint small = checkpoint(new IntakeSettings(10, 0, 0, 0));

        assertThat(small.admit(publish(device("boiler"), "t", new byte[10]))).isInstanceOf(Accepted.class);
        assertThat(small.admit(publish(device("boiler"), "t", new byte[11])))
                .isEqualTo(new Refused(
                        Reason.TOO_LARGE,
                        "the payload has 11 bytes and at most 10 are allowed (intake.payload-bytes-max); send it in"
                                + " parts"));
    }

    @Test
    void deviceOverItsRateIsThrottledAndOthersAreNot() {
        Checkpoint limited = checkpoint(new IntakeSettings(100, 5, 0, 0));
        for (int i = 0; i < 5; i++) {
            assertThat(limited.admit(publish(device("boiler"), "t"))).isInstanceOf(Accepted.class);
        }

        Throttled throttled = (Throttled) limited.admit(publish(device("boiler"), "t"));

        assertThat(throttled.limit()).isEqualTo("intake.device-rate, 5 messages a second");
        assertThat(throttled.retryAfter()).isBetween(Duration.ofMillis(1), Duration.ofMillis(200));
        assertThat(limited.admit(publish(device("pump"), "t"))).isInstanceOf(Accepted.class);
        now = now.plus(throttled.retryAfter());
        assertThat(limited.admit(publish(device("boiler"), "t"))).isInstanceOf(Accepted.class);
        assertThat(limited.admit(publish(device("boiler"), "t"))).isInstanceOf(Throttled.class);
        assertThat(limited.counts().throttledDevice()).isEqualTo(2);
    }

    @Test
    void tenantRateHoldsForAllItsDevicesTogetherAndCostsThemNothing() {
        Checkpoint limited = checkpoint(new IntakeSettings(100, 2, 0, 3));
        assertThat(limited.admit(publish(device("boiler"), "t"))).isInstanceOf(Accepted.class);
        assertThat(limited.admit(publish(device("pump"), "t"))).isInstanceOf(Accepted.class);
        assertThat(limited.admit(publish(device("pump"), "t"))).isInstanceOf(Accepted.class);

        assertThat(limited.admit(publish(device("boiler"), "t")))
                .isInstanceOfSatisfying(
                        Throttled.class, t -> assertThat(t.limit()).startsWith("intake.tenant-rate"));
        now = now.plusMillis(400);
        assertThat(limited.admit(publish(device("boiler"), "t")))
                .as("the refused one was not taken from the device's allowance")
                .isInstanceOf(Accepted.class);
    }

    @Test
    void addressRateHoldsForAllDevicesBehindItAndForNobodyElse() {
        Checkpoint limited = checkpoint(new IntakeSettings(100, 0, 2, 0));
        assertThat(limited.admit(publish(device("boiler"), "t"))).isInstanceOf(Accepted.class);
        assertThat(limited.admit(publish(device("pump"), "t"))).isInstanceOf(Accepted.class);

        assertThat(limited.admit(publish(device("boiler"), "t")))
                .isInstanceOfSatisfying(
                        Throttled.class,
                        t -> assertThat(t.limit()).isEqualTo("intake.address-rate, 2 messages a second"));
        assertThat(limited.admit(publishFrom("192.168.1.41"))).isInstanceOf(Accepted.class);
        assertThat(limited.admit(publishFrom("")))
                .as("of an address that is not known")
                .isInstanceOf(Accepted.class);
        assertThat(limited.counts().throttledAddress()).isEqualTo(1);
    }

    @Test
    void rateOfATenantsOwnHoldsInPlaceOfTheSettingFromTheNextMessageOn() {
        try (SqlRegistry registry =
                SqlRegistry.open(RegistrySettings.DEFAULTS, data, InstantSource.system(), new SecureRandom())) {
            TenantId acme = new TenantId("acme");
            registry.tenants().add(acme, "Acme");
            TenantLimits limits = registry.limits();
            limits.set(acme, Map.of(Limit.MESSAGE_RATE, 2L));
            Checkpoint limited = checkpoint(IntakeSettings.DEFAULTS).heldTo(limits);
            assertThat(admitted(limited, "boiler", 3)).as("from the start on").isEqualTo(2);
            assertThat(admitted(limited, "pump", 1)).as("of the same tenant").isZero();
            assertThat(limited.admit(publish(stranger(), "t")))
                    .as("another tenant has the setting's, which is none")
                    .isInstanceOf(Accepted.class);

            limits.set(acme, Map.of(Limit.MESSAGE_RATE, 5L));
            assertThat(admitted(limited, "boiler", 9)).as("a higher one").isEqualTo(5);
            limits.set(acme, Map.of(Limit.MESSAGE_RATE, 5L, Limit.DEVICES, 7L));
            assertThat(admitted(limited, "boiler", 9))
                    .as("a change of another limit gives nothing back")
                    .isZero();
            assertThat(limited.admit(publish(device("boiler"), "t")))
                    .isInstanceOfSatisfying(
                            Throttled.class,
                            t -> assertThat(t.limit()).isEqualTo("the tenant's own messageRate, 5 messages a second"));

            limits.set(acme, Map.of(Limit.DEVICE_RATE, 1L));
            assertThat(admitted(limited, "boiler", 3)).isEqualTo(1);
            assertThat(admitted(limited, "pump", 3))
                    .as("each device has its own")
                    .isEqualTo(1);
            limits.set(acme, Map.of());
            assertThat(admitted(limited, "boiler", 50)).as("the setting again").isEqualTo(50);
        }
    }

    @Test
    void tenantMayBeFreeOfTheLimitThatOthersHave() {
        try (SqlRegistry registry =
                SqlRegistry.open(RegistrySettings.DEFAULTS, data, InstantSource.system(), new SecureRandom())) {
            TenantId acme = new TenantId("acme");
            registry.tenants().add(acme, "Acme");
            Checkpoint limited = checkpoint(new IntakeSettings(100, 2, 0, 3)).heldTo(registry.limits());
            assertThat(admitted(limited, "boiler", 9)).isEqualTo(2);

            registry.limits().set(acme, Map.of(Limit.DEVICE_RATE, 0L, Limit.MESSAGE_RATE, 0L));

            assertThat(admitted(limited, "boiler", 50)).isEqualTo(50);
            registry.tenants().remove(acme);
            assertThat(admitted(limited, "boiler", 50))
                    .as("whoever gets the name finds the setting, and what was used of it")
                    .isZero();
        }
    }

    private static int admitted(Checkpoint by, String device, int messages) {
        int admitted = 0;
        for (int i = 0; i < messages; i++) {
            admitted += by.admit(publish(device(device), "t")) instanceof Accepted ? 1 : 0;
        }
        return admitted;
    }

    @Test
    void clockThatGoesBackDoesNotLockADeviceOut() {
        Checkpoint limited = checkpoint(new IntakeSettings(100, 1, 0, 0));
        assertThat(limited.admit(publish(device("boiler"), "t"))).isInstanceOf(Accepted.class);

        now = now.minusSeconds(3600);

        assertThat(limited.admit(publish(device("boiler"), "t"))).isInstanceOf(Accepted.class);
    }

    @Test
    void everyDecisionIsCounted() {
        accepted(device("boiler"), "t");
        refused(device("boiler"), "x");
        refused(device("boiler"), "#");

        assertThat(intake.counts().accepted()).isEqualTo(1);
        assertThat(intake.counts().refused())
                .containsOnlyKeys(Reason.values())
                .containsEntry(Reason.NOT_ALLOWED, 1L)
                .containsEntry(Reason.TOPIC_INVALID, 1L)
                .containsEntry(Reason.TOO_LARGE, 0L);
    }

    @ParameterizedTest
    @CsvSource({
        "devices/me/#,           devices/gateway/#",
        "devices/gateway/#,      devices/gateway/#",
        "devices/pump/commands,  devices/pump/commands",
        "devices/motor/+/x,      devices/motor/+/x",
        "t,                      devices/gateway/telemetry",
        "news/sport,             news/sport",
        "news/+,                 news/+",
    })
    void deviceHearsItsPartOfTheTreeAndItsScope(String typed, String resolved) {
        assertThat(intake.hear(device("gateway", "news/+"), typed, CALLER))
                .isEqualTo(new Hearing.Granted(new TopicFilter(resolved)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"#", "+/#", "devices/#", "devices/+/telemetry", "devices/boiler/#", "news/#", "news", "+/sport"})
    void deviceHearsNothingElse(String filter) {
        assertThat(intake.hear(device("gateway", "news/+"), filter, CALLER))
                .isInstanceOfSatisfying(
                        Hearing.Denied.class,
                        denied -> assertThat(denied.reason()).isEqualTo(Hearing.Reason.NOT_ALLOWED));
    }

    @ParameterizedTest
    @CsvSource({
        "$SYS,              NOT_ALLOWED",
        "$SYSTEM/#,         NOT_ALLOWED",
        "$queue/#,          NOT_ALLOWED",
        "a/#/b,             FILTER_INVALID",
        "a+,                FILTER_INVALID",
        "devices/me/#,      FILTER_INVALID",
    })
    void nobodyHearsThePlatformsOwnTopics(String filter, Hearing.Reason reason) {
        assertThat(intake.hear(application("#"), filter, CALLER))
                .isInstanceOfSatisfying(
                        Hearing.Denied.class,
                        denied -> assertThat(denied.reason()).isEqualTo(reason));
    }

    private Checkpoint checkpoint(IntakeSettings settings) {
        return new Checkpoint(
                settings, devices, log, new RecentAttempts(AttemptSettings.DEFAULTS, devices, () -> now), () -> now);
    }

    @Test
    void nobodySpeaksOrHearsForATenantThatWasRemoved() {
        Principal pump = device("pump");
        Principal everything = application("#");
        Route route = intake.route(everything, "plant/line");
        assertThat(route).isInstanceOf(Route.Open.class);

        devices.remove(new TenantId("acme"));

        assertThat(intake.fresh(route)).isInstanceOf(Route.Closed.class);
        for (String topic : List.of("plant/line", "devices/pump/telemetry", "$other")) {
            assertThat(refused(everything, topic).reason()).isEqualTo(Reason.NOT_ALLOWED);
            assertThat(intake.hear(everything, topic, CALLER)).isInstanceOf(Hearing.Denied.class);
        }
        assertThat(refused(pump, "t").detail()).isEqualTo("the tenant was removed");
        assertThat(intake.hear(pump, "devices/me/#", CALLER)).isInstanceOf(Hearing.Denied.class);
    }

    private Message accepted(Principal principal, String topic) {
        Admission admission = intake.admit(publish(principal, topic));
        assertThat(admission).isInstanceOf(Accepted.class);
        return ((Accepted) admission).message();
    }

    private Refused refused(Principal principal, String topic) {
        Admission admission = intake.admit(publish(principal, topic));
        assertThat(admission).isInstanceOf(Refused.class);
        return (Refused) admission;
    }

    private static Intake.Publish publish(Principal principal, String topic) {
        return publish(principal, topic, new byte[] {'1'});
    }

    private static Intake.Publish publish(Principal principal, String topic, byte[] payload) {
        return new Intake.Publish(
                principal, topic, payload, Message.Origin.MQTT, "client", 1, false, MessageProperties.NONE, CALLER);
    }

    private static Intake.Publish publishFrom(String address) {
        Caller caller = Caller.of(Message.Origin.MQTT, address, null, "client");
        return new Intake.Publish(
                device("boiler"),
                "t",
                new byte[] {'1'},
                Message.Origin.MQTT,
                "client",
                1,
                false,
                MessageProperties.NONE,
                caller);
    }

    private static Intake.Routed routed(Route route) {
        return new Intake.Routed(
                route, new byte[] {'1'}, Message.Origin.MQTT, "client", 1, false, MessageProperties.NONE, CALLER);
    }

    private static Principal device(String id, String... scope) {
        return principal(Principal.Kind.DEVICE, new DeviceId(id), "device:" + id, scope);
    }

    private static Principal stranger() {
        Set<TopicFilter> all = Set.of(new TopicFilter("#"));
        return new Principal(
                new TenantId("other"),
                "device:stranger",
                Principal.Kind.DEVICE,
                new DeviceId("stranger"),
                Principal.Role.DEVICE,
                all,
                all,
                null,
                "c2");
    }

    private static Principal application(String... scope) {
        return principal(Principal.Kind.APPLICATION, null, "key:1", scope);
    }

    private static Principal principal(Principal.Kind kind, DeviceId device, String subject, String... scope) {
        Set<TopicFilter> filters = Stream.of(scope).map(TopicFilter::new).collect(Collectors.toSet());
        return new Principal(
                new TenantId("acme"), subject, kind, device, Principal.Role.DEVICE, filters, filters, null, "c1");
    }
}
