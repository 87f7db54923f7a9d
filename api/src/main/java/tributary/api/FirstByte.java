package tributary.api;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Holds back the first bytes of an answer, so that a failure among them can still become a proper error.
final class FirstByte extends OutputStream {
    private static final int HELD_BYTES_MAX = 16 * 1024;

    private final Supplier<OutputStream> open;
    private final boolean eager;
    private byte[] held = new byte[512];
    private int count;
    private @Nullable OutputStream out;

    /// @param open  sends status and headers and gives the way for the body
    /// @param eager whether a flush sends what is held
    FirstByte(Supplier<OutputStream> open, boolean eager) {
        this.open = open;
        this.eager = eager;
    }

    /// @return whether anything has left, so that the status cannot be changed any more
    boolean started() {
        return out != null;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        OutputStream target = out;
        if (target == null && count + length <= HELD_BYTES_MAX) {
            if (count + length > held.length) {
                held = Arrays.copyOf(held, Math.min(HELD_BYTES_MAX, Math.max(held.length * 2, count + length)));
            }
            System.arraycopy(bytes, offset, held, count, length);
            count += length;
            return;
        }
        send(target == null ? start() : target, bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
        if (eager || out != null) {
            OutputStream target = out == null ? start() : out;
            try {
                target.flush();
            } catch (UncheckedIOException e) {
                throw e.getCause();
            } catch (RuntimeException e) {
                throw new IOException("the client is gone", e);
            }
        }
    }

    /// The answer is whole: sends what is held and ends the body.
    @Override
    public void close() throws IOException {
        OutputStream target = out == null ? start() : out;
        target.close();
    }

    private OutputStream start() throws IOException {
        OutputStream target = open.get();
        out = target;
        send(target, held, 0, count);
        held = new byte[0];
        return target;
    }

    /// The server wraps a broken connection in exceptions of its own; here all of them mean that the client is gone.
    private static void send(OutputStream target, byte[] bytes, int offset, int length) throws IOException {
        try {
            target.write(bytes, offset, length);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (RuntimeException e) {
            throw new IOException("the client is gone", e);
        }
    }
}
