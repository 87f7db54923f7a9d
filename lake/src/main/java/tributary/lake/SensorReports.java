package tributary.lake;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.registry.Sensors;

/// Tells the registry of sensors that data showed, on a thread of its own, so that a slow or absent registry never
/// holds up readings. What it cannot take yet stays with the giver.
final class SensorReports implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SensorReports.class);
    private static final int BATCH_MAX = 1_000;
    private static final long RETRY_MILLIS_MAX = 30_000;

    private final Sensors sensors;
    private final SynchronousQueue<List<Sensors.Seen>> handover = new SynchronousQueue<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread;

    SensorReports(Sensors sensors) {
        this.sensors = sensors;
        this.thread = Thread.ofPlatform().name("lake-sensors").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /// @return whether the report was taken; false while the last one is still being told
    boolean offer(List<Sensors.Seen> seen) {
        return handover.offer(seen);
    }

    private void run() {
        try {
            while (stopping.getCount() > 0) {
                List<Sensors.Seen> seen = handover.poll(100, TimeUnit.MILLISECONDS);
                for (int i = 0; seen != null && i < seen.size(); i += BATCH_MAX) {
                    report(seen.subList(i, Math.min(i + BATCH_MAX, seen.size())));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void report(List<Sensors.Seen> batch) throws InterruptedException {
        for (long waitMillis = 500; ; waitMillis = Math.min(2 * waitMillis, RETRY_MILLIS_MAX)) {
            try {
                sensors.discovered(batch);
                return;
            } catch (RuntimeException e) {
                LOG.warn(
                        "cannot tell the registry of {} new sensors, trying again in {} ms",
                        batch.size(),
                        waitMillis,
                        e);
            }
            if (stopping.await(waitMillis, TimeUnit.MILLISECONDS)) {
                return;
            }
        }
    }

    @Override
    public void close() {
        stopping.countDown();
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
