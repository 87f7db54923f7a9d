package tributary.app.server;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/// A station that opens while others do. It is closed here, opened completely or not at all.
final class Ahead<T extends AutoCloseable> implements AutoCloseable {
    private final CompletableFuture<T> opening;

    private Ahead(CompletableFuture<T> opening) {
        this.opening = opening;
    }

    /// Begins to open on a thread of its own.
    static <T extends AutoCloseable> Ahead<T> open(String name, Supplier<T> open) {
        CompletableFuture<T> opening = new CompletableFuture<>();
        Thread.ofPlatform().name("open-" + name).start(() -> {
            try {
                opening.complete(open.get());
            } catch (RuntimeException | Error failure) {
                opening.completeExceptionally(failure);
            }
        });
        return new Ahead<>(opening);
    }

    /// Waits until it is open.
    ///
    /// @throws RuntimeException what kept it from opening
    T get() {
        try {
            return opening.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw e;
            }
        }
    }

    @Override
    public void close() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        opening.whenComplete((_, _) -> done.countDown());
        done.await();
        if (!opening.isCompletedExceptionally()) {
            opening.join().close();
        }
    }
}
