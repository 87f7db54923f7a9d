package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.gateway.IntakeSettings;

class CrowdTest {
    private static final int SEED = 7;

    private static final Duration WAIT_OF_THE_TENTH = Duration.ofMillis(1_600);

    private final AtomicLong nanos = new AtomicLong(-1_000);

    private Crowd crowd(int connections, int perSecond, boolean loopback) {
        return new Crowd(new CrowdSettings(connections, perSecond, loopback), SEED, nanos::get);
    }

    private static InetSocketAddress from(String address) throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByName(address), 4711);
    }

    private void pass(long millis) {
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    @Test
    void addressGetsSoManyConnectionsAndAnotherWhenOneEnds() throws Exception {
        Crowd crowd = crowd(2, 1_000, false);
        Crowd.Ticket first = crowd.enter(from("192.0.2.1"));
        assertThat(first).isNotNull();
        assertThat(crowd.enter(from("192.0.2.1"))).isNotNull();
        assertThat(crowd.enter(from("192.0.2.1"))).isNull();
        assertThat(crowd.enter(from("192.0.2.2"))).as("another address").isNotNull();
        crowd.leave(first);
        assertThat(crowd.enter(from("192.0.2.1"))).isNotNull();
        assertThat(crowd.enter(from("192.0.2.1"))).isNull();
    }

    @Test
    void addressMayKnockSoOftenASecond() throws Exception {
        Crowd crowd = crowd(1_000, 10, false);
        for (int i = 0; i < 10; i++) {
            assertThat(crowd.enter(from("192.0.2.1"))).as("burst %d", i).isNotNull();
        }
        assertThat(crowd.enter(from("192.0.2.1"))).isNull();
        assertThat(crowd.enter(from("198.51.100.1"))).as("another address").isNotNull();
        pass(100);
        assertThat(crowd.enter(from("192.0.2.1"))).isNotNull();
        assertThat(crowd.enter(from("192.0.2.1"))).isNull();
    }

    @Test
    void sixthFailureAndThoseAfterItWaitEverLonger() throws Exception {
        Crowd crowd = crowd(1, 1, false);
        List<Integer> waits = new ArrayList<>();
        for (int i = 0; i < 14; i++) {
            waits.add(crowd.failed(from("192.0.2.1")));
        }
        assertThat(waits).containsExactly(0, 0, 0, 0, 0, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000);
        assertThat(crowd.failed(from("192.0.2.9"))).as("another address").isZero();
        pass(TimeUnit.MINUTES.toMillis(1));
        assertThat(crowd.failed(from("192.0.2.1"))).as("8th: half is forgotten").isEqualTo(400);
        pass(TimeUnit.HOURS.toMillis(1));
        assertThat(crowd.failed(from("192.0.2.1"))).as("all is forgotten").isZero();
    }

    @Test
    void countOfFailuresDoesNotRunOverIntoTheTime() throws Exception {
        Crowd crowd = crowd(1, 1, false);
        for (int i = 0; i < 200_000; i++) {
            crowd.failed(from("192.0.2.1"));
        }
        assertThat(crowd.failed(from("192.0.2.1"))).isEqualTo(Crowd.DELAY_MILLIS_MAX);
        pass(TimeUnit.HOURS.toMillis(1));
        assertThat(crowd.failed(from("192.0.2.1"))).isZero();
    }

    @Test
    void addressesOfOneSlash64AreOneClient() throws Exception {
        Crowd crowd = crowd(1, 1_000, false);
        assertThat(crowd.enter(from("2001:db8:1:2::1"))).isNotNull();
        assertThat(crowd.enter(from("2001:db8:1:2:ffff::1"))).isNull();
        assertThat(crowd.enter(from("2001:db8:1:3::1"))).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.1.2.3", "::1"})
    void ownMachineIsHeldToNothingUnlessItIsAskedFor(String address) throws Exception {
        Crowd open = crowd(1, 1, false);
        Crowd strict = crowd(1, 1, true);
        for (int i = 0; i < 10; i++) {
            assertThat(open.enter(from(address))).isNotNull();
            assertThat(open.failed(from(address))).isZero();
        }
        assertThat(strict.enter(from(address))).isNotNull();
        assertThat(strict.enter(from(address))).isNull();
    }

    @Test
    void thousandsOfAddressesAreKeptApartAsFarAsTheTableGoes() {
        Crowd crowd = crowd(1, 1_000, false);
        int admitted = 0;
        for (int i = 0; i < 6_500; i++) {
            byte[] address = {10, 0, (byte) (i >> 8), (byte) i};
            try {
                admitted += crowd.enter(new InetSocketAddress(InetAddress.getByAddress(address), 1)) == null ? 0 : 1;
            } catch (UnknownHostException e) {
                throw new AssertionError(e);
            }
        }
        assertThat(admitted)
                .as("a tenth of the places: about one in twenty meets another")
                .isGreaterThan(6_000);
    }

    @Test
    void doorClosesWhatIsOverAndGivesThePlaceBack() throws Exception {
        try (House house = new House(IntakeSettings.DEFAULTS, House.small().crowd(new CrowdSettings(2, 100, true)))) {
            String token = house.keys.device("acme", "boiler");
            try (Wire one = Wire.signedIn(house.port(), 4, "1", token);
                    Wire two = Wire.signedIn(house.port(), 5, "2", token);
                    Wire three = new Wire(house.port())) {
                assertThat(three.untilClosed()).isEmpty();
                two.close();
                House.await("a place is free", () -> house.door.counts().connections() == 1);
                Wire.signedIn(house.port(), 5, "3", token).close();
                one.send(Wire.hex("c000"));
                assertThat(one.read().type()).isEqualTo(13);
            }
            assertThat(house.door.counts().overLimit()).isEqualTo(1);
        }
    }

    @Test
    void guesserWaitsAndOthersOfItsAddressDoNot() throws Exception {
        try (House house =
                new House(IntakeSettings.DEFAULTS, House.small().crowd(new CrowdSettings(100, 1_000, true)))) {
            for (int i = 0; i < 9; i++) {
                try (Wire guesser = new Wire(house.port())) {
                    guesser.send(Wire.connect(5, "guesser", "guess-" + i));
                    assertThat(guesser.read().body()[1] & 0xFF).isEqualTo(0x86);
                }
            }
            try (Wire guesser = new Wire(house.port())) {
                long begun = System.nanoTime();
                guesser.send(Wire.connect(5, "guesser", "the tenth"));
                assertThat(quickestOfFive(house)).isLessThan(WAIT_OF_THE_TENTH);
                assertThat(guesser.read().body()[1] & 0xFF).isEqualTo(0x86);
                assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThanOrEqualTo(WAIT_OF_THE_TENTH);
                assertThat(guesser.untilClosed()).isEmpty();
            }
            try (Wire impatient = new Wire(house.port())) {
                impatient.send(Wire.connect(5, "guesser", "leaves before it is told"));
            }
            House.await("all are gone", () -> house.door.counts().connections() == 0);
        }
    }

    /// @return how long it takes to sign in and publish; a machine that stops for a moment does not stop each time
    private static Duration quickestOfFive(House house) throws Exception {
        long quickest = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            long begun = System.nanoTime();
            try (Wire good = Wire.signedIn(house.port(), 5, "good", house.keys.device("acme", "boiler"))) {
                good.send(Wire.publish(5, 1, 1, "t", "1"));
                assertThat(good.read().toString()).isEqualTo("40 0001");
            }
            quickest = Math.min(quickest, System.nanoTime() - begun);
        }
        return Duration.ofNanos(quickest);
    }
}
