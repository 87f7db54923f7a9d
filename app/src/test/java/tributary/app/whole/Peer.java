package tributary.app.whole;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import tributary.broker.Outgoing;
import tributary.broker.Subscription;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.model.TopicFilter;
import tributary.registry.Principal;

/// A client as a good library makes it: it keeps what it has under way over its connections, sends it again under the
/// same identifiers, and remembers which messages of QoS 2 it has. Devices publish, listeners hear.
final class Peer {
    /// Few, so that they are used again soon.
    private static final int PACKET_IDS = 6;

    private final WholeHistory world;
    private final SplittableRandom random;
    private final String id;
    private final @Nullable DeviceId device;
    private final int hearsAt;
    private final Map<Integer, UnderWay> underWay = new LinkedHashMap<>();
    private final Set<Integer> received = new HashSet<>();
    private @Nullable Line line;
    private boolean welcome;
    private boolean subscribed;

    /// Whether it has lost what it kept, so that it must not go on with its session.
    private boolean forgetful;

    /// What a device says.
    record Said(String device, long number, int value, int qos) {}

    private static final class UnderWay {
        final Said said;
        boolean released;

        UnderWay(Said said) {
            this.said = said;
        }
    }

    /// @param hearsAt the quality of service of a listener, or -1 for a device
    Peer(WholeHistory world, SplittableRandom random, String id, int hearsAt) {
        this.world = world;
        this.random = random;
        this.id = id;
        this.device = hearsAt < 0 ? new DeviceId(id) : null;
        this.hearsAt = hearsAt;
    }

    String id() {
        return id;
    }

    Principal principal() {
        return new Principal(
                TenantId.MAIN,
                "test:" + id,
                device == null ? Principal.Kind.APPLICATION : Principal.Kind.DEVICE,
                device,
                device == null ? Principal.Role.OWNER : Principal.Role.DEVICE,
                Set.of(),
                Set.of(),
                null,
                "credential of " + id);
    }

    Message message(Said said, long micros) {
        String payload = "{\"n\":%d,\"v\":%d}".formatted(said.number(), said.value());
        return new Message(
                TenantId.MAIN,
                device,
                new Topic("devices/" + said.device() + "/telemetry"),
                payload.getBytes(StandardCharsets.UTF_8),
                micros,
                Message.Origin.MQTT,
                id,
                said.qos(),
                false,
                MessageProperties.ofType("application/json"));
    }

    boolean listens() {
        return hearsAt >= 0;
    }

    boolean subscribed() {
        return subscribed;
    }

    boolean connected() {
        return line != null;
    }

    boolean idle() {
        return underWay.isEmpty() && received.isEmpty();
    }

    /// Does one thing that clients do.
    void act() {
        Line to = line;
        if (to == null) {
            if (random.nextInt(3) == 0) {
                connect();
            }
            return;
        }
        int choice = random.nextInt(60);
        if (choice == 0) {
            drop();
        } else if (choice == 1 && !listens() && random.nextInt(3) == 0) {
            // It dies and has forgotten all when it comes back.
            drop();
            underWay.clear();
            received.clear();
            forgetful = true;
        } else if (choice == 2 && random.nextInt(3) == 0) {
            connect(); // beside a connection that hangs
        } else if (welcome && !listens() && choice < 50) {
            publish(to);
        } else if (welcome && listens() && !subscribed) {
            subscribe(to);
        }
    }

    void connect() {
        if (line != null) {
            drop();
        }
        Line to = new Line(world, this, forgetful, random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 50);
        line = to;
        welcome = false;
        world.opened(to);
    }

    private void subscribe(Line to) {
        to.subscribe(new Subscription(new TopicFilter("#"), hearsAt, false, false, 0));
    }

    /// The connection breaks.
    void drop() {
        if (line != null) {
            line.cut();
            line = null;
            welcome = false;
        }
    }

    private void publish(Line to) {
        int packetId = 1 + random.nextInt(PACKET_IDS);
        if (underWay.containsKey(packetId)) {
            return;
        }
        Said said = new Said(id, world.nextNumber(), random.nextInt(10), 1 + random.nextInt(2));
        underWay.put(packetId, new UnderWay(said));
        to.publish(said, packetId);
    }

    /// CONNACK.
    void connected(Line on, boolean present) {
        welcome = true;
        forgetful = false;
        if (!present) {
            if (subscribed) {
                throw new AssertionError("the session of " + id + " is lost");
            }
            // Packets of a session that was never confirmed, or of the one before.
            underWay.clear();
            received.clear();
            return;
        }
        underWay.forEach((packetId, one) -> {
            if (one.released) {
                on.release(packetId);
            } else {
                on.publish(one.said, packetId);
            }
        });
    }

    /// SUBACK.
    void subscribed(boolean is) {
        if (is && !subscribed) {
            subscribed = true;
            world.ledger().listens(this);
        }
    }

    /// The door closed the connection.
    void closed(Line on) {
        if (line == on) {
            drop();
        }
    }

    /// PUBACK.
    void acknowledged(int packetId, boolean stored) {
        UnderWay one = underWay.remove(packetId);
        if (one != null) {
            world.ledger().acknowledged(one.said, stored);
        }
    }

    /// PUBREC.
    void taken(Line on, int packetId, boolean stored) {
        UnderWay one = underWay.get(packetId);
        if (one == null) {
            return;
        }
        world.ledger().acknowledged(one.said, stored);
        if (stored) {
            one.released = true;
            on.release(packetId);
        } else {
            underWay.remove(packetId);
        }
    }

    /// PUBCOMP.
    void completed(int packetId) {
        UnderWay one = underWay.get(packetId);
        if (one != null && one.released) {
            underWay.remove(packetId);
        }
    }

    /// PUBLISH.
    void hears(Line on, Outgoing.Publish publish) {
        boolean first = publish.qos() < 2 || received.add(publish.packetId());
        if (first) {
            world.ledger().heard(this, publish);
        }
        if (publish.qos() == 1) {
            on.acknowledge(publish.packetId());
        } else if (publish.qos() == 2) {
            on.received(publish.packetId());
        }
    }

    /// PUBREL.
    void released(Line on, int packetId) {
        received.remove(packetId);
        on.completed(packetId);
    }
}
