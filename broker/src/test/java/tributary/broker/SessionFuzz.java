package tributary.broker;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import tributary.log.Receipt;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.model.TopicFilter;
import tributary.registry.Principal;
import tributary.testkit.SimulatedClock;

/// What Jazzer calls with bytes that it makes up, led by the branches that they reach: `./dev fuzz`.
///
/// Where [SessionSimulation] has clients that keep to the protocol, these do not: they acknowledge what they were never
/// sent, release what they never published, and say everything twice.
class SessionFuzz {
    private static final TenantId TENANT = new TenantId("acme");
    private static final String[] FILTERS = {"#", "t/#", "t/a", "+/a", "$share", "u/b"};
    private static final String[] TOPICS = {"t/a", "t/b", "u/a", "u/b"};
    private static final int BYTES_MAX = 2_000;
    private static final int PACKET_IDS = 8;

    private final SimulatedClock clock = new SimulatedClock(Instant.ofEpochSecond(1_700_000_000));
    private final SimulatedLog log = new SimulatedLog(new SplittableRandom(1), 2, 1);
    private final SimulatedLog journal = new SimulatedLog(new SplittableRandom(2), 1, 4096);
    private final KnownDevices devices = new KnownDevices();
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final List<Guest> guests = List.of(new Guest("a"), new Guest("b"), new Guest("c"));
    private Broker broker = open();
    private long nanos = 1;

    /// Each byte is something that a client, the disk, the time or the broker does.
    @FuzzTest
    void noOrderOfCallsBreaksASession(byte[] bytes) {
        judge(bytes);
    }

    static void judge(byte[] bytes) {
        new SessionFuzz().run(bytes);
    }

    private Broker open() {
        BrokerSettings settings = new BrokerSettings(3, Duration.ofDays(1), 20, 2_000, Duration.ofDays(1), 3, 300);
        Broker.World world = new Broker.World(log, journal, devices, clock, () -> nanos);
        Broker opened = Broker.openUnmanned(settings, world, Journal.Room.DEFAULT, Set.of());
        opened.speakThrough((will, said) -> said.accept(will.qos() > 0));
        return opened;
    }

    private void run(byte[] bytes) {
        for (int i = 0; i < Math.min(bytes.length, BYTES_MAX); i++) {
            int argument = bytes[i] & 0x1F;
            switch (bytes[i] >> 5 & 7) {
                case 0 -> world(argument);
                case 1 -> guest(argument).connect(argument / 3);
                case 2 -> guest(argument).subscribe(argument / 3);
                case 3 -> guest(argument).publish(argument / 3);
                case 4 -> guest(argument).answer(argument / 3);
                case 5 -> guest(argument).leave(argument / 3);
                case 6 -> settle();
                default -> guest(argument).poll(1 + argument / 3);
            }
        }
        log.full(false);
        journal.full(false);
        for (int i = 0; i < 3; i++) {
            pass(100);
            settle();
        }
        BrokerCounts counts = broker.counts();
        expect(counts.waiting() >= 0 && counts.subscriptions() >= 0 && counts.connected() <= guests.size(), counts);
        broker.abandon();
    }

    private Guest guest(int argument) {
        return guests.get(argument % guests.size());
    }

    private static void expect(boolean good, Object what) {
        if (!good) {
            throw new AssertionError(what.toString());
        }
    }

    private void world(int what) {
        switch (what) {
            case 0, 1, 2 -> broker.step(Duration.ZERO);
            case 3 -> broker.fetchStep();
            case 4, 5 -> log.flush();
            case 6, 7 -> log.tell();
            case 8, 9 -> journal.flush();
            case 10, 11 -> journal.tell();
            case 12, 13, 14 -> task();
            case 15 -> pass(1);
            case 16 -> pass(50);
            case 17 -> log.full(true);
            case 18 -> log.full(false);
            case 19 -> journal.full(true);
            case 20 -> journal.full(false);
            case 21 -> crash();
            case 22, 23, 24 -> {
                boolean _ = broker.of(TENANT).end(guest(what).name);
            }
            default -> broker.of(TENANT).figures();
        }
    }

    private void task() {
        Runnable task = tasks.poll();
        if (task != null) {
            task.run();
        }
    }

    private void pass(int seconds) {
        nanos += seconds * 1_000_000_000L;
        clock.advance(Duration.ofSeconds(seconds));
        broker.step(Duration.ZERO);
    }

    private void settle() {
        boolean any = true;
        for (int i = 0; any && i < 1_000; i++) {
            any = log.settle() | journal.settle() | broker.step(Duration.ZERO) | broker.fetchStep() | !tasks.isEmpty();
            task();
        }
    }

    private void crash() {
        broker.abandon();
        tasks.clear();
        guests.forEach(Guest::forget);
        log.crash();
        journal.crash();
        broker = open();
    }

