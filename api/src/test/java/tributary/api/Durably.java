package tributary.api;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import tributary.log.Log;
import tributary.log.Receipt;
import tributary.model.Fault;
import tributary.model.Message;

/// Appends as a door does, and waits as a client does.
final class Durably {
    private Durably() {}

    /// Returns when the message can be read from the log.
    static void append(Log log, Message message) {
        CompletableFuture<Void> durable = new CompletableFuture<>();
        log.append(message, new Receipt() {
            @Override
            public void durable(int partition, long position) {
                durable.complete(null);
            }

            @Override
            public void refused(Fault fault, String detail) {
                durable.completeExceptionally(new AssertionError(fault + ": " + detail));
            }
        });
        durable.orTimeout(30, TimeUnit.SECONDS).join();
    }
}
