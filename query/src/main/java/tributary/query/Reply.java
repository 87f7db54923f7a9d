package tributary.query;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tributary.query.wire.Frame;

/// Frames of one query on their way from the worker's reader thread to whoever asked.
final class Reply {
    /// The worker sends at most its window of batches, one head and one end.
    private static final int FRAMES_MAX = 32;

    private final int id;
    private volatile double percent = -1;
    private final BlockingQueue<Frame> frames = new ArrayBlockingQueue<>(FRAMES_MAX);

    Reply(int id) {
        this.id = id;
    }

    int id() {
        return id;
    }

    /// Reader thread: hands a frame over.
    ///
    /// @return false where the worker sends more than it may
    boolean give(Frame frame) {
        return frames.offer(frame);
    }

    /// Reader thread: how far the query is.
    void percent(double now) {
        percent = now;
    }

    /// @return how far the query is, in percent, or less than 0 where that is not known
    double percent() {
        return percent;
    }

    /// @return the next frame, or null after `millis`
    @Nullable
    Frame take(long millis) throws InterruptedException {
        return frames.poll(millis, TimeUnit.MILLISECONDS);
    }
}
