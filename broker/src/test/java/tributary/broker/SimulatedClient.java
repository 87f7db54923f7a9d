package tributary.broker;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import tributary.broker.SimulatedLine.Hello;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.model.TopicFilter;
import tributary.registry.Principal;

/// A client as a good library makes it: it keeps what it has under way over its connections, sends it again under the
/// same identifiers, and remembers which messages of QoS 2 it has.
final class SimulatedClient {
    /// Few, so that they are used again soon.
    private static final int PACKET_IDS = 6;

    private static final String[] TOPICS = {"t/a", "t/b", "t/c", "u/a", "u/b"};
    private static final String[] FILTERS = {"#", "t/#", "t/+", "t/a", "+/a", "u/b"};

    private final SessionSimulation world;
    private final SplittableRandom random;
    private final Name name;
    private final Map<Integer, UnderWay> underWay = new LinkedHashMap<>();
    private final Set<Integer> received = new HashSet<>();
    private final Map<String, Long> newest = new HashMap<>();
    private @Nullable SimulatedLine line;
    private boolean welcome;

    /// Stands for the session that the client was told of last.
    private @Nullable Object session;

    /// Whether the client has lost what it kept, or never kept anything.
    private boolean forgetful;

    /// Who a client is and how it is.
    ///
    /// @param share  the group that it works in, or ""
    /// @param steady keeps its session whatever happens
    /// @param rival  has the client id of another client, and no memory
    record Name(TenantId tenant, String id, @Nullable DeviceId device, boolean five, Nature nature) {}

    record Nature(String share, boolean steady, boolean rival) {}

    /// What a client publishes.
    ///
    /// @param number names it; written into the message
    record Said(long number, String topic, int bytes, int qos, boolean retain, long expirySeconds) {
        Message message(SimulatedClient client, long micros) {
            return new Message(
                    client.name.tenant(),
                    client.name.device(),
                    new Topic(topic),
                    new byte[bytes],
                    micros,
                    Message.Origin.MQTT,
                    client.name.id(),
                    qos,
                    retain,
                    properties());
        }

        MessageProperties properties() {
            MessageProperties type = MessageProperties.ofType("n/" + number);
            return new MessageProperties(
                    type.contentType(),
                    type.responseTopic(),
                    type.correlationData(),
                    expirySeconds,
                    type.utf8(),
                    type.user());
        }

        static long number(Message message) {
            return Long.parseLong(message.properties().contentType().substring(2));
        }
    }

    private static final class UnderWay {
        final Said said;
        boolean released;

        UnderWay(Said said) {
            this.said = said;
        }
    }

    SimulatedClient(SessionSimulation world, SplittableRandom random, Name name) {
        this.world = world;
        this.random = random;
        this.name = name;
        this.forgetful = name.nature().rival();
    }

    Name name() {
        return name;
    }

    TenantId tenant() {
        return name.tenant();
    }

    String id() {
        return name.id();
    }

    String share() {
        return name.nature().share();
    }

    boolean five() {
        return name.five();
    }

    @Nullable
    DeviceId device() {
        return name.device();
    }

    Principal principal() {
        DeviceId device = name.device();
        return new Principal(
                name.tenant(),
                "subject of " + name.id(),
                device == null ? Principal.Kind.APPLICATION : Principal.Kind.DEVICE,
                device,
                Principal.Role.DEVICE,
                Set.of(),
                Set.of(),
                null,
                "credential of " + name.id());
    }

    @Nullable
    SimulatedLine line() {
        return line;
    }

    boolean connected() {
        return line != null;
    }

    /// @return whether it has lost what it kept, so that it must not go on with its session
    boolean forgetful() {
        return forgetful;
    }

    boolean idle() {
        return underWay.isEmpty() && received.isEmpty();
    }

    /// Does one thing that clients do.
    void act() {
        SimulatedLine to = line;
        if (to == null) {
            if (random.nextInt(4) == 0) {
                connect();
            }
            return;
        }
        int choice = random.nextInt(40);
        if (choice == 0) {
            drop();
        } else if (choice == 1 && !name.nature().steady() && random.nextInt(3) == 0) {
            // It dies and has forgotten all when it comes back.
            drop();
            forget();
            forgetful = true;
        } else if (choice == 2 && random.nextInt(3) == 0) {
            connect(); // beside a connection that hangs
        } else if (!welcome) {
            return;
        } else if (choice == 3 && random.nextInt(2) == 0) {
            boolean shorter = !name.nature().steady() && random.nextInt(4) == 0;
            to.goodbye(shorter && to.hello().expirySeconds() > 0 ? random.nextInt(20) : -1, random.nextInt(3) == 0);
            drop();
        } else if (choice < 10) {
            subscribe(to);
        } else if (choice == 10 && !name.nature().steady()) {
            to.unsubscribe(choose().key());
        } else if (choice < 34) {
            publish(to);
        }
    }

