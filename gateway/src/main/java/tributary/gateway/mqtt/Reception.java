package tributary.gateway.mqtt;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.gateway.Cause;
import tributary.gateway.tls.ServerTls;

/// Takes connections in: counts them, and gives each the handlers that its entrance asks for.
final class Reception {
    private final MqttSettings settings;
    private final Map<EventLoop, MqttLoop> loops;
    private final Gates gates;
    private final Tally tally;
    private final ChannelFutureListener left;

    /// @param loops of every event loop; not changed after the first connection
    Reception(MqttSettings settings, Map<EventLoop, MqttLoop> loops, Gates gates, Tally tally) {
        this.settings = settings;
        this.loops = loops;
        this.gates = gates;
        this.tally = tally;
        this.left = _ -> tally.connections.decrementAndGet();
    }

    /// Welcomes a channel that was just registered with its event loop, or closes it where there is no room.
    ///
    /// @param tls where the entrance speaks TLS
    void accept(Channel channel, Entrance entrance, @Nullable ServerTls tls) {
        boolean room = tally.connections.incrementAndGet() <= settings.connectionsMax();
        channel.closeFuture().addListener(left);
        Arrival arrival = new Arrival(channel.remoteAddress(), entrance);
        if (!room) {
            tally.overLimit.increment();
            loop(channel).overLimit(arrival);
            channel.close();
            return;
        }
        enter(channel, arrival, tls);
    }

    private MqttLoop loop(Channel channel) {
        return Objects.requireNonNull(loops.get(channel.eventLoop()), "every event loop has its share");
    }

    private void enter(Channel channel, Arrival arrival, @Nullable ServerTls tls) {
        MqttLoop loop = loop(channel);
        Crowd.Ticket ticket = gates.crowd().enter(arrival.remote());
        if (ticket == null) {
            tally.overLimit.increment();
            loop.refused(
                    arrival,
                    Cause.TOO_MANY_CONNECTIONS,
                    "this address has, or makes a second, more connections than one may: raise"
                            + " mqtt.connections-per-address or mqtt.attempts-per-address, or let it wait");
            channel.close();
            return;
        }
        channel.closeFuture().addListener(_ -> gates.crowd().leave(ticket));
        if (tls == null) {
            channel.pipeline().addLast(new MqttConnection(loop, channel, arrival));
            return;
        }
        loop.arriving(channel);
        channel.pipeline().addLast(tls.handler(channel.alloc()), new TlsArrival(loop, arrival, gates));
    }
}
