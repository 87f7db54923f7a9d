package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.gateway.IntakeSettings;

/// Clients that mean harm or are out of order, over a real socket: what they cost is bounded and others do not notice.
class HostilePeersTest {
    private static final int ALL_IDENTIFIERS = 65_535;

    /// Of the tables in which Linux shows connections.
    private static final int TICKS_A_SECOND = 100;

    private House house = new House();

    @AfterEach
    void close() {
        house.close();
    }

    private Talk talk(int version, String clientId, String device) throws IOException {
        return Talk.begin(house, Hello.of(version, clientId, house.keys.device("acme", device)));
    }

    private void open(MqttSettings settings) {
        house.close();
        house = new House(IntakeSettings.DEFAULTS, settings);
    }

    @Test
    void connectThatComesOneByteASecondIsNotWaitedForLongerThanTenSeconds() throws Exception {
        byte[] connect = Wire.connect(5, "slow", house.keys.device("acme", "boiler"));
        try (Wire wire = new Wire(house.port())) {
            House.await("it is there", () -> house.door.counts().connections() == 1);
            for (int sent = 0; house.door.counts().timedOut() == 0; sent++) {
                assertThat(sent).as("seconds, with a byte each").isLessThan(MqttConnection.CONNECT_SECONDS);
                wire.send(new byte[] {connect[sent]});
                house.door.pass(1);
            }
            assertThat(wire.untilClosed())
                    .as("although bytes came all the time")
                    .isEmpty();
        }
    }

    @Test
    void strangersThatMakeTheDoorKeepTooMuchTogetherAreTurnedAwayAndUsualClientsAreNot() throws Exception {
        AtomicLong together = house.door.bytesOfStrangers();
        long others = Held.ALL - 64 * 1024;
        together.addAndGet(others); // as if hundreds had sent half of theirs
        Hello hello = Hello.of(5, "large", house.keys.device("acme", "boiler"));
        byte[] large = hello.with(Fields.NONE.pair("much", "x".repeat(60_000))).bytes();
        byte[] half = Arrays.copyOf(large, large.length - 10);
        try (Wire first = new Wire(house.port());
                Wire second = new Wire(house.port());
                Wire usual = new Wire(house.port())) {
            first.send(half);
            House.await("it is kept", () -> together.get() > others + 32 * 1024);

            second.send(half);
            Wire.Got connack = second.read();
            assertThat(connack.first()).isEqualTo(0x20);
            assertThat(connack.body()[1] & 0xFF).isEqualTo(0x88);
            assertThat(connack.text()).contains("have sent 32 MB together");
            assertThat(second.untilClosed()).isEmpty();

            byte[] small = Wire.connect(5, "usual", house.keys.device("acme", "pump"));
            together.addAndGet(Held.ALL);
            usual.send(Arrays.copyOf(small, 20));
            usual.signIn(Arrays.copyOfRange(small, 20, small.length));
            together.addAndGet(-Held.ALL);

            first.signIn(Arrays.copyOfRange(large, half.length, large.length));
            assertThat(together.get()).as("what they held is given back").isEqualTo(others);
        }
    }

    /// A client whose machine lost its power says nothing, and where it asked for no keep-alive nobody may call it
    /// silent; the system asks it for a sign of life.
    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    @EnabledOnOs(OS.LINUX)
    void clientWithoutKeepAliveIsAskedForLifeByTheSystemWithinMinutes(int version) throws Exception {
        try (Talk quiet = talk(version, "quiet", "boiler")) {
            quiet.isAlive();
            int client = quiet.wire().socket().getLocalPort();
            House.await("it is asked in two minutes", () -> {
                long ticks = untilAskedForLife(house.port(), client);
                return ticks > 0 && ticks <= 120 * TICKS_A_SECOND;
            });
        }
    }

