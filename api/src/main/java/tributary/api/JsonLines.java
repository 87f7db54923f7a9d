package tributary.api;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.function.Consumer;

/// Cuts what is written to it into lines, and gives each away.
final class JsonLines extends OutputStream {
    private final Consumer<byte[]> taker;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    JsonLines(Consumer<byte[]> taker) {
        this.taker = taker;
    }

    @Override
    public void write(int one) {
        if (one == '\n') {
            if (line.size() > 0) {
                taker.accept(line.toByteArray());
            }
            line.reset();
        } else {
            line.write(one);
        }
    }
}
