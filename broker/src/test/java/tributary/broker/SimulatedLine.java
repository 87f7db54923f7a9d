package tributary.broker;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.broker.Subscription.Key;
import tributary.log.Receipt;
import tributary.model.Fault;
import tributary.model.Message;

/// One connection of a simulated client: the network, which loses what is under way when it breaks, and the door's end,
/// which drives the session by the same rules as the MQTT door.
final class SimulatedLine implements Client {
    /// Packets that the network holds before the door stops writing.
    private static final int NETWORK_MAX = 6;

    private final SessionSimulation world;
    private final SimulatedClient client;
    private Hello hello;
    private final Deque<Runnable> toServer = new ArrayDeque<>();
    private final Deque<Runnable> toClient = new ArrayDeque<>();
    private final Deque<Pending> pending = new ArrayDeque<>();
    private final Map<String, Long> newest = new HashMap<>();
    private @Nullable Attachment attachment;
    private boolean ended;
    private boolean cut;

    /// What a client says when it connects.
    ///
    /// @param slow whether little is kept in memory for it
    record Hello(
            boolean clean,
            long expirySeconds,
            int receiveMax,
            @Nullable Will will,
            boolean slow) {
        @Override
        public String toString() {
            String words = will == null
                    ? "none"
                    : "%s after %d s".formatted(will.properties().contentType(), will.delaySeconds());
            return "clean %s, expiry %d, receives %d, will %s".formatted(clean, expirySeconds, receiveMax, words);
        }
    }

    SimulatedLine(SessionSimulation world, SimulatedClient client, Hello hello) {
        this.world = world;
        this.client = client;
        this.hello = hello;
        toServer.add(this::connect);
    }

    SimulatedClient client() {
        return client;
    }

    Hello hello() {
        return hello;
    }

    /// @return the position heard last of each topic at QoS 0
    Map<String, Long> newest() {
        return newest;
    }

    /// @return whether the door has closed its end
    boolean ended() {
        return ended;
    }

    /// @return whether the client has been let in
    boolean welcomed() {
        return attachment != null;
    }

    boolean isCut() {
        return cut;
    }

    /// Hands the client's next packet to the door.
    boolean carryToServer() {
        Runnable next = toServer.poll();
        if (next != null && !ended) {
            next.run();
        }
        return next != null;
    }

    /// Hands the door's next packet to the client.
    boolean carryToClient() {
        Runnable next = cut ? null : toClient.poll();
        if (next != null) {
            next.run();
            pump();
        }
        return next != null;
    }

    /// The client's end is gone: of what it wrote last some never arrives, and the door does not know yet.
    void cut() {
        cut = true;
        toClient.clear();
        for (int lost = world.random().nextInt(1 + toServer.size()); lost > 0; lost--) {
            toServer.removeLast();
        }
    }

    /// The door finds that nobody is there any more.
    void noticed() {
        while (carryToServer()) {
            // what arrived before the end
        }
        if (!ended) {
            leave(-1, true);
        }
    }

    private void connect() {
        if (!hello.clean() && world.oracle().vague(this)) {
            // The client cannot know either: what it has under way may be of another session.
            hello = new Hello(true, hello.expirySeconds(), hello.receiveMax(), hello.will(), hello.slow());
            client.forgets(this);
        }
        world.event("%s connects %s", client, hello);
        world.oracle().connecting(this);
        Arrival arrival = new Arrival(
                client.principal(),
                client.id(),
                hello.clean(),
                hello.expirySeconds(),
                hello.receiveMax(),
                hello.will(),
                world.outlet(hello.slow()),
                this);
        world.broker().connect(arrival, this::answered);
    }

    private void answered(Welcome welcome) {
        switch (welcome) {
            case Welcome.Attached attached -> {
                world.event("%s is let in, present %s", client, attached.present());
                attachment = attached.attachment();
                Object session = world.oracle().welcomed(this, attached.present());
                world.see(attached.present(), SessionSimulation.Sight.RESUMED);
                if (ended) {
                    attachment.detach(-1, true);
                    return;
                }
                toClient.add(() -> client.connected(this, attached.present(), session));
                attachment.start();
            }
            case Welcome.Occupied _ -> throw new AssertionError(client + " is not let in: its name is taken");
            case Welcome.Unavailable unavailable -> {
                world.event("%s is not let in: %s", client, unavailable.detail());
                world.oracle().notLetIn(this);
                close();
            }
        }
    }

    private Attachment attachment() {
        if (attachment == null) {
            throw new AssertionError(client + " sends packets before it was let in");
        }
        return attachment;
    }

    private void close() {
        ended = true;
        toClient.add(() -> client.closed(this));
    }

    private void leave(long expires, boolean willing) {
        ended = true;
        world.event("%s leaves, expiry %d, will %s", client, expires, willing);
        world.oracle().leaving(this, expires, willing);
        if (attachment != null) {
            attachment.detach(expires, willing);
        }
        world.oracle().settled(); // where nothing of it had to be noted
    }

    private void fail() {
        leave(-1, true);
        toClient.add(() -> client.closed(this));
    }

    @Override
    public void wake() {
        pump();
    }