    /// @return until the system probes the connection of two ports of this machine, or -1 where it does not plan to
    private static long untilAskedForLife(int server, int client) {
        String ports = ":%04X [0-9A-F]+:%04X 01 ".formatted(server, client);
        Pattern timer = Pattern.compile(ports + "[0-9A-F:]+ 02:([0-9A-F]+) ");
        for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
            try {
                for (String line : Files.readAllLines(Path.of(table))) {
                    Matcher found = timer.matcher(line);
                    if (found.find()) {
                        return Long.parseLong(found.group(1), 16);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return -1;
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void clientThatClosesItsHalfOfTheStreamIsLetGo(int version) throws Exception {
        try (Talk half = talk(version, "half", "boiler")) {
            half.wire().socket().shutdownOutput();
            assertThat(half.wire().untilClosed()).isEmpty();
            House.await("it is gone", () -> house.door.counts().connections() == 0);
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 1", "5, 1", "4, 2", "5, 2"})
    void subscriberThatNeverAcknowledgesHearsItsWindowAndDisturbsNobody(int version, int qos) throws Exception {
        Fields window = new Fields(List.of()).two(Fields.RECEIVE_MAXIMUM, 5);
        Hello deaf = Hello.of(version, "deaf", house.keys.application("acme", "#"));
        try (Talk mute = Talk.begin(house, version == 5 ? deaf.with(window) : deaf);
                Talk ear = Talk.begin(house, Hello.of(5, "ear", house.keys.application("acme", "#")));
                Talk mouth = talk(5, "mouth", "boiler")) {
            mute.subscribe("#", qos);
            ear.subscribe("#", qos);
            for (int i = 0; i < 300; i++) {
                mouth.publish(1, "t", "m" + i);
                assertThat(ear.take().payload()).isEqualTo("m" + i);
            }
            if (version == 5) {
                for (int i = 0; i < 5; i++) {
                    assertThat(mute.hear().payload()).isEqualTo("m" + i);
                }
                mute.hearsNothing();
                assertThat(house.broker.counts().waiting())
                        .as("positions in the log")
                        .isGreaterThan(200);
            }
        }
        House.await("its session is gone", () -> house.broker.counts().waiting() == 0);
    }

    /// A client may leave every one of its identifiers open, where the owner allows it; what that costs is given back.
    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void everyIdentifierLeftOpenAtQosTwoIsRememberedOnceAndForgotten(int version) throws Exception {
        open(new MqttSettings(
                "127.0.0.1", 0, 10, 320 * 1024, ALL_IDENTIFIERS, Duration.ofMinutes(20), 10, 64 * 1024, 2));
        try (Talk open = talk(version, "open", "boiler");
                Talk other = talk(version, "other", "pump")) {
            Thread reader = Thread.ofVirtual().start(() -> all(open, 5));
            for (int id = 1; id <= ALL_IDENTIFIERS; id++) {
                open.send(Wire.publish(version, 2, id, "t", ""));
            }
            reader.join();
            other.publish(2, "t", "healthy");
            assertThat(house.stored()).hasSize(ALL_IDENTIFIERS + 1);

            open.send(Wire.publish(version, 2, 1, "t", "again, and not stored again"));
            assertThat(open.wire().read().toString()).startsWith("50 0001");
            Thread completed = Thread.ofVirtual().start(() -> all(open, 7));
            for (int id = 1; id <= ALL_IDENTIFIERS; id++) {
                open.send(Wire.acknowledgement(0x62, id));
            }
            completed.join();
            assertThat(house.stored()).hasSize(ALL_IDENTIFIERS + 1);
            open.publish(2, "t", "every identifier is free again");
        }
    }

    private static void all(Talk talk, int type) {
        try {
            for (int i = 1; i <= ALL_IDENTIFIERS; i++) {
                Wire.Got got = talk.wire().read();
                assertThat(got.type()).isEqualTo(type);
                assertThat(got.packetId()).isEqualTo(i);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void identifierOfAnOpenQosTwoIsNoIdentifierForQosOne(int version) throws Exception {
        try (Talk boiler = talk(version, "reuse", "boiler")) {
            boiler.send(Wire.publish(version, 2, 7, "t", "open"));
            assertThat(boiler.wire().read().toString()).startsWith("50 0007");
            boiler.send(Wire.publish(version, 1, 7, "t", "reused"));
            if (version == 5) {
                assertThat(boiler.wire().read().reason()).isEqualTo(0x91);
                boiler.isAlive();
            } else {
                boiler.isEnded(0);
            }
            assertThat(house.stored()).hasSize(1);
        }
    }

    @Test
    void identifierUsedTwiceAtQosOneIsAnsweredTwiceAndBothAreStored() throws Exception {
        try (Talk boiler = talk(5, "reuse", "boiler")) {
            house.log.hold();
            boiler.send(Wire.publish(5, 1, 7, "t", "one"));
            boiler.send(Wire.publish(5, 1, 7, "t", "two"));
            assertThat(boiler.wire().silentFor(100)).isTrue();
            house.log.release();
            assertThat(boiler.wire().read().toString()).isEqualTo("40 0007");
            assertThat(boiler.wire().read().toString()).isEqualTo("40 0007");
            assertThat(house.stored()).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void stormOfSubscriptionsIsRefusedAtTheLimitAndUnsubscribingGivesItsMemoryBack(int version) throws Exception {
        try (Talk storm = talk(version, "storm", "boiler")) {
            for (int round = 0; round < 50; round++) {
                int from = round * 100;
                List<String> filters = IntStream.range(from, from + 100)
                        .mapToObj(i -> "devices/boiler/" + i + "/+/#")
                        .toList();
                storm.send(Talk.subscribe(version, 9, Fields.NONE, filters, new int[100]));
                List<Integer> codes = storm.suback(9);
                assertThat(codes.subList(0, 10)).containsOnly(0);
                assertThat(codes.subList(10, 100)).containsOnly(version == 5 ? 0x97 : 0x80);
                assertThat(house.broker.counts().subscriptions()).isEqualTo(10);
                storm.unsubscribe(filters.toArray(String[]::new));
                House.await("all are given back", () -> house.broker.counts().subscriptions() == 0);
            }
            storm.subscribe("devices/boiler/after", 0);
        }
        House.await("nothing stays", () -> house.broker.counts().subscriptions() == 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x82, 0xA2})
    void packetHasAtMostAThousandFilters(int first) throws Exception {
        try (Talk storm = talk(5, "storm", "boiler")) {
            List<String> filters = Collections.nCopies(1_001, "a");
            storm.send(
                    first == 0x82
                            ? Talk.subscribe(5, 9, Fields.NONE, filters, new int[1_001])
                            : Talk.unsubscribe(5, 9, filters.toArray(String[]::new)));
            storm.isEnded(0x97);
        }
    }

    @Test
    void announcementOfTheLargestPacketAndOneByteIsAnsweredAtOnce() throws Exception {
        try (Talk boiler = talk(5, "large", "boiler")) {
            boiler.send(Wire.hex("30ffffff7f 00"));
            boiler.isEnded(0x95);
        }
        try (Wire stranger = new Wire(house.port())) {
            stranger.send(Wire.hex("10ffffff7f 00"));
            assertThat(stranger.untilClosed()).isEmpty();
        }
    }

    /// A byte now and then keeps a connection from being silent, and half a packet in memory.
    @Test
    void packetThatIsNotThereWholeInTimeEndsTheConnection() throws Exception {
        byte[] publish = Wire.publish(5, 1, 1, "t", "x".repeat(1_000));
        try (Talk drip = talk(5, "drip", "boiler");
                Talk slow = talk(5, "slow", "boiler")) {
            for (Talk talk : List.of(drip, slow)) {
                talk.send(Wire.join(Wire.hex("c000"), Arrays.copyOf(publish, 600)));
                assertThat(talk.wire().read().type()).as("PINGRESP").isEqualTo(13);
            }
            house.door.pass(Unfinished.SECONDS / 2);
            slow.send(Arrays.copyOfRange(publish, 600, publish.length));
            assertThat(slow.wire().read().toString()).isEqualTo("40 0001");
            drip.send(new byte[] {publish[600]});

            house.door.pass(Unfinished.SECONDS);

            drip.isEnded(0x97);
            slow.isAlive();
        }
        assertThat(house.door.counts().timedOut()).isEqualTo(1);
    }

    @Test
    void filtersOfAClientAreHeldToTheirLengthTogether() throws Exception {
        try (Talk wide = talk(5, "wide", "boiler")) {
            String half = "devices/boiler/" + "x".repeat(40_000);
            wide.subscribe(half, 0);
            wide.subscribe(half, 1);
            wide.send(Talk.subscribe(
                    5, 9, Fields.NONE, List.of("devices/boiler/a", half + "y", "devices/boiler/b"), 0, 0, 0));
            assertThat(wide.suback(9)).containsExactly(0, 0x97, 0);
            wide.unsubscribe(half);
            wide.subscribe(half + "y", 0);
        }
    }

    @Test
    void namesOfGroupsCountAmongTheFiltersOfAClient() throws Exception {
        try (Talk wide = talk(5, "wide", "boiler")) {
            String group = "$share/" + "g".repeat(40_000) + "/devices/boiler/";
            wide.subscribe(group + "a", 0);
            wide.subscribe(group + "a", 1);
            wide.send(Talk.subscribe(
                    5, 9, Fields.NONE, List.of("devices/boiler/a", group + "b", "devices/boiler/b"), 0, 0, 0));
            assertThat(wide.suback(9)).containsExactly(0, 0x97, 0);
            wide.unsubscribe(group + "a");
            wide.subscribe(group + "b", 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"efbfbe", "efbfbf"})
    void topicWithACodePointThatIsNoCharacterIsRefused(String bytes) throws Exception {
        try (Talk boiler = talk(5, "odd", "boiler")) {
            boiler.send(Wire.packet(0x32, Wire.join(Wire.hex("0003" + bytes + "0001 00"))));
            assertThat(boiler.wire().read().reason()).isEqualTo(0x90);
            boiler.isAlive();
            assertThat(house.stored()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void filterOfTenThousandLevelsIsRefusedAndTheConnectionStays(int version) throws Exception {
        try (Talk boiler = talk(version, "deep", "boiler")) {
            int code = boiler.subscribe(Fields.NONE, "devices/boiler/" + "+/".repeat(10_000) + "#", 0);
            assertThat(code).isEqualTo(version == 5 ? 0x8F : 0x80);
            boiler.isAlive();
        }
    }
}
