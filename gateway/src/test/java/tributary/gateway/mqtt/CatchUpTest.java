package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.gateway.IntakeSettings;
import tributary.model.Message;

/// Devices that all come back from an outage with what they kept, in a tenant whose rate is far below that: they are
/// slowed, none much more than the others, and nothing is lost or refused.
class CatchUpTest {
    private static final int DEVICES = 6;
    private static final int KEPT = 60;
    private static final int TENANT_RATE = 120;

    /// In which each has its turn once.
    private static final Duration ROUND = Duration.ofMillis(1_000 * DEVICES / TENANT_RATE);

    private final House house = new House(new IntakeSettings(1024, 0, 0, TENANT_RATE), House.small());

    @AfterEach
    void close() {
        house.close();
    }

    /// Time passes in rounds, each when all that the one before it allows is stored: nobody is ahead because another's
    /// thread had to wait for the machine. When the door took the messages says who was before whom.
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void devicesThatCatchUpShareTheRateOfTheirTenantAndLoseNothing(int qos) throws Exception {
        List<Wire> wires = new ArrayList<>();
        for (int i = 0; i < DEVICES; i++) {
            house.devices.with("acme", "d" + i);
            wires.add(Wire.signedIn(house.port(), 4, "d" + i, house.keys.device("acme", "d" + i)));
        }
        house.stopClock();
        takeTheBurst();

        for (Wire wire : wires) {
            wire.send(kept(qos));
        }

        House.await("all wait", () -> house.intake.counts().throttledTenant() >= DEVICES);
        for (int round = 1; round <= KEPT; round++) {
            int allowed = TENANT_RATE + round * DEVICES;
            house.ahead.set(ROUND.multipliedBy(round));
            House.await("stored in round " + round, () -> house.stored().size() == allowed);
        }
        int[] atFirstEnd = storedWhenTheFirstWasThrough();
        assertThat(Arrays.stream(atFirstEnd).min().orElseThrow())
                .as("of the slowest when the first was through: %s", Arrays.toString(atFirstEnd))
                .isGreaterThan(KEPT * 2 / 3);
        for (Wire wire : wires) {
            for (int i = 1; qos > 0 && i <= KEPT; i++) {
                assertThat(wire.read().packetId()).isEqualTo(i);
            }
            wire.close();
        }
    }

    private void takeTheBurst() throws Exception {
        try (Wire wire = Wire.signedIn(house.port(), 4, "boiler", house.keys.device("acme", "boiler"))) {
            for (int i = 1; i <= TENANT_RATE; i++) {
                wire.send(Wire.publish(4, 1, i, "t", "{\"v\":" + i + "}"));
            }
            for (int i = 1; i <= TENANT_RATE; i++) {
                assertThat(wire.read().packetId()).isEqualTo(i);
            }
        }
    }

    private static byte[] kept(int qos) {
        byte[][] publishes = new byte[KEPT][];
        for (int i = 1; i <= KEPT; i++) {
            publishes[i - 1] = Wire.publish(4, qos, i, "t", "{\"v\":" + i + "}");
        }
        return Wire.join(publishes);
    }

    private int[] storedWhenTheFirstWasThrough() {
        int[] stored = new int[DEVICES];
        List<Message> inOrder = house.stored().stream()
                .sorted(Comparator.comparingLong(Message::receivedMicros))
                .toList();
        for (Message message : inOrder) {
            String device = message.publisher();
            if (!device.equals("boiler") && ++stored[Integer.parseInt(device.substring(1))] == KEPT) {
                break;
            }
        }
        return stored;
    }
}
