package tributary.engine;

import java.util.concurrent.CountDownLatch;

/// Waits until what was appended is durable; in simulations without threads it makes it so.
interface Settle {
    /// Waits a while for the latch.
    ///
    /// @throws InterruptedException where nobody is going to wait any longer
    void await(CountDownLatch told) throws InterruptedException;
}
