package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.broker.Broker;
import tributary.broker.BrokerSettings;
import tributary.gateway.Attempt;
import tributary.gateway.AttemptSettings;
import tributary.gateway.Attempts;
import tributary.gateway.Checkpoint;
import tributary.gateway.IntakeSettings;
import tributary.gateway.MemoryLog;
import tributary.gateway.RecentAttempts;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.model.TopicFilter;
import tributary.registry.Credentials;
import tributary.registry.Device;
import tributary.registry.Principal;
import tributary.registry.RegistrySettings;
import tributary.registry.SqlRegistry;

/// What a person reads in the attempts log after a client was refused over a real socket, with the real registry.
class RefusalsTest {
    private static final TenantId OTHER = new TenantId("other");

    @TempDir
    static Path folder;

    private static final AtomicReference<Duration> AHEAD = new AtomicReference<>(Duration.ZERO);
    private static final InstantSource CLOCK =
            () -> InstantSource.system().instant().plus(AHEAD.get());
    private static SqlRegistry registry;
    private static MemoryLog log;
    private static MemoryLog journal;
    private static Broker broker;
    private static RecentAttempts attempts;
    private static MqttDoor door;
    private static String token;

    @BeforeAll
    static void open() {
        registry = SqlRegistry.open(RegistrySettings.DEFAULTS, folder, CLOCK, new SecureRandom());
        registry.tenants().add(OTHER, "Other");
        device(TenantId.MAIN, "boiler");
        device(TenantId.MAIN, "pump");
        device(OTHER, "stranger");
        log = new MemoryLog();
        journal = new MemoryLog(1);
        broker = Broker.start(
                BrokerSettings.DEFAULTS, new Broker.World(log, journal, registry.devices(), CLOCK, System::nanoTime));
        attempts = new RecentAttempts(AttemptSettings.DEFAULTS, registry.devices(), CLOCK);
        IntakeSettings limits = new IntakeSettings(1024, 1_000, 0, 0);
        Checkpoint intake = new Checkpoint(limits, registry.devices(), log, attempts, CLOCK);
        door = MqttDoor.open(
                House.small(),
                intake,
                broker,
                new MqttDoor.Identities(registry.credentials(), registry.certificates()),
                CLOCK);
        token = token(TenantId.MAIN, "boiler");
    }

    /// What a client of one test still did would be a line in another's.
    @AfterEach
    void nobodyIsLeft() throws Exception {
        House.await("nobody is connected", () -> door.counts().connections() == 0);
    }

    @AfterAll
    static void close() {
        door.close();
        broker.close();
        log.close();
        journal.close();
        registry.close();
    }

    @Test
    void wrongTokenIsTheOperatorsToRead() throws Exception {
        long before = attempts.newest();
        refusedConnect(connect(4, "ESP-3F", "boiler", "hunter2"));

        assertThat(all(before))
                .isEqualTo("bad-credential of nobody from 127.0.0.1 user 'boiler' client 'ESP-3F': device 'boiler'"
                        + " exists and the password is not its token: make a new one, tributary device token boiler");
        assertThat(own(OTHER, before)).isEmpty();
    }

    @Test
    void unknownDeviceAndWrongTokenGetTheSameAnswer() throws Exception {
        byte[] wrong = refusedConnect(connect(5, "c", "boiler", "trd_0123456789abcdefghjkmnpqrstvwxyzabcd"));
        byte[] unknown = refusedConnect(connect(5, "c", "nobody", "trd_0123456789abcdefghjkmnpqrstvwxyzabcd"));
        byte[] mismatch = refusedConnect(connect(5, "c", "pump", token));
        byte[] otherTenants = refusedConnect(connect(5, "c", "stranger", token));

        assertThat(unknown).isEqualTo(wrong);
        assertThat(mismatch).isEqualTo(wrong);
        assertThat(otherTenants).isEqualTo(wrong);
    }

    @Test
    void expiredTokenIsToldToItsOwner() throws Exception {
        String expired = registry.credentials()
                .issueToken(TenantId.MAIN, new DeviceId("pump"), Duration.ofSeconds(1))
                .secret();
        AHEAD.updateAndGet(ahead -> ahead.plusSeconds(2));
        long before = attempts.newest();
        refusedConnect(connect(4, "c", "pump", expired));

        Attempt line = own(TenantId.MAIN, before).getFirst();
        assertThat(line.device()).isEqualTo(new DeviceId("pump"));
        assertThat(shown(line))
                .startsWith("expired-credential of main from 127.0.0.1 user 'pump' client 'c': the token of device:pump"
                        + " expired (")
                .endsWith("): make a new one: tributary device token pump");
    }

