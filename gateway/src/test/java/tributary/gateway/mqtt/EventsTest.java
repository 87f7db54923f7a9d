package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.websocket.WsRouting;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tributary.broker.Broker;
import tributary.broker.BrokerSettings;
import tributary.decode.EventFormat;
import tributary.gateway.AttemptSettings;
import tributary.gateway.Checkpoint;
import tributary.gateway.DeviceTree;
import tributary.gateway.EventLog;
import tributary.gateway.IntakeSettings;
import tributary.gateway.KeyRing;
import tributary.gateway.LivePresence;
import tributary.gateway.MemoryLog;
import tributary.gateway.NoCertificates;
import tributary.gateway.Presence;
import tributary.gateway.RecentAttempts;
import tributary.gateway.SeenDevices;
import tributary.gateway.http.HttpDoor;
import tributary.gateway.http.HttpSettings;
import tributary.gateway.ws.WsDoor;
import tributary.gateway.ws.WsSettings;
import tributary.model.DeviceId;
import tributary.model.Event;
import tributary.model.TenantId;

/// What stands in the log of who came, went and was refused, over real sockets; and who counts as connected.
class EventsTest {
    private static final TenantId ACME = new TenantId("acme");

    private final MemoryLog log = new MemoryLog();
    private final MemoryLog journal = new MemoryLog(1);
    private final DeviceTree devices = new DeviceTree()
            .with("acme", "gw")
            .with("acme", "pump", "gw")
            .with("acme", "valve", "gw")
            .with("acme", "boiler");
    private final KeyRing keys = new KeyRing();
    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
    private final InstantSource clock = () -> InstantSource.system().instant().plus(ahead.get());
    private final SeenDevices seen = new SeenDevices();
    private final EventLog events = EventLog.open(log, seen, clock);
    private final LivePresence presence = new LivePresence(devices, seen, events, clock);
    private final RecentAttempts attempts =
            new RecentAttempts(AttemptSettings.DEFAULTS, devices, clock, events::refused);
    private final Broker broker =
            Broker.start(BrokerSettings.DEFAULTS, new Broker.World(log, journal, devices, clock, System::nanoTime));
    private final Checkpoint intake =
            new Checkpoint(IntakeSettings.DEFAULTS, devices, log, new Checkpoint.Notes(attempts, presence), clock);
    private final MqttDoor door =
            MqttDoor.open(House.small(), intake, broker, new MqttDoor.Identities(keys, new NoCertificates()), clock);

    EventsTest() {
        events.lookAfter(presence);
    }

    @AfterEach
    void close() {
        log.full(false);
        log.release();
        door.close();
        events.close();
        broker.close();
        log.close();
        journal.close();
    }

    @Test
    void comingAndGoingAreEventsWithAReason() throws Exception {
        try (Wire wire = Wire.signedIn(door.port(), 5, "ESP-3F", keys.device("acme", "boiler"))) {
            assertThat(standing("boiler").connected()).isTrue();
            wire.send(Wire.hex("e0 00"));
            wire.untilClosed();
        }
        assertThat(shown(3))
                .containsExactly(
                        "first-seen boiler mqtt ESP-3F 127.0.0.1 device:boiler",
                        "connected boiler mqtt ESP-3F 127.0.0.1 device:boiler",
                        "disconnected boiler mqtt ESP-3F 127.0.0.1 device:boiler goodbye: the client said goodbye");
        Presence.Standing after = standing("boiler");
        assertThat(after.connected()).isFalse();
        assertThat(after.reason()).isEqualTo("the client said goodbye");
        assertThat(after.endedMicros()).isPositive();
    }

    @Test
    void lostConnectionAndDisconnectByTheServerSaySo() throws Exception {
        String token = keys.device("acme", "boiler");
        try (Wire wire = Wire.signedIn(door.port(), 4, "one", token)) {
            assertThat(wire).isNotNull();
        }
        awaitEvents(3);
        try (Wire wire = Wire.signedIn(door.port(), 4, "two", token)) {
            keys.revokeSecret(token);
            wire.untilClosed();
        }
        assertThat(shown(5))
                .element(2)
                .asString()
                .endsWith("connection-lost: the connection broke, or the client closed it without a goodbye");
        assertThat(shown(5)).last().asString().contains("two").contains("not-authorized: the credential was revoked");
    }

    @Test
    void takenOverConnectionEndsBeforeTheNewOneBegins() throws Exception {
        String token = keys.device("acme", "boiler");
        try (Wire first = Wire.signedIn(door.port(), 5, "same", token);
                Wire second = Wire.signedIn(door.port(), 5, "same", token)) {
            first.untilClosed();
            assertThat(shown(4).subList(1, 4))
                    .containsExactly(
                            "connected boiler mqtt same 127.0.0.1 device:boiler",
                            "disconnected boiler mqtt same 127.0.0.1 device:boiler session-taken-over: another"
                                    + " connection signed in with this client id",
                            "connected boiler mqtt same 127.0.0.1 device:boiler");
            assertThat(second.silentFor(50)).isTrue();
            assertThat(standing("boiler").connected()).isTrue();
        }
    }

