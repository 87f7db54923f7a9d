package tributary.engine;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Work that goes on until the engine ends, on a thread of its own. When it fails it is opened anew and goes on from
/// where it was.
final class Errand implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Errand.class);

    private final String name;
    private final Supplier<Work> opening;
    private final Surroundings surroundings;

    /// What is done again and again.
    interface Work extends AutoCloseable {
        /// @param wait how long to wait for something to do
        /// @return whether there was anything
        boolean turn(Duration wait) throws InterruptedException;

        /// There will be nothing more.
        default void finish() {}

        @Override
        void close();
    }

    /// What is around it.
    ///
    /// @param ending   whether nothing more comes than what is there already
    /// @param nap      how long to wait for something to do
    /// @param again    waits a while after a failure
    /// @param troubles where it says what is wrong
    record Surroundings(BooleanSupplier ending, Duration nap, Pause again, Troubles troubles) {}

    interface Pause {
        void take() throws InterruptedException;
    }

    /// @param name what it is called where something is wrong with it
    Errand(String name, Supplier<Work> opening, Surroundings surroundings) {
        this.name = name;
        this.opening = opening;
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        Work work = null;
        try {
            while (true) {
                boolean last = surroundings.ending().getAsBoolean();
                try {
                    work = work == null ? opening.get() : work;
                    boolean moved = work.turn(last ? Duration.ZERO : surroundings.nap());
                    surroundings.troubles().over(name);
                    if (last && !moved) {
                        work.finish();
                        return;
                    }
                } catch (RuntimeException e) {
                    surroundings.troubles().failed(name, e);
                    if (last) {
                        return;
                    }
                    close(work);
                    work = null;
                    surroundings.again().take();
                }
            }
        } catch (InterruptedException e) {
            LOG.warn("{} did not come to their end; they go on when the server starts again", name);
        } finally {
            close(work);
        }
    }

    private static void close(@Nullable Work work) {
        if (work != null) {
            work.close();
        }
    }
}