    /// A client that says what it likes.
    private final class Guest implements Client {
        private final String name;
        private @Nullable Attachment hold;
        private int receiveMax;
        private final Set<Integer> unanswered = new HashSet<>();
        private final List<Attachment.Taking> takings = new ArrayList<>();

        Guest(String name) {
            this.name = name;
        }

        void forget() {
            hold = null;
            unanswered.clear();
            takings.clear();
        }

        void connect(int how) {
            int receives = 1 + how % 5;
            Will will = how % 2 == 0 ? null : will(how);
            Arrival arrival = new Arrival(
                    principal(),
                    name,
                    how % 3 == 0,
                    how % 4 * 40L,
                    receives,
                    will,
                    new Outlet(tasks::add, () -> {}, how % 2 == 0 ? 1_000 : 100),
                    this);
            broker.connect(arrival, welcome -> {
                if (welcome instanceof Welcome.Attached attached) {
                    hold = attached.attachment();
                    receiveMax = receives;
                    unanswered.clear();
                    hold.start();
                }
            });
        }

        private Principal principal() {
            return new Principal(
                    TENANT,
                    name,
                    Principal.Kind.APPLICATION,
                    null,
                    Principal.Role.DEVICE,
                    Set.of(),
                    Set.of(),
                    null,
                    "credential");
        }

        private Will will(int how) {
            return new Will(
                    principal(),
                    name,
                    TOPICS[how % TOPICS.length],
                    new byte[how],
                    how % 3,
                    false,
                    MessageProperties.NONE,
                    how % 2 * 30L,
                    0);
        }

        void subscribe(int how) {
            Attachment to = hold;
            if (to == null) {
                return;
            }
            String filter = FILTERS[how % FILTERS.length];
            boolean shared = filter.startsWith("$");
            Subscription one = new Subscription(
                    shared ? "g" : "", new TopicFilter(shared ? "t/#" : filter), how % 3, false, how % 2 == 0, how);
            if (how == 10) {
                to.unsubscribe(List.of(one.key(), one.key()), _ -> {});
            } else {
                Attachment.ShowRetained show = Attachment.ShowRetained.values()[how % 3];
                to.subscribe(List.of(new Attachment.Request(one, show)), _ -> {});
            }
        }

        void publish(int how) {
            Attachment to = hold;
            int qos = how % 3;
            Message message = new Message(
                    TENANT,
                    null,
                    new Topic(TOPICS[how % TOPICS.length]),
                    new byte[how % 5 * 20],
                    clock.millis() * 1000,
                    Message.Origin.MQTT,
                    name,
                    qos,
                    how % 4 == 0,
                    MessageProperties.NONE);
            int packetId = 1 + how % PACKET_IDS;
            if (qos < 2 || to == null) {
                log.append(message, Receipt.NONE);
            } else if (to.taken(packetId) == Attachment.Taken.NO) {
                Attachment.Taking taking = to.take(packetId, log.partitionOf(TENANT, null, name));
                log.append(message.as(taking.publishId()), new Receipt() {
                    @Override
                    public void durable(int partition, long position) {
                        taking.durable(position);
                    }

                    @Override
                    public void refused(Fault fault, String detail) {
                        taking.refused();
                    }
                });
            }
        }

        /// Says something about a packet, whether there is one or not.
        void answer(int how) {
            Attachment to = hold;
            if (to == null) {
                return;
            }
            int packetId = 1 + how % PACKET_IDS;
            boolean known = switch (how % 4) {
                case 0 -> to.acknowledged(packetId);
                case 1 -> {
                    to.received(packetId, how % 2 == 0);
                    yield false;
                }
                case 2 -> to.completed(packetId);
                default -> {
                    if (to.taken(packetId) != Attachment.Taken.SOON) {
                        to.release(packetId, _ -> {});
                    }
                    yield false;
                }
            };
            if (known) {
                unanswered.remove(packetId);
            }
        }

        void leave(int how) {
            Attachment from = hold;
            if (from != null) {
                from.detach(how % 3 == 0 ? -1 : how % 3 * 20L, how % 2 == 0);
                hold = how % 5 == 0 ? from : null; // some go on as if nothing had been
            }
        }

        void poll(int most) {
            Attachment from = hold;
            Outgoing out = null;
            for (int i = 0; from != null && i < most && (i == 0 || out != null); i++) {
                out = from.poll();
                if (out instanceof Outgoing.Publish publish && publish.qos() > 0) {
                    expect(publish.packetId() > 0, publish);
                    expect(publish.delivery().message().qos() >= publish.qos(), publish);
                    unanswered.add(publish.packetId());
                    expect(unanswered.size() <= receiveMax + PACKET_IDS, "more under way than " + receiveMax);
                }
            }
        }

        @Override
        public void wake() {
            poll(2);
        }

        @Override
        public void detached(Why why) {
            tasks.add(() -> {});
        }
    }
}
