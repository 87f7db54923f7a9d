package tributary.sinks;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.registry.SinkDefinitions.SinkDefinition;

/// A delivery at work on a virtual thread, and beside it what comes in. Where it cannot be opened, that is said and
/// tried again.
final class Running implements Relief.Waiting, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Running.class);
    private static final Duration IDLE = Duration.ofMillis(250);
    private static final Duration OPEN_AGAIN = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final String name;
    private final SinkDefinition definition;
    private final Spool spool;
    private final Supplier<Opened> opening;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable Delivery delivery;
    private volatile @Nullable Source source;
    private volatile String broken = "it starts";

    /// A sink in both directions.
    ///
    /// @param source what comes in, or null
    record Opened(Delivery delivery, @Nullable Source source) {}

    /// @param opening opens the sink; throws [IllegalStateException] with the reason where it cannot
    Running(SinkDefinition definition, Spool spool, Supplier<Opened> opening) {
        this.name = definition.tenant() + "/" + definition.name();
        this.definition = definition;
        this.spool = spool;
        this.opening = opening;
        this.thread = Thread.ofVirtual().name("sink-" + name).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (stop.getCount() > 0) {
                Delivery open = delivery;
                if (open == null) {
                    open();
                } else {
                    work(open);
                }
            }
            Delivery open = delivery;
            if (open != null) {
                open.finish();
            }
        } catch (InterruptedException e) {
            // what was under way is delivered again after the next start
            LOG.info("sink {} was stopped in the middle of a delivery", name);
        } finally {
            Source in = source;
            if (in != null) {
                in.close();
            }
            Delivery open = delivery;
            if (open != null) {
                open.close();
            }
        }
    }

    private void open() throws InterruptedException {
        try {
            Opened opened = opening.get();
            source = opened.source();
            delivery = opened.delivery();
        } catch (RuntimeException e) {
            broken = String.valueOf(e.getMessage());
            LOG.warn("sink {} does not work: {}", name, broken);
            pause(OPEN_AGAIN);
        }
    }

    private void work(Delivery open) throws InterruptedException {
        try {
            Duration wait = open.step(IDLE);
            if (!wait.isZero()) {
                pause(wait.compareTo(IDLE) < 0 ? wait : IDLE);
            }
        } catch (RuntimeException e) {
            LOG.warn("sink {} could not go on; it tries again", name, e);
            open.troubled(e);
        }
    }

    private void pause(Duration wait) throws InterruptedException {
        stop.await(Math.max(1, wait.toMillis()), TimeUnit.MILLISECONDS);
    }

    SinkStatus status() {
        Delivery open = delivery;
        SinkStatus status = open == null ? SinkStatus.broken(broken) : open.status();
        return status.with(spool.bytes(), spool.loss());
    }

    /// @return how it goes with what comes in
    SourceStatus sourceStatus() {
        Source in = source;
        return in == null ? SourceStatus.OFF : in.status();
    }

    @Override
    public SinkDefinition definition() {
        return definition;
    }

    @Override
    public Spool spool() {
        return spool;
    }

    /// @return 0 where it is not known
    @Override
    public long safe() {
        Delivery open = delivery;
        return open == null ? 0 : open.safe();
    }

    @Override
    public long reached() {
        Delivery open = delivery;
        return open == null ? 0 : open.reached();
    }

    boolean again(long position) {
        Delivery open = delivery;
        return open != null && open.again(position);
    }

    /// Asks it to stop; [#close] waits for that.
    void ask() {
        stop.countDown();
    }

    @Override
    public void close() {
        ask();
        try {
            if (!thread.join(PATIENCE)) {
                thread.interrupt();
                if (!thread.join(PATIENCE)) {
                    LOG.warn("sink {} does not stop; it ends with the process", name);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