    @Override
    public void detached(Why why) {
        world.event("%s is sent away: %s", client, why);
        world.oracle().sentAway(this, why);
        world.see(why == Why.TAKEN_OVER, SessionSimulation.Sight.TAKEN_OVER);
        world.tasks().add(() -> {
            if (!ended) {
                close();
                if (attachment != null) {
                    attachment.detach(-1, true);
                }
            }
        });
    }

    private void pump() {
        while (!ended && attachment != null && toClient.size() < NETWORK_MAX) {
            switch (attachment.poll()) {
                case null -> {
                    return;
                }
                case Outgoing.Publish publish -> toClient.add(() -> client.hears(this, publish));
                case Outgoing.Release release -> toClient.add(() -> client.released(this, release.packetId()));
            }
        }
    }

    /// The client's packets; each arrives at the door some time later.
    void goodbye(long expires, boolean willing) {
        toServer.add(() -> leave(expires, willing));
    }

    void publish(SimulatedClient.Said said, int packetId) {
        toServer.add(() -> take(said, packetId));
    }

    void release(int packetId) {
        toServer.add(() -> {
            if (attachment().taken(packetId) == Attachment.Taken.SOON) {
                throw new AssertionError(client + " was told too early of " + packetId);
            }
            attachment().release(packetId, _ -> send(() -> client.completed(this, packetId)));
        });
    }

    void acknowledge(int packetId) {
        toServer.add(() -> {
            expect(attachment().acknowledged(packetId), "PUBACK", packetId);
            pump();
        });
    }

    void received(int packetId) {
        toServer.add(() -> {
            Attachment.Known known = attachment().received(packetId, false);
            expect(known != Attachment.Known.OTHERWISE, "PUBREC", packetId);
            if (known == Attachment.Known.NO) {
                send(() -> client.released(this, packetId));
            }
            pump();
        });
    }

    void completed(int packetId) {
        toServer.add(() -> {
            expect(attachment().completed(packetId), "PUBCOMP", packetId);
            pump();
        });
    }

    void subscribe(Subscription subscription) {
        toServer.add(() -> {
            world.event("%s subscribes %s", client, subscription);
            long[] ends = world.ends();
            Runnable heard = world.oracle().subscribing(this, subscription, ends);
            attachment()
                    .subscribe(
                            List.of(new Attachment.Request(subscription, Attachment.ShowRetained.ALWAYS)), failure -> {
                                if (failure == null) {
                                    heard.run();
                                } else {
                                    world.oracle().notSubscribed(this, subscription.key());
                                }
                            });
        });
    }

    void unsubscribe(Key key) {
        toServer.add(() -> {
            world.event("%s unsubscribes %s", client, key);
            world.oracle().unsubscribing(this, key);
            attachment().unsubscribe(List.of(key), _ -> {});
        });
    }

    private void expect(boolean expected, String answer, int packetId) {
        if (!expected) {
            throw new AssertionError("the %s %d of %s is not expected".formatted(answer, packetId, client));
        }
    }

    private void send(Runnable packet) {
        if (!ended) {
            toClient.add(packet);
        }
    }

    private void take(SimulatedClient.Said said, int packetId) {
        Message message = said.message(client, world.micros());
        if (said.qos() == 2 && attachment().taken(packetId) != Attachment.Taken.NO) {
            attachment().whenTaken(packetId, stored -> {
                if (!stored && !client.five() && !ended) {
                    fail();
                } else {
                    send(() -> client.taken(this, packetId, stored));
                }
            });
            return;
        }
        if (said.qos() == 1 && attachment().taken(packetId) != Attachment.Taken.NO) {
            throw new AssertionError("%s was told that %d is free".formatted(client, packetId));
        }
        world.event("%s publishes %s as %d", client, said, packetId);
        SimulatedLog log = world.log();
        if (said.qos() == 0) {
            log.append(message, Receipt.NONE);
            return;
        }
        Attachment.Taking taking = said.qos() == 1
                ? null
                : attachment().take(packetId, log.partitionOf(message.tenant(), message.device(), message.publisher()));
        Pending receipt = new Pending(packetId, taking);
        pending.add(receipt);
        log.append(taking == null ? message : message.as(taking.publishId()), receipt);
    }

    private void answer() {
        while (!pending.isEmpty() && pending.element().settled) {
            Pending one = pending.remove();
            if (ended) {
                continue;
            }
            boolean stored = one.position >= 0;
            if (!stored && !client.five()) {
                fail();
            } else if (one.taking == null) {
                send(() -> client.acknowledged(this, one.packetId, stored));
            } else {
                send(() -> client.taken(this, one.packetId, stored));
            }
        }
    }

    /// One publish on its way to the disk.
    private final class Pending implements Receipt {
        private final int packetId;
        private final Attachment.@Nullable Taking taking;
        private long position = -1;
        private boolean settled;

        Pending(int packetId, Attachment.@Nullable Taking taking) {
            this.packetId = packetId;
            this.taking = taking;
        }

        @Override
        public void durable(int partition, long at) {
            position = at;
            world.tasks().add(this::settle);
        }

        @Override
        public void refused(Fault fault, String detail) {
            world.tasks().add(this::settle);
        }

        private void settle() {
            settled = true;
            if (taking != null && position >= 0) {
                taking.durable(position);
            } else if (taking != null) {
                taking.refused();
            }
            answer();
        }
    }
}
