package tributary.gateway.ws;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// What waits to be sent to one client: bytes for binary frames, an answer to a ping, and the close frame at
/// the end.
///
/// The event loop and the reader put in, the writer takes out.
final class Outbox {
    /// Bytes that may wait before the channel is told to wait.
    private static final int BYTES_MAX = 64 * 1024;

    private final Deque<ByteBuf> waiting = new ArrayDeque<>();
    private int bytes;
    private boolean awaited;
    private byte @Nullable [] pong;
    private @Nullable Closing closing;
    private boolean over;
    private Runnable onRoom = () -> {};

    /// What to send next, in this order: pong, data, close.
    ///
    /// @param data    several buffers, each a frame; the taker releases them
    /// @param closing the last word, or null
    record Parcel(
            byte @Nullable [] pong,
            Deque<ByteBuf> data,
            @Nullable Closing closing) {}

    /// @param call what to call when there is room again after [#offer] said no
    synchronized void onRoom(Runnable call) {
        onRoom = call;
    }

    /// @return whether it was taken (and retained); after the end it is taken and forgotten
    synchronized boolean offer(ByteBuf data) {
        if (over || closing != null) {
            return true;
        }
        if (bytes > BYTES_MAX) {
            awaited = true;
            return false;
        }
        bytes += data.readableBytes();
        waiting.add(data.retain());
        notifyAll();
        return true;
    }

    synchronized void pong(byte[] payload) {
        pong = payload;
        notifyAll();
    }

    /// Nothing comes after what is in here; the first reason counts.
    synchronized void end(Closing why) {
        if (closing == null) {
            closing = why;
            notifyAll();
        }
    }

    /// Nothing is sent any more.
    synchronized void over() {
        over = true;
        waiting.forEach(ByteBuf::release);
        waiting.clear();
        bytes = 0;
        notifyAll();
    }

    /// Waits for something to send.
    ///
    /// @return null where there will be nothing any more
    @Nullable
    Parcel take() throws InterruptedException {
        Runnable call = null;
        Parcel parcel;
        synchronized (this) {
            while (!over && waiting.isEmpty() && pong == null && closing == null) {
                wait();
            }
            if (over) {
                return null;
            }
            parcel = new Parcel(pong, new ArrayDeque<>(waiting), closing);
            pong = null;
            waiting.clear();
            bytes = 0;
            if (awaited) {
                awaited = false;
                call = onRoom;
            }
        }
        if (call != null) {
            call.run();
        }
        return parcel;
    }
}
