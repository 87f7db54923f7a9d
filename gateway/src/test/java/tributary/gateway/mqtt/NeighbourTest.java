package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.gateway.IntakeSettings;
import tributary.model.TenantId;

/// Why a tenant that sends far more than its rate costs others little: a client over its rate is hardly read.
class NeighbourTest {
    private static final TenantId ACME = new TenantId("acme");
    private static final int RATE = 50;

    /// Of a client of 5.0, between two answers.
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final House house = new House(new IntakeSettings(64 * 1024, 0, 0, RATE), House.small());

    @AfterEach
    void close() {
        house.close();
    }

    private long stored() {
        return house.stored().stream()
                .filter(message -> message.tenant().equals(ACME))
                .count();
    }

    /// However fast the machine is and however fast the client: it gets no more than twenty answers a second.
    @Test
    void clientOfFiveOverTheRateOfItsTenantIsRefusedTwentyTimesASecondAtMost() throws Exception {
        house.stopClock();
        try (Talk noisy = Talk.begin(house, Hello.of(5, "noisy", house.keys.device("acme", "boiler")));
                Talk quiet = Talk.begin(house, Hello.of(5, "quiet", house.keys.device("other", "boiler")))) {
            for (int i = 0; i < RATE; i++) {
                noisy.publish(1, "t", "x");
            }
            int refusals = 20;
            long begun = System.nanoTime();
            for (int i = 0; i < refusals; i++) {
                noisy.send(Wire.publish(5, 1, 7, "t", "x"));
                quiet.publish(1, "t", "of another tenant");
                Wire.Got refused = noisy.wire().read();
                assertThat(refused.reason()).isEqualTo(0x97);
                assertThat(refused.text()).contains("intake.tenant-rate");
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(PAUSE.multipliedBy(refusals - 1));
            assertThat(stored()).isEqualTo(RATE);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void clientThatCannotBeToldIsNotReadUntilItsTurnComesAndLosesNothing(int version) throws Exception {
        house.stopClock();
        try (Talk noisy = Talk.begin(house, Hello.of(version, "noisy", house.keys.device("acme", "boiler")));
                Talk quiet = Talk.begin(house, Hello.of(5, "quiet", house.keys.device("other", "boiler")))) {
            ByteArrayOutputStream flood = new ByteArrayOutputStream();
            for (int i = 0; i < 2 * RATE; i++) {
                flood.writeBytes(Wire.publish(version, 0, 0, "t", "x"));
            }
            noisy.send(flood.toByteArray());
            House.await("its allowance is used up", () -> stored() == RATE);
            for (int i = 0; i < RATE / 2; i++) {
                quiet.publish(1, "t", "of another tenant");
                assertThat(stored()).isEqualTo(RATE);
            }
            house.startClock();
            House.await("all of it comes", () -> stored() == 2 * RATE);
        }
    }
}
