package tributary.gateway.mqtt;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.broker.Outlet;
import tributary.gateway.Cause;
import tributary.gateway.Grounds;
import tributary.log.Receipt;
import tributary.model.Fault;
import tributary.registry.Principal;

/// What the connections of one event loop share. Used on that loop only, the queues into it apart.
final class MqttLoop {
    private static final Logger LOG = LoggerFactory.getLogger(MqttLoop.class);

    /// How often clients are compared with the rights that they have now.
    private static final int RECHECK_SECONDS = 2;

    private final EventLoop executor;
    private final Services services;
    private final Tally tally;
    private final Gates gates;
    private final PacketReader reader = new PacketReader();
    private final KeepAliveWheel wheel = new KeepAliveWheel();
    private final ReceiptQueue receipts;
    private final Outlet outlet;
    private final Receipt unanswered;
    private final Set<MqttConnection> connections = new LinkedHashSet<>();

    /// Accepted, and not MQTT yet: in their TLS handshake, or before their PROXY header.
    private final Set<Channel> arriving = new HashSet<>();

    private final List<MqttConnection> written = new ArrayList<>();
    private List<MqttConnection> congested = new ArrayList<>();
    private final String name;
    private long clientIds;
    private boolean stopping;

    /// @param name unique in the door and over restarts; begins the client ids that the server gives
    MqttLoop(EventLoop executor, Services services, Gates gates, Tally tally, String name) {
        this.name = name;
        this.executor = executor;
        this.services = services;
        this.tally = tally;
        this.gates = gates;
        this.receipts = new ReceiptQueue(executor, pending -> pending.owner().settled(pending), this::flush);
        this.outlet = new Outlet(executor, this::flush, services.settings().outboundBytesMax());
        this.unanswered = new Receipt() {
            @Override
            public void durable(int partition, long position) {}

            @Override
            public void refused(Fault fault, String detail) {
                tally.lost.increment();
            }
        };
    }

    /// A second after each other, not so many in all: of a process that was stopped, clients would be called silent
    /// before what they said meanwhile is read.
    void start() {
        executor.scheduleWithFixedDelay(this::tick, 1, 1, TimeUnit.SECONDS);
    }

    private void tick() {
        wheel.tick();
        if (wheel.now() % RECHECK_SECONDS == 0) {
            for (MqttConnection connection : List.copyOf(connections)) {
                connection.recheck();
            }
        }
        flush();
    }

    /// Goes on by some seconds at once.
    void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            tick();
        }
    }

    /// @return a client id for a client that brought none
    String nextClientId() {
        return name + "-" + clientIds++;
    }

    Services services() {
        return services;
    }

    Tally tally() {
        return tally;
    }

    Gates gates() {
        return gates;
    }

    PacketReader reader() {
        return reader;
    }

    KeepAliveWheel wheel() {
        return wheel;
    }

    ReceiptQueue receipts() {
        return receipts;
    }

    Outlet outlet() {
        return outlet;
    }

    /// @return for messages of QoS 0: counts what the log refuses
    Receipt unanswered() {
        return unanswered;
    }

    /// Runs a task on the loop, and flushes what it wrote. A loop that has ended has no connections left to
    /// serve.
    void execute(Runnable task) {
        try {
            executor.execute(() -> {
                task.run();
                flush();
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("a task came after the end of the event loop", e);
        }
    }

    /// Runs a task on the loop later, and flushes what it wrote.
    void after(long millis, Runnable task) {
        executor.schedule(
                () -> {
                    task.run();
                    flush();
                },
                millis,
                TimeUnit.MILLISECONDS);
    }

    /// Somebody knocks; [#opened] or the channel's end follows.
    void arriving(Channel channel) {
        if (stopping) {
            channel.close();
            return;
        }
        arriving.add(channel);
        channel.closeFuture().addListener(_ -> arriving.remove(channel));
    }

    /// Says why somebody did not even get to speak MQTT.
    void turnedAway(Approach approach, Grounds grounds) {
        tally.turnedAway.increment();
        services.intake().attempts().note(approach.caller(), grounds);
    }

    /// Notes in the attempts log what a client was refused.
    ///
    /// @param peer null where it has not signed in
    void refused(Approach approach, @Nullable Peer peer, Cause cause, String sentence) {
        if (peer == null) {
            services.intake().attempts().note(approach.caller(), approach.grounds(cause, sentence));
        } else {
            peer.refused(cause, sentence);
        }
    }

    void opened(MqttConnection connection) {
        arriving.remove(connection.channel());
        connections.add(connection);
        wheel.plan(connection, wheel.now() + MqttConnection.CONNECT_SECONDS);
        if (stopping) {
            connection.stop();
        }
    }

    void closed(MqttConnection connection) {
        connections.remove(connection);
    }

    /// Notes that a connection has bytes to send at the end of this turn.
    void wrote(MqttConnection connection) {
        written.add(connection);
    }

    /// Sends what the connections wrote in this turn: one flush for each.
    void flush() {
        for (int i = 0; i < written.size(); i++) {
            written.get(i).flush();
        }
        written.clear();
    }

    /// Lets the connection read again when the log has room.
    void awaitRelief(MqttConnection connection) {
        congested.add(connection);
        if (congested.size() == 1) {
            services.intake().whenRelieved(() -> execute(this::relieved));
        }
    }

    private void relieved() {
        List<MqttConnection> waited = congested;
        congested = new ArrayList<>();
        for (MqttConnection connection : waited) {
            connection.resume(MqttConnection.Pause.CONGESTED);
        }
    }

    /// Closes the connections that signed in with a credential that is worth nothing any more.
    void revoked(String credential) {
        for (MqttConnection connection : List.copyOf(connections)) {
            connection.revoked(credential);
        }
    }

    /// Closes the connections whose certificate is worth nothing any more.
    void lookAtCertificates() {
        for (MqttConnection connection : List.copyOf(connections)) {
            Principal proven = connection.approach().proven();
            if (proven != null && !services.certificates().good(proven)) {
                connection.disowned(
                        "the certificate was revoked, or its authority or device removed; issue a new one and connect"
                                + " with it");
            }
        }
    }

    /// Says goodbye to every client once what it published is acknowledged.
    void stop() {
        stopping = true;
        List.copyOf(arriving).forEach(Channel::close);
        for (MqttConnection connection : List.copyOf(connections)) {
            connection.stop();
        }
    }

    /// Closes what is still open.
    void closeAll() {
        for (MqttConnection connection : List.copyOf(connections)) {
            connection.close();
        }
        outlet.close();
    }
}
