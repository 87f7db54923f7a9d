package tributary.engine;

import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import tributary.log.Receipt;
import tributary.model.Fault;

/// What became of one append, for whoever waits for it.
final class Told implements Receipt {
    private final CountDownLatch open = new CountDownLatch(1);
    private volatile @Nullable String refusal;

    @Override
    public void durable(int partition, long position) {
        open.countDown();
    }

    @Override
    public void refused(Fault fault, String detail) {
        refusal = detail;
        open.countDown();
    }

    /// Waits for the outcome.
    ///
    /// @return why it was refused, or null where it is durable
    @Nullable
    String refusal(Settle settle) throws InterruptedException {
        while (open.getCount() > 0) {
            settle.await(open);
        }
        return refusal;
    }
}
