package tributary.query.wire;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.locks.ReentrantLock;

/// Writes frames, whole, from any thread.
public final class FrameWriter {
    private final DataOutputStream out;
    private final ReentrantLock lock = new ReentrantLock();

    public FrameWriter(OutputStream out) {
        this.out = new DataOutputStream(new BufferedOutputStream(out, 1 << 16));
    }

    /// Writes and flushes `frame`.
    public void write(Frame frame) throws IOException {
        lock.lock();
        try {
            out.writeInt(frame.body().length);
            out.writeByte(frame.kind().ordinal());
            out.writeInt(frame.query());
            out.write(frame.body());
            out.flush();
        } finally {
            lock.unlock();
        }
    }
}
