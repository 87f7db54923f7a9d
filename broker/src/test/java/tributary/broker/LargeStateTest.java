package tributary.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.broker.Attachment.ShowRetained;
import tributary.model.MessageProperties;
import tributary.model.TopicFilter;

/// More to note than may wait for the journal's disk at once.
class LargeStateTest {
    private static final int MESSAGES = 60;
    private static final int BYTES = 512 * 1024;

    /// As places in the journal they are more than one of its records may have.
    private static final int WAITING = 150_000;

    private BrokerHouse house;

    @BeforeEach
    void open(@TempDir Path folder) {
        house = new BrokerHouse(
                folder,
                new BrokerSettings(100, Duration.ofDays(2), 1_000_000, 64 << 20, Duration.ofDays(1), 100, 64 << 20),
                1 << 20);
    }

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void retainedMessagesOfManyMegabytesAreNotedAfterAStart() throws Exception {
        String large = "x".repeat(BYTES);
        for (int i = 0; i < MESSAGES; i++) {
            house.publishes(
                    house.message(BrokerHouse.ACME, null, "state/" + i, large + i, 1, true, MessageProperties.NONE));
        }
        house.isKilled();

        Ear ear = house.client("c").open(false, 3600, null, true).hears("a", 1);
        assertThat(ear.next()).isEqualTo("fresh");
        ear.goes();
        assertThat(house.noted()).as("all is noted within a moment").isTrue();
        house.isKilled();

        ear = house.client("c").open(false, 3600, null, true);
        assertThat(ear.next()).isEqualTo("present");
        ear.hears(new Subscription(new TopicFilter("state/#"), 0, false, false, 0), ShowRetained.ALWAYS);
        for (int i = 0; i < MESSAGES; i++) {
            assertThat(ear.next()).startsWith("state/");
        }
        assertThat(ear.hearsNothing()).isTrue();
    }

    @Test
    void aSessionForWhichVeryMuchWaitsKeepsNobodyOut() throws Exception {
        Ear ear = house.client("away").open(false, 3600, null, true).hears("a", 1);
        ear.goes();
        house.publishes("a", WAITING);
        assertThat(house.noted()).as("how it stands is noted").isTrue();

        assertThat(house.client("other").open(false, 3600, null, true).next()).isEqualTo("fresh");
        house.isKilled();
        assertThat(house.broker.counts().waiting()).isEqualTo(WAITING + 1);
        ear = house.client("away").open(false, 3600, null, true);
        assertThat(ear.next()).isEqualTo("present");
        assertThat(ear.next()).startsWith("a x 1");
    }
}
