package tributary.gateway.ws;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import java.net.SocketAddress;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tributary.gateway.mqtt.FrameFault;

/// One MQTT client behind a WebSocket as a channel of the MQTT door's event loops: what the frames carry is
/// read from it as from a socket, and what is written to it leaves in frames.
///
/// The two threads of the WebSocket are on the other side: the reader calls [#arrived] and waits in it while
/// the channel is not read; the writer takes from the [Outbox], and the channel is not writable while that is
/// full.
final class WsChannel extends AbstractChannel implements DuplexChannel {
    /// Bytes that may wait to be read before the client's socket is not read any more.
    private static final int INBOX_BYTES_MAX = 64 * 1024;

    /// How long the writer has for its last words once the channel is closed.
    private static final long LAST_WORDS_SECONDS = 2;

    private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

    private final ChannelConfig config = new DefaultChannelConfig(this);
    private final SocketAddress remote;
    private final Outbox outbox;
    private final Runnable abort;

    private final Queue<ByteBuf> inbox = new ConcurrentLinkedQueue<>();
    private final AtomicInteger inboxBytes = new AtomicInteger();
    private final AtomicBoolean called = new AtomicBoolean();

    private volatile boolean open = true;

    /// The client sends no more. Written by the reader, after its last bytes.
    private volatile boolean ended;

    /// What the client did wrong, where that is the end. Written by the reader before `ended`.
    private volatile @Nullable FrameFault fault;

    // The event loop's own.
    private boolean wanted;
    private boolean delivering;
    private boolean outputShut;

    /// @param abort ends the WebSocket's threads, whatever they do
    WsChannel(SocketAddress remote, Outbox outbox, Runnable abort) {
        super(null);
        this.remote = remote;
        this.outbox = outbox;
        this.abort = abort;
        outbox.onRoom(this::resumeWriting);
    }

    /// Takes bytes of the client, and waits while too many are unread. Called by the reader.
    ///
    /// @return whether the channel is still open
    boolean arrived(ByteBuf bytes) throws InterruptedException {
        int size = bytes.readableBytes();
        inboxBytes.addAndGet(size);
        inbox.add(bytes);
        call();
        synchronized (inboxBytes) {
            while (open && inboxBytes.get() > INBOX_BYTES_MAX) {
                inboxBytes.wait();
            }
        }
        return open;
    }

    /// The client sends no more: the channel closes once what came is read.
    void end() {
        ended = true;
        call();
    }

    /// The same because of what the client did.
    void end(FrameFault because) {
        fault = because;
        end();
    }

    /// The client cannot be written to any more.
    void broken() {
        execute(() -> unsafe().close(voidPromise()));
    }

    private void call() {
        if (called.compareAndSet(false, true)) {
            execute(this::deliver);
        }
    }

    private void execute(Runnable task) {
        try {
            eventLoop().execute(task);
        } catch (RejectedExecutionException e) {
            abort.run(); // the door has closed
        }
    }

    private void deliver() {
        called.set(false);
        if (delivering || !wanted) {
            return;
        }
        delivering = true;
        boolean any = false;
        try {
            for (ByteBuf next = inbox.peek(); next != null && wanted && open; next = inbox.peek()) {
                inbox.remove();
                wanted = config.isAutoRead();
                any = true;
                int size = next.readableBytes();
                pipeline().fireChannelRead(next);
                read(size);
                wanted &= config.isAutoRead();
            }
            if (any) {
                pipeline().fireChannelReadComplete();
            }
        } finally {
            delivering = false;
        }
        if (ended && inbox.isEmpty()) {
            FrameFault because = fault;
            if (because != null) {
                fault = null;
                pipeline().fireExceptionCaught(because);
            }
            unsafe().close(voidPromise());
        }
    }

    private void read(int size) {
        if (inboxBytes.addAndGet(-size) <= INBOX_BYTES_MAX) {
            synchronized (inboxBytes) {
                inboxBytes.notifyAll();
            }
        }
    }

    @Override
    protected void doBeginRead() {
        wanted = true;
        if (!inbox.isEmpty() || ended) {
            call();
        }
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer in) {
        for (Object message = in.current(); message != null; message = in.current()) {
            if (!(message instanceof ByteBuf bytes)) {
                throw new IllegalArgumentException("only bytes are written, was " + message.getClass());
            }
            if (bytes.isReadable() && !outbox.offer(bytes)) {
                return; // the writer calls when it has room
            }
            in.remove();
        }
    }

    private void resumeWriting() {
        execute(() -> ((Unsafe) unsafe()).resume());
    }

    @Override
    protected void doClose() {
        open = false;
        synchronized (inboxBytes) {
            inboxBytes.notifyAll();
        }
        for (ByteBuf unread = inbox.poll(); unread != null; unread = inbox.poll()) {
            unread.release();
        }
        outbox.end(new Closing(Closing.NORMAL, "", false));
        try {
            eventLoop().schedule(abort, LAST_WORDS_SECONDS, TimeUnit.SECONDS);
        } catch (RejectedExecutionException e) {
            abort.run(); // the door has closed
        }
    }

    /// What the server has to say is said: the close frame leaves behind it.
    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        outputShut = true;
        outbox.end(new Closing(Closing.NORMAL, "", false));
        return promise.setSuccess();
    }

    @Override
    public ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShut || !open;
    }

    @Override
    public boolean isInputShutdown() {
        return !open;
    }

    @Override
    public boolean isShutdown() {
        return !open;
    }

    @Override
    public ChannelFuture shutdownInput() {
        return shutdownInput(newPromise());
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        return promise.setFailure(new UnsupportedOperationException("the client ends its input"));
    }

    @Override
    public ChannelFuture shutdown() {
        return close();
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
        return close(promise);
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return open;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true; // there is no file descriptor to be registered
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new Unsafe();
    }

    private final class Unsafe extends AbstractUnsafe {
        void resume() {
            flush0();
        }

        @Override
        public void connect(SocketAddress to, @Nullable SocketAddress from, ChannelPromise promise) {
            promise.setFailure(new UnsupportedOperationException("the client has connected"));
        }
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return null;
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return remote;
    }

    @Override
    protected void doBind(SocketAddress address) {
        throw new UnsupportedOperationException("the client has connected");
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    public @Nullable Channel parent() {
        return null;
    }
}
