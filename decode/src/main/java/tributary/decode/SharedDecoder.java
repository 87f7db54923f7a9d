package tributary.decode;

import java.util.concurrent.ArrayBlockingQueue;
import tributary.model.Message;

/// A decoder for many threads: lends one of a few [PayloadDecoder]s for each message, so that doors with a thread for
/// each connection share the sensor names that these remember.
public final class SharedDecoder implements Decoder {
    /// As many as processors are likely to decode at once; a thread that finds none makes one for itself.
    private static final int KEPT_MAX = 32;

    private final ArrayBlockingQueue<PayloadDecoder> idle = new ArrayBlockingQueue<>(KEPT_MAX);

    @Override
    public void decode(Message message, ReadingSink sink) {
        PayloadDecoder decoder = idle.poll();
        if (decoder == null) {
            decoder = new PayloadDecoder();
        }
        decoder.decode(message, sink);
        idle.offer(decoder);
    }
}
