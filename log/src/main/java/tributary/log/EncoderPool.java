package tributary.log;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// Lends encoders to appending threads, so that neither a platform thread nor a virtual one makes an array a record.
final class EncoderPool {
    private static final int SLOTS = 32;

    private final AtomicReferenceArray<@Nullable MessageEncoder> slots = new AtomicReferenceArray<>(SLOTS);

    MessageEncoder take() {
        MessageEncoder encoder = slots.getAndSet(slot(), null);
        return encoder == null ? new MessageEncoder() : encoder;
    }

    void giveBack(MessageEncoder encoder) {
        encoder.shrink();
        slots.set(slot(), encoder);
    }

    private static int slot() {
        return (int) Thread.currentThread().threadId() & SLOTS - 1;
    }
}
