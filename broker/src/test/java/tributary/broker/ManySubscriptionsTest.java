package tributary.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.TopicFilter;

/// What one subscription more costs does not depend on how many there are.
class ManySubscriptionsTest {
    private static final int PACKETS = 20;
    private static final int FILTERS = 1_000;

    /// Ten times what they take; looking at all of them for each would take some hundred times more.
    private static final long BYTES_EACH_MAX = 10_000;

    private BrokerHouse house;

    @BeforeEach
    void open(@TempDir Path folder) {
        house = new BrokerHouse(folder, BrokerSettings.DEFAULTS);
    }

    @AfterEach
    void close() {
        house.close();
    }

    /// In bytes and not in time: a machine that does other things says the same.
    @Test
    void subscribingCostsTheSameHoweverManyThereAre() throws Exception {
        Ear ear = house.client("c").open(true, 0, null, true);
        for (int packet = 0; packet < PACKETS - 1; packet++) {
            subscribe(ear, packet);
        }
        assertThat(subscribe(ear, PACKETS - 1) / FILTERS).isLessThan(BYTES_EACH_MAX);
        assertThat(house.broker.counts().subscriptions()).isEqualTo(PACKETS * FILTERS);
        assertThat(ear.attachment().subscriptionCount()).isEqualTo(PACKETS * FILTERS);
    }

    /// @return bytes that the client's thread allocated meanwhile
    private long subscribe(Ear ear, int packet) throws Exception {
        List<Attachment.Request> requests = new ArrayList<>();
        for (int i = 0; i < FILTERS; i++) {
            TopicFilter filter = new TopicFilter("a/" + packet + "/" + i);
            requests.add(new Attachment.Request(
                    new Subscription(filter, 0, false, false, 0), Attachment.ShowRetained.NEVER));
        }
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        long bytes = house.thread
                .submit(() -> {
                    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
                    long before = threads.getCurrentThreadAllocatedBytes();
                    ear.attachment().subscribe(requests, failure -> done.complete(failure == null));
                    return threads.getCurrentThreadAllocatedBytes() - before;
                })
                .get(Duration.ofMinutes(2).toSeconds(), TimeUnit.SECONDS);
        assertThat(done.get(1, TimeUnit.MINUTES)).isTrue();
        return bytes;
    }
}
