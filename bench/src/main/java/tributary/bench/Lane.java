package tributary.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One connection: keeps its window full or to its schedule, and measures every answer. Its event loop only.
///
/// Everything that a turn allows is encoded into one buffer and leaves in one flush.
final class Lane extends ChannelInboundHandlerAdapter implements Dialect.Listener {
    private static final int BATCH_BYTES_MAX = 128 * 1024;

    /// What a slot holds while its message is not under way.
    private static final long FREE = Long.MIN_VALUE;

    private final Driver driver;
    private final int window;
    private final long[] sentNanos;
    private final int slotMask;
    private final int index;
    private @Nullable Dialect dialect;
    private @Nullable ChannelHandlerContext context;
    private State state = State.OPENING;
    private long next;
    private long oldest;
    private int underWay;
    private long turnNanos;

    private enum State {
        OPENING,
        LIVE,
        GONE
    }

    /// @param index place among the driver's lanes: the schedule goes round them in turn
    Lane(Driver driver, int index, int window) {
        this.driver = driver;
        this.index = index;
        this.window = window;
        this.sentNanos = new long[slots(window)];
        this.slotMask = sentNanos.length - 1;
        Arrays.fill(sentNanos, FREE);
    }

    /// @return how many messages can be told apart while under way: the power of two at or above the window
    static int slots(int window) {
        return window == 1 ? 1 : Integer.highestOneBit(window - 1) << 1;
    }

    /// Call once, before the connection opens.
    void speak(Dialect spoken) {
        dialect = spoken;
    }

    @Override
    public void channelActive(ChannelHandlerContext opened) {
        context = opened;
        dialect().greet(opened);
    }

    @Override
    public void channelRead(ChannelHandlerContext from, Object message) {
        turnNanos = driver.nanos();
        dialect().read(from, (ByteBuf) message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext from) {
        pump();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext from) {
        if (from.channel().isWritable()) {
            pump();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext from) {
        broken("connection closed by the server");
        dialect().close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
        broken(String.valueOf(cause.getMessage()));
    }

    /// Sends what window and schedule allow now.
    void pump() {
        ChannelHandlerContext to = context;
        if (state != State.LIVE || to == null || !driver.sending()) {
            return;
        }
        Dialect spoken = dialect();
        boolean answered = spoken.answered();
        int batchMax = Math.max(1, BATCH_BYTES_MAX / spoken.messageBytes());
        while (true) {
            long now = driver.nanos();
            long count = Math.min(driver.due(index, now) - next, batchMax);
            if (answered) {
                count = Math.min(count, Math.min(window - underWay, sentNanos.length - (next - oldest)));
            } else if (!to.channel().isWritable()) {
                return;
            }
            if (count <= 0) {
                return;
            }
            send(to, spoken, (int) count, now);
        }
    }

    private void send(ChannelHandlerContext to, Dialect spoken, int count, long now) {
        ByteBuf out = to.alloc().directBuffer(count * spoken.messageBytes());
        for (int i = 0; i < count; i++) {
            spoken.encode(out, next);
            sentNanos[(int) next & slotMask] = driver.scheduled(index, next, now);
            next++;
        }
        driver.tally().sent += count;
        if (spoken.answered()) {
            underWay += count;
            driver.underWay(count);
        } else {
            oldest = next;
            driver.unanswered(count, now);
        }
        to.writeAndFlush(out, to.voidPromise());
    }

    @Override
    public void welcome() {
        if (state == State.OPENING) {
            state = State.LIVE;
            driver.opened();
        }
    }

    @Override
    public void taken(long number) {
        long sent = answer(number);
        if (sent != FREE) {
            driver.taken(sent, turnNanos);
        }
    }

    @Override
    public void takenBefore(long number) {
        if (number > next) {
            broken("answers message " + number + " of " + next);
            return;
        }
        for (long n = oldest; n < number; n++) {
            if (sentNanos[(int) n & slotMask] != FREE) {
                taken(n);
            }
        }
    }

    @Override
    public void refused(long number, String why) {
        if (answer(number) != FREE) {
            driver.refused(why, turnNanos);
        }
    }

    @Override
    public void broken(String why) {
        if (state == State.GONE) {
            return;
        }
        boolean opening = state == State.OPENING;
        state = State.GONE;
        driver.lost(opening, why, underWay);
        underWay = 0;
        if (context != null) {
            context.close();
        }
    }

    @Override
    public void arrivedBefore(long number) {
        turnNanos = driver.nanos();
        takenBefore(number);
        pump();
    }

    @Override
    public long scheduled(long number) {
        return driver.scheduled(index, number, driver.nanos());
    }

    @Override
    public long oldest() {
        return oldest;
    }

    /// Closes without a word; what is under way stays unanswered.
    void close() {
        state = State.GONE;
        if (context != null) {
            context.close();
        }
    }

    /// @return when the message was sent or due, or [#FREE] where no such message is under way
    private long answer(long number) {
        if (number < oldest || number >= next) {
            driver.tally().reason("answer to a message that is not under way");
            return FREE;
        }
        int slot = (int) number & slotMask;
        long sent = sentNanos[slot];
        if (sent == FREE) {
            driver.tally().reason("second answer to one message");
            return FREE;
        }
        sentNanos[slot] = FREE;
        underWay--;
        driver.underWay(-1);
        while (oldest < next && sentNanos[(int) oldest & slotMask] == FREE) {
            oldest++;
        }
        return sent;
    }

    private Dialect dialect() {
        return Objects.requireNonNull(dialect, "speak() comes first");
    }
}