    @Test
    void devicesBelowAGatewayAreConnectedThroughItAsLongAsItIs() throws Exception {
        try (Wire gateway = Wire.signedIn(door.port(), 5, "box", keys.device("acme", "gw"))) {
            assertThat(standing("pump").connected()).isFalse();
            gateway.send(Wire.publish(5, 1, 1, "devices/pump/telemetry", "{\"rpm\":1}"));
            gateway.read();
            gateway.send(Wire.publish(5, 1, 2, "devices/pump/telemetry", "{\"rpm\":2}"));
            gateway.read();
            gateway.send(Wire.subscribe(5, 3, "devices/valve/commands/#", 1));
            gateway.read();

            assertThat(standing("pump").connected()).isTrue();
            assertThat(standing("pump").through()).isEqualTo(new DeviceId("gw"));
            assertThat(standing("valve").through()).isEqualTo(new DeviceId("gw"));
            assertThat(standing("gw").through()).isNull();

            try (Wire pump = Wire.signedIn(door.port(), 5, "pump-1", keys.device("acme", "pump"))) {
                assertThat(standing("pump").through()).isNull();
                pump.send(Wire.hex("e0 00"));
                pump.untilClosed();
            }
            assertThat(standing("pump").connected()).isTrue();
            gateway.send(Wire.hex("e0 00"));
            gateway.untilClosed();
        }
        House.await("all are gone", () -> !standing("gw").connected());
        assertThat(standing("pump").connected()).isFalse();
        assertThat(standing("valve").reason()).isEqualTo("the client said goodbye");
        assertThat(shown(11))
                .contains(
                        "first-seen pump mqtt box 127.0.0.1 device:gw through gw",
                        "connected pump mqtt box 127.0.0.1 device:gw through gw",
                        "connected valve mqtt box 127.0.0.1 device:gw through gw",
                        "connected pump mqtt pump-1 127.0.0.1 device:pump",
                        "disconnected pump mqtt box 127.0.0.1 device:gw through gw goodbye: the client said goodbye",
                        "disconnected valve mqtt box 127.0.0.1 device:gw through gw goodbye: the client said goodbye");
        assertThat(events()).hasSize(11);
    }

    @Test
    void refusalsAreAnEventWhenTheyAreNewAndWhenTheyDoubled() throws Exception {
        try (Wire wire = Wire.signedIn(door.port(), 5, "c", keys.device("acme", "boiler"))) {
            for (int i = 1; i <= 10; i++) {
                wire.send(Wire.publish(5, 1, i, "weather/brisbane", "1"));
                wire.read();
            }
            List<String> refused =
                    shown(6).stream().filter(line -> line.startsWith("refused")).toList();
            assertThat(refused).hasSize(4);
            assertThat(refused.getFirst())
                    .startsWith("refused boiler mqtt c 127.0.0.1 device:boiler publish-not-allowed: device 'boiler' may"
                            + " publish below devices/boiler/");
            assertThat(refused.getLast()).endsWith("(8 times)");
        }
    }

    @Test
    void refusedConnectionOfAKnownTenantIsAnEventAndOneOfNobodyIsNot() throws Exception {
        String revoked = keys.device("acme", "boiler");
        keys.revokeSecret(revoked);
        for (String password : List.of("wrong", revoked)) {
            try (Wire wire = new Wire(door.port())) {
                wire.send(Wire.connect(5, "c", password));
                wire.untilClosed();
            }
        }
        House.await(
                "both are noted",
                () -> attempts.counts().values().stream().mapToLong(n -> n).sum() == 2);
        assertThat(attempts.counts()).isNotEmpty();
        awaitQuiet();
        assertThat(events()).allMatch(event -> event.tenant().equals(ACME));
    }

    @Test
    void deviceThatFlapsHasFewEventsAndTheLastOneIsRight() throws Exception {
        String token = keys.device("acme", "boiler");
        for (int i = 0; i < 30; i++) {
            try (Wire wire = Wire.signedIn(door.port(), 5, "flap", token)) {
                wire.send(Wire.hex("e0 00"));
                wire.untilClosed();
            }
        }
        House.await("it is gone", () -> !standing("boiler").connected());
        awaitQuiet();
        List<Event> flaps = events().stream()
                .filter(event -> event.kind() != Event.Kind.FIRST_SEEN)
                .toList();
        assertThat(flaps).hasSizeBetween(20, 40);
        ahead.set(Duration.ofSeconds(10));
        House.await("the last one", () -> {
            List<Event> all = events();
            return all.getLast().kind() == Event.Kind.DISCONNECTED
                    && all.stream()
                                    .filter(event -> event.kind() != Event.Kind.FIRST_SEEN)
                                    .mapToLong(Event::count)
                                    .sum()
                            == 60;
        });
    }

