package tributary.simulator;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// Writes one JSON object a line: `{"device":"pump-1","topic":"...","payload":{...}}`, to a file or to standard
/// output.
public final class LineOutput implements Output {
    private static final byte[] PAYLOAD = ",\"payload\":".getBytes(StandardCharsets.UTF_8);
    private static final byte[] END = "}\n".getBytes(StandardCharsets.UTF_8);

    private final OutputStream out;
    private volatile long written;

    /// @param out closed with this output
    public LineOutput(OutputStream out) {
        this.out = new BufferedOutputStream(out, 1 << 16);
    }

    @Override
    public void send(SimulatedMessage message) {
        try {
            String head = "{\"device\":" + JsonText.quoted(message.device()) + ",\"topic\":"
                    + JsonText.quoted(message.topic());
            out.write(head.getBytes(StandardCharsets.UTF_8));
            out.write(PAYLOAD);
            out.write(message.payload());
            out.write(END);
            written++;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean drain() {
        flush();
        return true;
    }

    @Override
    public long acknowledged() {
        return written;
    }

    @Override
    public long failed() {
        return 0;
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