    @Test
    void expiredSignedTokenIsToldToItsOwner() throws Exception {
        String expired = registry.credentials()
                .issueJwt(
                        TenantId.MAIN,
                        new DeviceId("pump"),
                        Duration.ofSeconds(1),
                        Credentials.Algorithm.RS256,
                        Set.of(),
                        Set.of())
                .secret();
        AHEAD.updateAndGet(ahead -> ahead.plusSeconds(2));
        long before = attempts.newest();
        refusedConnect(connect(5, "c", "", expired));

        assertThat(all(before))
                .isEqualTo("expired-credential of main from 127.0.0.1 client 'c': the token of device:pump expired (it"
                        + " or its key is too old): make a new one: tributary device token pump");
    }

    @Test
    void signedTokenOfSomebodyElseIsShownAsWhatItSaysToBe() throws Exception {
        String good = registry.credentials()
                .issueJwt(
                        TenantId.MAIN,
                        new DeviceId("pump"),
                        Duration.ofHours(1),
                        Credentials.Algorithm.RS256,
                        Set.of(),
                        Set.of())
                .secret();
        int signature = good.lastIndexOf('.') + 1;
        String forged = good.substring(0, signature)
                + (good.charAt(signature) == 'A' ? 'B' : 'A')
                + good.substring(signature + 1);
        long before = attempts.newest();
        refusedConnect(connect(5, "c", "", forged));

        assertThat(all(before))
                .isEqualTo(
                        "bad-credential of nobody from 127.0.0.1 client 'c': the token that says to be of device:pump"
                                + " was not signed here (its signature is wrong): make one: tributary device token ID");
        assertThat(attempts.toString() + all(before)).doesNotContain(forged.substring(0, 20));
    }

    @Test
    void revokedTokenIsToldToItsOwner() throws Exception {
        Credentials.Issued issued = registry.credentials().issueToken(TenantId.MAIN, new DeviceId("pump"), null);
        registry.credentials().revoke(TenantId.MAIN, issued.credential());
        long before = attempts.newest();
        refusedConnect(connect(4, "c", "", issued.secret()));

        assertThat(all(before))
                .startsWith(
                        "revoked-credential of main from 127.0.0.1 client 'c': the token of device:pump was revoked")
                .endsWith("make a new one: tributary device token pump");
    }

    @Test
    void tokenOfADeviceWithTheNameOfAnotherIsToldToTheTokensOwner() throws Exception {
        String stranger = token(OTHER, "stranger");
        long before = attempts.newest();
        refusedConnect(connect(4, "c", "boiler", stranger));

        assertThat(own(TenantId.MAIN, before)).isEmpty();
        assertThat(shown(own(OTHER, before).getFirst()))
                .isEqualTo("user-name-mismatch of other from 127.0.0.1 user 'boiler' client 'c': the token is of device"
                        + " 'stranger' and the user name is 'boiler': use 'stranger' as user name, or the token of that"
                        + " device");
    }

    @Test
    void tokenInThePlaceOfTheUserNameIsRecognisedAndNotShown() throws Exception {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(Wire.hex("00044d515454 04 82 0000 0001 62"));
        Wire.text(body, token);
        long before = attempts.newest();
        refusedConnect(Wire.packet(0x10, body.toByteArray()));

        assertThat(all(before))
                .isEqualTo("no-credential of nobody from 127.0.0.1 user '(a token)' client 'b': the token came as user"
                        + " name and no password with it: send the token as password and the device's id as user name");
    }

    @Test
    void clientIdInUseNamesTheFix() throws Exception {
        String pump = token(TenantId.MAIN, "pump");
        try (Wire _ = Wire.signedIn(door.port(), 4, "same", token)) {
            long before = attempts.newest();
            refusedConnect(Wire.connect(5, "same", pump));

            assertThat(all(before))
                    .isEqualTo("client-id-in-use of main from 127.0.0.1 client 'same': client id 'same' is in use by"
                            + " another device of yours; give each device its own");
        }
    }

