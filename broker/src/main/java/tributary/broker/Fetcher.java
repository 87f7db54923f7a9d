package tributary.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.broker.RetainedStore.Kept;
import tributary.broker.Window.Place;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.model.Message;
import tributary.model.PlatformException;

/// Reads messages that wait for clients back from the log, on threads of its own, because the event loops must not
/// wait for the disk. At most one reading a session is asked for at a time.
final class Fetcher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Fetcher.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration AFTER_FAULT = Duration.ofSeconds(1);

    /// Payload of one reading; what is over comes with the next.
    private static final long BYTES_MAX = 256 * 1024;

    private final Log log;
    private final RetainedStore retained;
    private final LongAdder fetched;
    private final BlockingQueue<Job> jobs = new LinkedBlockingQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile boolean closed;

    private record Job(Session session, Fetch fetch) {}

    Fetcher(Log log, RetainedStore retained, LongAdder fetched) {
        this.log = log;
        this.retained = retained;
        this.fetched = fetched;
    }

    /// Starts so many threads; a test that wants none calls [#step].
    void start(int count) {
        for (int i = 0; i < count; i++) {
            threads.add(Thread.ofPlatform().name("broker-fetch-" + i).start(this::run));
        }
    }

    void add(Session session, Fetch fetch) {
        jobs.add(new Job(session, fetch));
    }

    private void run() {
        while (!closed) {
            try (LogReader reader = log.reader()) {
                while (!closed) {
                    Job job = jobs.poll(POLL.toMillis(), TimeUnit.MILLISECONDS);
                    if (job != null) {
                        read(job, reader);
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (PlatformException e) {
                LOG.error("messages that wait cannot be read: {}", e.detail(), e);
                pause();
            }
        }
    }

    private void pause() {
        try {
            boolean _ = closing.await(AFTER_FAULT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Does one reading, if one is asked for.
    ///
    /// @return whether there was one
    boolean step() {
        Job job = jobs.poll();
        if (job == null) {
            return false;
        }
        try (LogReader reader = log.reader()) {
            read(job, reader);
        }
        return true;
    }

    private void read(Job job, LogReader reader) {
        List<@Nullable Delivery> found = new ArrayList<>();
        long bytes = 0;
        Batch batch = null;
        try {
            for (Place place : job.fetch().places()) {
                if (bytes > BYTES_MAX) {
                    break;
                }
                if (batch == null || !holds(batch, place)) {
                    reader.seek(place.partition(), place.position());
                    batch = reader.next(place.partition());
                }
                Delivery delivery = delivery(job.session(), place, batch);
                found.add(delivery);
                bytes += delivery == null ? 0 : delivery.message().payload().length;
            }
        } catch (PlatformException e) {
            jobs.add(job); // the disk may answer again
            throw e;
        }
        fetched.add(found.size());
        job.session().fetched(job.fetch(), found);
    }

    private static boolean holds(Batch batch, Place place) {
        return batch.partition() == place.partition()
                && place.position() >= batch.first()
                && place.position() < batch.end();
    }

    private @Nullable Delivery delivery(Session session, Place place, @Nullable Batch batch) {
        if (batch != null && holds(batch, place)) {
            Message message = batch.message((int) (place.position() - batch.first()));
            return message.tenant().equals(session.tenant())
                    ? new Delivery(message, place.partition(), place.position())
                    : null;
        }
        Kept kept = place.retained() ? retained.at(session.tenant(), place.partition(), place.position()) : null;
        return kept == null ? null : new Delivery(kept.message(), place.partition(), place.position());
    }

    @Override
    public void close() {
        closed = true;
        closing.countDown();
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
