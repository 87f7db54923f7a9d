package tributary.gateway.mqtt;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tributary.gateway.Cause;
import tributary.gateway.tls.ServerTls;

/// Takes connections in: counts them, and gives each the handlers that its entrance asks for.
final class Reception {
    private final MqttSettings settings;
    private final Map<EventLoop, MqttLoop> loops;
    private final Tally tally;
    private final ChannelFutureListener left;

    /// Who is being told that the door is full.
    private final AtomicInteger told = new AtomicInteger();

    /// @param loops of every event loop; not changed after the first connection
    Reception(MqttSettings settings, Map<EventLoop, MqttLoop> loops, Tally tally) {
        this.settings = settings;
        this.loops = loops;
        this.tally = tally;
        this.left = _ -> tally.connections.decrementAndGet();
    }

    /// Welcomes a channel that was just registered with its event loop, or closes it where there is no room.
    ///
    /// @param tls where the entrance speaks TLS
    void accept(Channel channel, Entrance entrance, @Nullable ServerTls tls) {
        boolean room = tally.connections.incrementAndGet() <= settings.connectionsMax();
        channel.closeFuture().addListener(left);
        Approach approach = new Approach(channel.remoteAddress(), entrance, null);
        boolean socket = entrance.kind() != Entrance.Kind.WEBSOCKET;
        if (room && socket && settings.listeners().balancers().trusted(approach.remote())) {
            channel.pipeline()
                    .addLast(new ProxyArrival(
                            loop(channel), forBalancers(approach), client -> enter(channel, client, tls)));
        } else if (room) {
            enter(channel, approach, tls);
        } else {
            tally.overLimit.increment();
            loop(channel)
                    .refused(
                            approach,
                            null,
                            Cause.TOO_MANY_CONNECTIONS,
                            "there are " + settings.connectionsMax()
                                    + " connections already: raise mqtt.connections-max, or close some");
            tellFull(channel, entrance);
        }
    }

    /// The door is full: who can be told so cheaply is told; it takes nobody's place meanwhile.
    private void tellFull(Channel channel, Entrance entrance) {
        boolean tellable = entrance.kind() == Entrance.Kind.PLAIN && told.incrementAndGet() <= FullHouse.PLACES;
        if (!tellable) {
            if (entrance.kind() == Entrance.Kind.PLAIN) {
                told.decrementAndGet();
            }
            channel.close();
            return;
        }
        channel.closeFuture().removeListener(left).addListener(_ -> told.decrementAndGet());
        tally.connections.decrementAndGet();
        channel.pipeline().addLast(new FullHouse("the server has as many connections as it may; try again later"));
    }

    private void turnAway(Channel channel, Approach approach, String sentence) {
        tally.overLimit.increment();
        loop(channel).refused(approach, null, Cause.TOO_MANY_CONNECTIONS, sentence);
        channel.close();
    }

    /// Who is let in without a credential for being on this machine is not, where a balancer is between.
    private Approach forBalancers(Approach approach) {
        return settings.listeners().anonymous().anywhere()
                ? approach
                : new Approach(
                        approach.remote(), new Entrance(approach.entrance().kind(), null), null);
    }

    private MqttLoop loop(Channel channel) {
        return Objects.requireNonNull(loops.get(channel.eventLoop()), "every event loop has its share");
    }

    private void enter(Channel channel, Approach approach, @Nullable ServerTls tls) {
        MqttLoop loop = loop(channel);
        Crowd crowd = loop.gates().crowd();
        Crowd.Ticket ticket = crowd.enter(approach.remote());
        if (ticket == null) {
            turnAway(
                    channel,
                    approach,
                    "this address has, or makes a second, more connections than one may: raise"
                            + " mqtt.connections-per-address or mqtt.attempts-per-address, or let it wait");
            return;
        }
        // the door's place last: whoever sees that one free finds his address's free, too
        channel.closeFuture()
                .removeListener(left)
                .addListener(_ -> crowd.leave(ticket))
                .addListener(left);
        if (tls == null) {
            channel.pipeline().addLast(new MqttConnection(loop, channel, approach));
            return;
        }
        loop.arriving(channel);
        channel.pipeline().addLast(tls.handler(channel.alloc()), new TlsArrival(loop, approach));
    }
}