    @ParameterizedTest
    @CsvSource({"3", "6"})
    void unsupportedVersionNamesTheOnesThatAre(int version) throws Exception {
        long before = attempts.newest();
        refusedConnect(Wire.connect(version, "old", token));
        assertThat(all(before))
                .startsWith("unsupported-version of nobody from 127.0.0.1")
                .contains("3.1.1");
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void refusedSubscriptionSaysWhatTheDeviceMayHear(int version) throws Exception {
        try (Wire wire = Wire.signedIn(door.port(), version, "hears", token)) {
            long before = attempts.newest();
            wire.send(Wire.subscribe(version, 1, "devices/stranger/#", 0));
            wire.read();

            assertThat(all(before))
                    .isEqualTo("subscribe-not-allowed of main from 127.0.0.1 client 'hears': device 'boiler' may"
                            + " subscribe below devices/boiler/ and to devices it carries, and 'devices/stranger/#' is"
                            + " neither; issue a credential whose scope covers it");
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 0", "4, 1", "5, 0", "5, 1"})
    void refusedPublishIsOneLineAtEveryQualityOfService(int version, int qos) throws Exception {
        String client = "speaks" + version + qos;
        try (Wire wire = Wire.signedIn(door.port(), version, client, token)) {
            long before = attempts.newest();
            wire.send(Wire.publish(version, qos, 1, "weather/brisbane", "1"));
            awaitLine(before);

            Attempt line = own(TenantId.MAIN, before).getFirst();
            assertThat(line.device()).isEqualTo(new DeviceId("boiler"));
            assertThat(shown(line))
                    .startsWith("publish-not-allowed of main from 127.0.0.1 client '" + client
                            + "': device 'boiler' may publish"
                            + " below devices/boiler/ and not to 'weather/brisbane'; publish to devices/me/telemetry");
        }
    }

    @Test
    void deviceOfAnotherTenantAndNoDeviceAreToldInTheSameWords() throws Exception {
        List<String> sentences = new ArrayList<>();
        for (String device : List.of("stranger", "nobody")) {
            try (Wire wire = Wire.signedIn(door.port(), 5, "speaks", token)) {
                long before = attempts.newest();
                wire.send(Wire.publish(5, 1, 1, "devices/" + device + "/telemetry", "1"));
                wire.read();
                awaitLine(before);
                sentences.add(own(TenantId.MAIN, before).getFirst().sentence().replace(device, "X"));
            }
        }
        assertThat(sentences.getFirst()).contains("'X' is not one of them").isEqualTo(sentences.getLast());
        assertThat(own(OTHER, 0)).noneMatch(line -> line.clientId().equals("speaks"));
    }

    @Test
    void applicationIsToldThatThereIsNoSuchDevice() throws Exception {
        String key = registry.credentials()
                .issueKey(
                        TenantId.MAIN,
                        "app",
                        Principal.Role.VIEWER,
                        Set.of(new TopicFilter("#")),
                        Set.of(new TopicFilter("#")),
                        null)
                .secret();
        try (Wire wire = Wire.signedIn(door.port(), 5, "app", key)) {
            long before = attempts.newest();
            wire.send(Wire.publish(5, 1, 1, "devices/nobody/telemetry", "1"));
            wire.read();
            assertThat(all(before))
                    .isEqualTo("unknown-device of main from 127.0.0.1 client 'app': there is no device 'nobody'; add it"
                            + " first: tributary device add nobody");
        }
    }

    @Test
    void payloadThatIsTooLargeNamesTheLimit() throws Exception {
        try (Wire wire = Wire.signedIn(door.port(), 5, "large", token)) {
            long before = attempts.newest();
            wire.send(Wire.publish(5, 1, 1, "t", "x".repeat(2_000)));
            wire.read();
            assertThat(all(before))
                    .isEqualTo("payload-too-large of main from 127.0.0.1 client 'large': the payload has 2000 bytes and"
                            + " at most 1024 are allowed (intake.payload-bytes-max); send it in parts");
        }
    }

    @Test
    void packetThatIsTooLargeNamesTheLimit() throws Exception {
        try (Wire wire = Wire.signedIn(door.port(), 5, "large", token)) {
            long before = attempts.newest();
            wire.send(Wire.hex("30 ffffff7f"));
            wire.read();
            assertThat(all(before))
                    .startsWith("packet-too-large of main from 127.0.0.1 client 'large'")
                    .contains("mqtt.packet-bytes-max");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void deviceOverItsRateIsOneLine(int version) throws Exception {
        device(TenantId.MAIN, "hasty" + version);
        String hasty = token(TenantId.MAIN, "hasty" + version);
        try (Wire wire = Wire.signedIn(door.port(), version, "hasty", hasty)) {
            long before = attempts.newest();
            ByteArrayOutputStream burst = new ByteArrayOutputStream();
            for (int i = 0; i < 4_000; i++) {
                burst.writeBytes(Wire.publish(version, 0, 0, "t", "1"));
            }
            wire.send(burst.toByteArray());
            awaitLine(before);
            assertThat(own(TenantId.MAIN, before)).hasSize(1);
            assertThat(all(before))
                    .isEqualTo(
                            "over-rate of main from 127.0.0.1 client 'hasty': over the limit intake.device-rate, 1000"
                                    + " messages a second: send less often, or raise the limit");
        }
    }

    @Test
    void malformedPacketSaysWhoseMistakeItIs() throws Exception {
        try (Wire wire = Wire.signedIn(door.port(), 4, "broken", token)) {
            long before = attempts.newest();
            wire.send(Wire.hex("36 0500010000ff"));
            wire.untilClosed();
            assertThat(all(before))
                    .isEqualTo(
                            "malformed-packet of main from 127.0.0.1 client 'broken': QoS 3 does not exist (a mistake"
                                    + " of the client: update its MQTT library or use another)");
        }
    }

    @Test
    void somethingThatIsNotMqttIsTheOperatorsToRead() throws Exception {
        long before = attempts.newest();
        try (Wire wire = new Wire(door.port())) {
            wire.send("GET / HTTP/1.1\r\n\r\n".getBytes());
            wire.untilClosed();
        }
        assertThat(all(before)).startsWith("wrong-port of nobody from 127.0.0.1: HTTP on the MQTT port ");
    }

    @Test
    void tlsOnThePlainPortIsRecognised() throws Exception {
        long before = attempts.newest();
        try (Wire wire = new Wire(door.port())) {
            wire.send(Wire.hex("16030100a5010000a10303"));
            wire.untilClosed();
        }
        assertThat(all(before)).startsWith("wrong-port of nobody from 127.0.0.1: TLS hello on the plain port");
    }

    @Test
    void silenceInsteadOfConnectIsTheOperatorsToRead() throws Exception {
        long before = attempts.newest();
        long others = door.counts().timedOut();
        try (Wire wire = new Wire(door.port())) {
            House.await("it is waited for no longer", () -> {
                door.pass(1);
                return door.counts().timedOut() > others;
            });
            wire.untilClosed();
        }
        assertThat(attempts.after(new Attempts.Wanted(TenantId.MAIN, true, null, Set.of(), 0), before, 99))
                .extracting(RefusalsTest::shown)
                .contains("no-connect of nobody from 127.0.0.1: no CONNECT came within 10 seconds: is this an MQTT"
                        + " client, and does it send CONNECT first?");
    }

    @Test
    void publishThatTheLogRefusesIsToldToItsOwner() throws Exception {
        try (Wire wire = Wire.signedIn(door.port(), 5, "unlucky", token)) {
            long before = attempts.newest();
            log.full(true);
            wire.send(Wire.publish(5, 1, 1, "t", "1"));
            wire.read();
            log.full(false);
            assertThat(all(before)).startsWith("not-stored of main from 127.0.0.1 client 'unlucky': not stored: ");
        }
    }

    private static void device(TenantId tenant, String id) {
        registry.devices().add(new Device(tenant, new DeviceId(id), null, "", Map.of(), "{}", Instant.EPOCH));
    }

    private static String token(TenantId tenant, String device) {
        return registry.credentials()
                .issueToken(tenant, new DeviceId(device), null)
                .secret();
    }

    private static byte[] connect(int version, String clientId, String userName, String password) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        Wire.text(body, "MQTT");
        body.writeBytes(new byte[] {(byte) version, (byte) 0xC2, 0, 0});
        if (version == 5) {
            body.write(0);
        }
        Wire.text(body, clientId);
        Wire.text(body, userName);
        Wire.text(body, password);
        return Wire.packet(0x10, body.toByteArray());
    }

    private static byte[] refusedConnect(byte[] connect) throws IOException {
        try (Wire wire = new Wire(door.port())) {
            wire.send(connect);
            return wire.untilClosed();
        }
    }

    private static void awaitLine(long before) throws InterruptedException {
        House.await("the line", () -> attempts.newest() > before);
    }

    private static List<Attempt> own(TenantId tenant, long before) {
        return attempts.after(new Attempts.Wanted(tenant, false, null, Set.of(), 0), before, 99);
    }

    /// The one line that came since, of whomever.
    private static String all(long before) {
        List<Attempt> lines = attempts.after(new Attempts.Wanted(TenantId.MAIN, true, null, Set.of(), 0), before, 99);
        assertThat(lines).hasSize(1);
        return shown(lines.getFirst());
    }

    private static String shown(Attempt line) {
        return line.cause().slug() + " of " + (line.tenant() == null ? "nobody" : line.tenant()) + " from "
                + line.address() + named("user", line.userName()) + named("client", line.clientId()) + ": "
                + line.sentence();
    }

    private static String named(String name, String value) {
        return value.isEmpty() ? "" : " " + name + " '" + value + "'";
    }
}