    void connect() {
        boolean clean = forgetful || !name.nature().steady() && random.nextInt(8) == 0;
        long[] expiries = {0, 5, 40, 300, 86_400};
        long expiry = name.nature().rival() ? 0 : name.nature().steady() ? 86_400 : expiries[random.nextInt(5)];
        connect(clean, expiry, name.nature().rival() || random.nextInt(3) > 0 ? null : will());
    }

    void connect(boolean clean, long expirySeconds, @Nullable Will will) {
        if (line != null) {
            drop();
        }
        if (clean) {
            forgetful = true; // until it is told that the session is a new one
            forget();
        }
        int receiveMax = random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 50;
        SimulatedLine to =
                new SimulatedLine(world, this, new Hello(clean, expirySeconds, receiveMax, will, random.nextBoolean()));
        line = to;
        welcome = false;
        world.opened(to);
    }

    private Will will() {
        Said last = said(random.nextInt(3), random.nextInt(4) == 0);
        return new Will(
                principal(),
                id(),
                last.topic(),
                new byte[last.bytes()],
                last.qos(),
                last.retain(),
                last.properties(),
                random.nextInt(3) == 0 ? 1 + random.nextInt(60) : 0,
                0);
    }

    void forgets(SimulatedLine on) {
        if (line == on) {
            forget();
        }
    }

    private void forget() {
        underWay.clear();
        received.clear();
    }

    /// The connection breaks.
    void drop() {
        if (line != null) {
            line.cut();
            line = null;
            welcome = false;
        }
    }

    private Subscription choose() {
        String filter = share().isEmpty() ? FILTERS[random.nextInt(FILTERS.length)] : "t/#";
        int qos = share().isEmpty() ? random.nextInt(20) == 0 ? 0 : 1 + random.nextInt(2) : 2;
        return new Subscription(share(), new TopicFilter(filter), qos, false, false, 0);
    }

    void subscribe(SimulatedLine to) {
        to.subscribe(choose());
    }

    private Said said(int qos, boolean retain) {
        return new Said(
                world.nextNumber(),
                TOPICS[random.nextInt(TOPICS.length)],
                retain && random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(200),
                qos,
                retain,
                random.nextInt(20) == 0 ? 1 + random.nextInt(60) : -1);
    }

    private void publish(SimulatedLine to) {
        int qos = random.nextInt(12) == 0 ? 0 : 1 + random.nextInt(2);
        boolean retain = random.nextInt(8) == 0;
        int packetId = 0;
        if (qos > 0) {
            packetId = 1 + random.nextInt(PACKET_IDS);
            if (underWay.containsKey(packetId)) {
                return;
            }
        }
        Said said = said(qos, retain);
        world.oracle().published(said);
        if (qos > 0) {
            underWay.put(packetId, new UnderWay(said));
        }
        to.publish(said, packetId);
    }

    /// CONNACK.
    ///
    /// @param in stands for the session that the client is in now
    void connected(SimulatedLine on, boolean present, Object in) {
        welcome = true;
        forgetful = name.nature().rival();
        Object before = session;
        session = in;
        if (!present || before != session) {
            // Where the answer to a former CONNECT was lost the session may be a new one that the client does not know.
            forget();
            if (random.nextInt(5) > 0 || name.nature().steady()) {
                subscribe(on);
            }
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

    /// The door closed the connection.
    void closed(SimulatedLine on) {
        if (line == on) {
            drop();
        }
    }

    /// PUBACK.
    void acknowledged(SimulatedLine on, int packetId, boolean stored) {
        UnderWay one = underWay.remove(packetId);
        if (one != null) {
            world.oracle().acknowledged(one.said, stored);
        }
    }

    /// PUBREC.
    void taken(SimulatedLine on, int packetId, boolean stored) {
        UnderWay one = underWay.get(packetId);
        if (one == null) {
            return;
        }
        world.oracle().acknowledged(one.said, stored);
        if (stored) {
            one.released = true;
            on.release(packetId);
        } else {
            underWay.remove(packetId);
        }
    }

    /// PUBCOMP.
    void completed(SimulatedLine on, int packetId) {
        UnderWay one = underWay.get(packetId);
        if (one != null && one.released) {
            underWay.remove(packetId);
        }
    }

    /// PUBLISH.
    void hears(SimulatedLine on, Outgoing.Publish publish) {
        boolean first = publish.qos() < 2 || received.add(publish.packetId());
        world.event("%s hears %s %s", this, publish, first ? "" : "(again)");
        if (first) {
            world.oracle().heard(on, publish, newest);
        }
        if (publish.qos() == 1) {
            on.acknowledge(publish.packetId());
        } else if (publish.qos() == 2) {
            on.received(publish.packetId());
        }
    }

    /// PUBREL.
    void released(SimulatedLine on, int packetId) {
        received.remove(packetId);
        on.completed(packetId);
    }

    @Override
    public String toString() {
        return name.tenant() + "/" + name.id() + (name.nature().rival() ? "'" : "");
    }
}
