package tributary.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tributary.simulator.ServerApi;

class StoredCheckTest {
    private static final int DEVICES = 23;
    private static final int MESSAGES_EACH = 10;

    @Test
    void aLongRunIsAskedAboutInRangesThatTogetherAreAllOfIt() throws Exception {
        Fleet fleet = Fleet.ofRun(1_700_000_000_000L, DEVICES);
        try (StandIn server = new StandIn(StandIn.Fault.NONE);
                ServerApi api = new ServerApi(URI.create(server.url()), StandIn.KEY)) {
            for (String device : fleet.names()) {
                List<Long> sequences = new ArrayList<>();
                for (long i = 1; i <= MESSAGES_EACH; i++) {
                    sequences.add(Payload.SEQUENCE_ORIGIN + i);
                }
                server.sequences.put(device, sequences);
            }
            server.sequences.get(fleet.names().getFirst()).removeFirst();
            List<Long> last = server.sequences.get(fleet.names().getLast());
            last.add(last.getLast());

            Report.Stored stored = new StoredCheck(api, StoredCheck.Counting.sequences(fleet), System::nanoTime, 50)
                    .await(DEVICES * MESSAGES_EACH, System.nanoTime(), TimeUnit.SECONDS.toNanos(5));

            assertThat(stored.messages()).isEqualTo(DEVICES * MESSAGES_EACH - 1);
            assertThat(stored.duplicates()).isEqualTo(1);
            assertThat(stored.missing()).isEqualTo(1);
            assertThat(server.largestQuestion.get()).isBetween(1, 5);
        }
    }
}
