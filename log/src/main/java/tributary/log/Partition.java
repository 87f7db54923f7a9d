package tributary.log;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.log.Disks.Refusal;
import tributary.model.DiskFile;
import tributary.model.Fault;
import tributary.model.Message;

/// One partition: the way in for appends, the files, and the thread that writes them.
final class Partition {
    private static final Logger LOG = LoggerFactory.getLogger(Partition.class);
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONG_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final int number;
    private final LogWorld world;
    private final Commons commons;
    private final Shelf shelf;
    private final PartitionWriter writer;
    private final EncoderPool encoders = new EncoderPool();
    private final int recordBytesMax;
    private @Nullable Thread thread;

    Partition(int number, LogWorld world, Commons commons, Shelf shelf, PartitionWriter writer) {
        this.number = number;
        this.world = world;
        this.commons = commons;
        this.shelf = shelf;
        this.writer = writer;
        this.recordBytesMax = (int) Math.min(16 << 20, world.settings().segmentBytes() / 2);
    }

    int number() {
        return number;
    }

    Shelf shelf() {
        return shelf;
    }

    PartitionWriter writer() {
        return writer;
    }

    void append(Message message, Receipt receipt) {
        Refusal refusal = writer.refusal();
        if (refusal != null) {
            refuse(receipt, refusal.fault(), refusal.detail());
            return;
        }
        MessageEncoder encoder = encoders.take();
        try {
            int length = encoder.encode(message, recordBytesMax);
            if (length < 0) {
                refuse(
                        receipt,
                        Fault.LOG_FULL,
                        "the message is larger than the log takes, %d bytes; log.segment-bytes has to be twice as large"
                                .formatted(recordBytesMax));
            } else if (!commons.backlog().admit(length)) {
                refuse(
                        receipt,
                        Fault.LOG_FULL,
                        "too many bytes wait for the disk already (log.queue-bytes is %d); send again later"
                                .formatted(world.settings().queueBytes()));
            } else if (!writer.queue().add(encoder.bytes(), length, receipt)) {
                commons.backlog().release(length);
                refuse(receipt, Fault.STOPPING, "the log is stopping; send again when the server is back");
            }
        } finally {
            encoders.giveBack(encoder);
        }
    }

    /// @return whether appends are refused, so that nobody need pause for them
    boolean refusing() {
        return writer.refusal() != null;
    }

    long end() {
        return writer.end();
    }

    /// @return the position of the oldest record that is kept
    long start() {
        return shelf.segments().isEmpty() ? end() : shelf.segments().getFirst().base();
    }

    SegmentCursor cursor(Segment segment) throws IOException {
        DiskFile file = world.disk().open(segment.path());
        return new SegmentCursor(file, segment.key(), !world.has(Flaw.NO_CHECK));
    }

    void startThread() {
        thread = Thread.ofPlatform().name("log-" + number).start(this::run);
    }

    /// Takes what is still in the queue to the disk, then ends.
    void close() throws InterruptedException {
        writer.queue().close();
        Thread running = thread;
        if (running != null) {
            running.join();
        } else {
            writer.close();
        }
    }

    private void run() {
        try {
            boolean idle = true;
            while (!writer.queue().closed()) {
                if (writer.refusal() != null) {
                    writer.queue().awaitClosed(RETRY_NANOS);
                    writer.step();
                } else if (writer.queue().await(idle ? LONG_NANOS : IDLE_NANOS)) {
                    writer.step();
                    idle = false;
                } else {
                    writer.idle();
                    idle = true;
                }
            }
            writer.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            writer.fail("the log's thread was interrupted; restart the server");
        } catch (RuntimeException | Error e) {
            LOG.error("the writer of partition {} is broken, the log refuses everything from now on", number, e);
            writer.fail("the log's writer is broken (" + e + "); restart the server and report this");
            throw e;
        }
    }

    private void refuse(Receipt receipt, Fault fault, String detail) {
        commons.counters().refused(1);
        Receipts.refused(receipt, fault, detail);
    }
}
