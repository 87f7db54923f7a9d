package tributary.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.MessageProperties;
import tributary.model.TenantId;

/// What a tenant hears under `$SYS`.
class OwnFiguresTest {
    /// Longer than any of the tests takes: only who moves the clock hears news.
    private static final Duration EVERY = Duration.ofMinutes(10);

    private static final TenantId OTHER = new TenantId("other");

    @TempDir
    Path folder;

    private BrokerHouse house;

    @BeforeEach
    void open() {
        BrokerSettings d = BrokerSettings.DEFAULTS;
        house = new BrokerHouse(
                folder,
                new BrokerSettings(
                        d.sessionsMax(),
                        d.sessionExpiryMax(),
                        d.sessionMessagesMax(),
                        d.sessionBytesMax(),
                        d.sessionAgeMax(),
                        d.retainedMax(),
                        d.retainedBytesMax(),
                        EVERY,
                        "dev"));
    }

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void newSubscriberGetsWhatHoldsAndThenTheNewsWithoutTheLog() throws Exception {
        Ear ear = house.client("ear").open(true, 0, null, true).hears("t", 0);
        assertThat(ear.next()).isEqualTo("fresh");
        ear.hears("$SYS/#", 1);
        assertThat(figures(ear, " 0 retained"))
                .containsEntry("version", "tributary dev")
                .containsEntry("clients/total", "1")
                .containsEntry("clients/connected", "1")
                .containsEntry("messages/received", "0")
                .containsEntry("messages/dropped", "0")
                .containsEntry("subscriptions/count", "2")
                .containsEntry("retained messages/count", "0")
                .hasSize(9);

        house.publishes(house.message(BrokerHouse.ACME, null, "t", "1", 1, true, MessageProperties.NONE));
        assertThat(ear.next()).isEqualTo("t 1 0");
        long[] ends = house.broker.ends();
        house.waits(EVERY);

        assertThat(figures(ear, " 0"))
                .containsEntry("messages/received", "1")
                .containsEntry("messages/sent", "10")
                .containsEntry("retained messages/count", "1")
                .hasSize(9);
        assertThat(house.broker.ends()).isEqualTo(ends);
        assertThat(ear.hearsNothing()).isTrue();
    }

    @Test
    void figuresAreOfTheOwnTenantOnly() throws Exception {
        for (int i = 0; i < 5; i++) {
            house.client("crowd" + i).open(true, 0, null, true).hears("t", 0);
        }
        house.publishes(house.message(BrokerHouse.ACME, null, "t", "1", 1, true, MessageProperties.NONE));
        Ear stranger = house.client(OTHER, "crowd0").open(true, 0, null, true).hears("$SYS/broker/+/+", 0);
        assertThat(stranger.next()).isEqualTo("fresh");

        for (String form : new String[] {" 0 retained", " 0"}) {
            Map<String, String> heard = new TreeMap<>();
            for (int i = 0; i < 7; i++) {
                read(stranger, form, heard);
            }
            assertThat(heard)
                    .containsEntry("clients/total", "1")
                    .containsEntry("clients/connected", "1")
                    .containsEntry("messages/received", "0")
                    .containsEntry("subscriptions/count", "1")
                    .containsEntry("retained messages/count", "0");
            house.waits(EVERY);
        }
    }

    @Test
    void whoIsAwayMissesTheNewsAndNothingIsCountedAsDropped() throws Exception {
        Ear watch = house.client("watch").open(true, 0, null, true).hears("$SYS/broker/messages/dropped", 0);
        assertThat(watch.next()).isEqualTo("fresh");
        assertThat(watch.next()).isEqualTo("$SYS/broker/messages/dropped 0 0 retained");
        Ear ear = house.client("ear").open(false, 3600, null, true).hears("$SYS/broker/clients/connected", 2);
        assertThat(ear.next()).isEqualTo("fresh");
        assertThat(ear.next()).isEqualTo("$SYS/broker/clients/connected 2 0 retained");
        ear.goes();
        for (int i = 0; i < 2; i++) {
            house.waits(EVERY);
            assertThat(watch.next()).isEqualTo("$SYS/broker/messages/dropped 0 0");
        }

        Ear back = house.client("ear").open(false, 3600, null, true);
        assertThat(back.next()).isEqualTo("present");
        assertThat(back.hearsNothing()).isTrue();
        house.waits(EVERY);
        assertThat(back.next()).isEqualTo("$SYS/broker/clients/connected 2 0");
    }

    @Test
    void countsComeBackToWhatIsThereWhenClientsGo() throws Exception {
        Ear watch = house.client("watch").open(true, 0, null, true);
        Ear gone = house.client("gone").open(true, 0, null, true).hears("a", 1).hears("$share/g/b", 1);
        house.client("gone").open(true, 0, null, true).hears("a", 1); // takes over
        gone.goes();
        house.client("kept").open(false, 3600, null, true).hears("a", 1).goes();
        house.broker.of(BrokerHouse.ACME).end("gone");
        watch.hears("$SYS/#", 0);
        assertThat(watch.next()).isEqualTo("fresh");
        assertThat(figures(watch, " 0 retained"))
                .containsEntry("clients/total", "2")
                .containsEntry("clients/connected", "1")
                .containsEntry("subscriptions/count", "2");
        TenantFigures shown = house.broker.of(BrokerHouse.ACME).figures();
        assertThat(shown.connected()).isEqualTo(1);
        assertThat(shown.away()).isEqualTo(1);
        assertThat(shown.subscriptions()).isEqualTo(2);
    }

    @Test
    void sessionsThatOutliveARestartAreCountedAgain() throws Exception {
        house.client("kept").open(false, 3600, null, true).hears("a/#", 1).goes();
        house.restarts();
        Ear watch = house.client("watch").open(true, 0, null, true).hears("$SYS/#", 0);
        assertThat(watch.next()).isEqualTo("fresh");
        assertThat(figures(watch, " 0 retained"))
                .containsEntry("clients/total", "2")
                .containsEntry("clients/connected", "1")
                .containsEntry("subscriptions/count", "2");
    }

    private static Map<String, String> figures(Ear ear, String form) throws InterruptedException {
        Map<String, String> heard = new TreeMap<>();
        for (int i = 0; i < 9; i++) {
            read(ear, form, heard);
        }
        return heard;
    }

    /// Reads one figure, `$SYS/broker/name value` and how it came.
    private static void read(Ear ear, String form, Map<String, String> into) throws InterruptedException {
        String next = ear.next();
        assertThat(next).startsWith("$SYS/broker/").endsWith(form);
        String figure = next.substring("$SYS/broker/".length(), next.length() - form.length());
        int value = figure.indexOf(' ', figure.lastIndexOf('/') + 1);
        into.put(figure.substring(0, value), figure.substring(value + 1));
    }
}
