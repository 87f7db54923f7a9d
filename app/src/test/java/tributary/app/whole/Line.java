package tributary.app.whole;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.app.whole.Plant.Station;
import tributary.broker.Arrival;
import tributary.broker.Attachment;
import tributary.broker.Client;
import tributary.broker.Outgoing;
import tributary.broker.Subscription;
import tributary.broker.Welcome;
import tributary.log.Log;
import tributary.log.Receipt;
import tributary.model.Fault;
import tributary.model.Message;

/// One connection: the network, which loses what is under way when it breaks, and the door's end, which drives the
/// session by the rules of the MQTT door.
final class Line implements Client {
    /// Packets that the network holds before the door stops writing.
    private static final int NETWORK_MAX = 6;

    private final WholeHistory world;
    private final Peer peer;
    private final boolean clean;
    private final int receiveMax;
    private final Deque<Runnable> toServer = new ArrayDeque<>();
    private final Deque<Runnable> toClient = new ArrayDeque<>();
    private final Deque<Pending> pending = new ArrayDeque<>();
    private @Nullable Attachment attachment;
    private boolean ended;
    private boolean cut;

    Line(WholeHistory world, Peer peer, boolean clean, int receiveMax) {
        this.world = world;
        this.peer = peer;
        this.clean = clean;
        this.receiveMax = receiveMax;
        toServer.add(this::connect);
    }

    boolean isCut() {
        return cut;
    }

    /// @return whether there was a packet for the door
    boolean carryToServer() {
        Runnable next = toServer.poll();
        if (next != null && !ended) {
            next.run();
        }
        return next != null;
    }

    /// @return whether there was a packet for the client
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
            leave();
        }
    }

    private void leave() {
        ended = true;
        if (attachment != null) {
            attachment.detach(-1, true);
        }
    }

    private void connect() {
        Arrival arrival =
                new Arrival(peer.principal(), peer.id(), clean, 86_400, receiveMax, null, world.outlet(), this);
        world.broker().connect(arrival, this::answered);
    }

    private void answered(Welcome welcome) {
        switch (welcome) {
            case Welcome.Attached attached -> {
                world.event("%s is let in, clean %s, present %s", peer.id(), clean, attached.present());
                attachment = attached.attachment();
                if (ended) {
                    attachment.detach(-1, true);
                    return;
                }
                toClient.add(() -> peer.connected(this, attached.present()));
                attachment.start();
            }
            case Welcome.Occupied _ -> throw new AssertionError(peer.id() + " is not let in: its name is taken");
            case Welcome.Unavailable unavailable -> {
                world.event("%s is not let in: %s", peer.id(), unavailable.detail());
                close();
            }
        }
    }

    private Attachment attachment() {
        if (attachment == null) {
            throw new AssertionError(peer.id() + " sends packets before it was let in");
        }
        return attachment;
    }

    private void close() {
        ended = true;
        toClient.add(() -> peer.closed(this));
    }

    @Override
    public void wake() {
        pump();
    }

    @Override
    public void detached(Why why) {
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
                case Outgoing.Publish publish -> toClient.add(() -> peer.hears(this, publish));
                case Outgoing.Release release -> toClient.add(() -> peer.released(this, release.packetId()));
            }
        }
    }

    private void send(Runnable packet) {
        if (!ended) {
            toClient.add(packet);
        }
    }

    // The client's packets; each arrives at the door some time later.

    void publish(Peer.Said said, int packetId) {
        toServer.add(() -> take(said, packetId));
    }

    void release(int packetId) {
        toServer.add(() -> {
            if (world.plant().is(Station.DOOR, "COMPLETE_AT_ONCE")) {
                send(() -> peer.completed(packetId));
                attachment().release(packetId, _ -> {});
                return;
            }
            attachment().release(packetId, _ -> send(() -> peer.completed(packetId)));
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
                send(() -> peer.released(this, packetId));
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
        toServer.add(() -> attachment()
                .subscribe(
                        List.of(new Attachment.Request(subscription, Attachment.ShowRetained.NEVER)),
                        failure -> send(() -> peer.subscribed(failure == null))));
    }

    private void expect(boolean expected, String answer, int packetId) {
        if (!expected) {
            throw new AssertionError("the %s %d of %s is not expected".formatted(answer, packetId, peer.id()));
        }
    }

    private void take(Peer.Said said, int packetId) {
        boolean asks = !world.plant().is(Station.DOOR, "TAKES_AGAIN");
        if (said.qos() == 2 && asks && attachment().taken(packetId) != Attachment.Taken.NO) {
            attachment().whenTaken(packetId, stored -> send(() -> peer.taken(this, packetId, stored)));
            return;
        }
        if (said.qos() == 1 && attachment().taken(packetId) != Attachment.Taken.NO) {
            throw new AssertionError("%s was told that %d is free".formatted(peer.id(), packetId));
        }
        Message message = peer.message(said, world.micros());
        world.ledger().appended(said);
        Log log = world.log();
        Attachment.Taking taking = said.qos() == 1
                ? null
                : attachment().take(packetId, log.partitionOf(message.tenant(), message.device(), message.publisher()));
        Pending receipt = new Pending(said, packetId, taking);
        pending.add(receipt);
        log.append(taking == null ? message : message.as(taking.publishId()), receipt);
        if (world.plant().is(Station.DOOR, "ANSWERS_AT_ONCE")) {
            send(() -> peer.acknowledged(packetId, true));
        }
    }

    private void answer() {
        while (!pending.isEmpty() && pending.element().settled) {
            Pending one = pending.remove();
            boolean stored = one.position >= 0;
            if (one.taking == null) {
                send(() -> peer.acknowledged(one.packetId, stored));
            } else {
                send(() -> peer.taken(this, one.packetId, stored));
            }
        }
    }

    /// One publish on its way to the disk.
    private final class Pending implements Receipt {
        private final Peer.Said said;
        private final int packetId;
        private final Attachment.@Nullable Taking taking;
        private long position = -1;
        private boolean settled;

        Pending(Peer.Said said, int packetId, Attachment.@Nullable Taking taking) {
            this.said = said;
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
            world.ledger().refused(said);
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