    @Test
    void whatComesOverHttpIsSeenOnceAndWebSocketIsAConnection() throws Exception {
        String token = keys.device("acme", "boiler");
        HttpDoor http = new HttpDoor(HttpSettings.DEFAULTS, keys, intake, clock);
        WsDoor sockets = new WsDoor(WsSettings.DEFAULTS, keys, intake, clock);
        HttpRouting.Builder routing = HttpRouting.builder();
        http.register(routing);
        WsRouting.Builder upgrades = WsRouting.builder();
        sockets.register(upgrades);
        WebServer web = WebServer.builder()
                .host("127.0.0.1")
                .port(0)
                .shutdownHook(false)
                .addRouting(routing)
                .addRouting(upgrades)
                .build()
                .start();
        try (HttpClient client = HttpClient.newHttpClient()) {
            String at = "127.0.0.1:" + web.port();
            for (int i = 0; i < 2; i++) {
                HttpRequest post = HttpRequest.newBuilder(URI.create("http://" + at + "/api/v1/telemetry"))
                        .header("Authorization", "Bearer " + token)
                        .POST(BodyPublishers.ofString("{\"temp\":1}"))
                        .build();
                assertThat(client.send(post, BodyHandlers.ofString()).statusCode())
                        .isEqualTo(200);
            }
            assertThat(standing("boiler").connected()).isFalse();
            WebSocket socket = client.newWebSocketBuilder()
                    .header("Authorization", "Bearer " + token)
                    .buildAsync(URI.create("ws://" + at + "/api/v1/ws"), new WebSocket.Listener() {})
                    .join();
            House.await("it is connected", () -> standing("boiler").connected());
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
            assertThat(shown(3))
                    .containsExactly(
                            "first-seen boiler http  127.0.0.1 device:boiler",
                            "connected boiler websocket  127.0.0.1 device:boiler",
                            "disconnected boiler websocket  127.0.0.1 device:boiler goodbye: the client said goodbye");
        } finally {
            sockets.close();
            web.stop();
            http.close();
        }
    }

    @Test
    void nobodyButThePlatformWritesEventsAndNoClientHearsThem() throws Exception {
        try (Wire app = Wire.signedIn(door.port(), 5, "app", keys.application("acme", "#"))) {
            app.send(Wire.publish(5, 1, 1, "$events/connected", "{}"));
            assertThat(app.read().body()[2]).isEqualTo((byte) 0x87);
            app.send(Wire.subscribe(5, 2, "$events/#", 1));
            Wire.Got answer = app.read();
            assertThat(answer.body()[answer.body().length - 1]).isEqualTo((byte) 0x87);
            app.send(Wire.subscribe(5, 3, "#", 1));
            app.read();
            try (Wire boiler = Wire.signedIn(door.port(), 5, "b", keys.device("acme", "boiler"))) {
                awaitEvents(4);
                assertThat(app.silentFor(200)).isTrue();
                assertThat(boiler.silentFor(1)).isTrue();
            }
        }
        assertThat(events().getFirst().device()).isNull();
        assertThat(events().getFirst().subject()).startsWith("key:");
    }

    @Test
    void brokenLogAndBrokenRegistryHurtNoClient() throws Exception {
        seen.failing = true;
        log.full(true);
        try (Wire wire = Wire.signedIn(door.port(), 5, "c", keys.device("acme", "boiler"))) {
            House.await("two are counted", () -> events.counts().failed() == 2);
            log.full(false);
            wire.send(Wire.publish(5, 1, 1, "t", "1"));
            assertThat(wire.read().first()).isEqualTo(0x40);
            assertThat(standing("boiler").connected()).isTrue();
        }
    }

    @Test
    void startIsAnEventOfEachTenant() throws Exception {
        events.started(List.of(ACME, new TenantId("other")));
        awaitEvents(2);
        assertThat(events())
                .extracting(event -> event.tenant() + " " + event.kind().slug())
                .containsExactlyInAnyOrder("acme started", "other started");
    }

    private Presence.Standing standing(String device) {
        return presence.of(ACME, new DeviceId(device));
    }

    /// In the order in which they were written; a device's events are in the order in which they happened.
    private List<Event> events() {
        return log.messages().stream()
                .filter(EventFormat::is)
                .map(message -> Objects.requireNonNull(EventFormat.event(message)))
                .toList();
    }

    private void awaitEvents(int count) throws InterruptedException {
        House.await(count + " events", () -> events().size() >= count);
    }

    private void awaitQuiet() throws InterruptedException {
        House.await("nothing waits", () -> events.counts().waiting() == 0);
    }

    private List<String> shown(int count) throws InterruptedException {
        awaitEvents(count);
        return events().stream().map(EventsTest::shown).toList();
    }

    private static String shown(Event event) {
        return event.kind().slug() + " " + event.device() + " " + Event.doorName(event.door()) + " " + event.client()
                + " " + event.address() + " " + event.subject()
                + (event.through() == null ? "" : " through " + event.through())
                + (event.cause().isEmpty() ? "" : " " + event.cause() + ": " + event.reason())
                + (event.count() == 1 ? "" : " (" + event.count() + " times)");
    }
}
