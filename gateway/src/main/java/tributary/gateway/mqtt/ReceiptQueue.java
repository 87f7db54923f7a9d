package tributary.gateway.mqtt;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Receipts from the log's threads to one event loop: whoever finds the queue empty wakes the loop, the others only
/// add. A group commit costs about one hop and not one a message.
final class ReceiptQueue {
    private final Executor loop;
    private final Consumer<Pending> settle;
    private final Runnable afterAll;
    private final AtomicReference<@Nullable Pending> newest = new AtomicReference<>();
    private final Runnable drain = this::drain;

    /// @param loop     the event loop
    /// @param settle   hears each receipt there, in the order in which they were added
    /// @param afterAll runs there after the last of them
    ReceiptQueue(Executor loop, Consumer<Pending> settle, Runnable afterAll) {
        this.loop = loop;
        this.settle = settle;
        this.afterAll = afterAll;
    }

    /// On a thread of the log's.
    void add(Pending pending) {
        Pending before;
        do {
            before = newest.get();
            pending.next = before;
        } while (!newest.compareAndSet(before, pending));
        if (before == null) {
            try {
                loop.execute(drain);
            } catch (RejectedExecutionException e) {
                // the loop has ended, and with it the connections that could have been told
            }
        }
    }

    private void drain() {
        Pending taken = newest.getAndSet(null);
        Pending oldest = null;
        while (taken != null) {
            Pending next = taken.next;
            taken.next = oldest;
            oldest = taken;
            taken = next;
        }
        while (oldest != null) {
            Pending next = oldest.next;
            oldest.next = null;
            settle.accept(oldest);
            oldest = next;
        }
        afterAll.run();
    }
}
