package tributary.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.broker.Attachment.ShowRetained;
import tributary.log.Receipt;
import tributary.model.Fault;
import tributary.model.MessageProperties;
import tributary.model.TopicFilter;

/// The threads of doors, the broker's, the fetchers' and the log's meet on a few sessions. The simulation says
/// what is right, on one thread; this says that no order of locks stops them for ever and that nothing is left
/// behind.
class SessionThreadsTest {
    private static final int DOORS = 4;
    private static final int STEPS = 400;
    private static final String[] NAMES = {"a", "b", "c"};
    private static final String[] FILTERS = {"#", "t/+", "t/1"};

    /// Far more than it takes: what has not ended then never does.
    private static final long PATIENCE_SECONDS = 120;

    private final Queue<Throwable> mistakes = new ConcurrentLinkedQueue<>();
    private final AtomicInteger letIn = new AtomicInteger();
    private final AtomicInteger takenOver = new AtomicInteger();
    private final AtomicInteger heard = new AtomicInteger();

    private BrokerHouse house;

    @BeforeEach
    void open(@TempDir Path folder) {
        house = new BrokerHouse(
                folder,
                new BrokerSettings(1_000, Duration.ofDays(2), 1_000, 1 << 20, Duration.ofDays(1), 1_000, 1 << 20));
    }

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void noOrderOfLocksStopsTheThreadsAndNothingIsLeftBehind() throws Exception {
        List<Door> doors = new ArrayList<>();
        for (int i = 0; i < DOORS; i++) {
            doors.add(new Door(i));
        }
        CountDownLatch ended = new CountDownLatch(DOORS);
        doors.forEach(door -> door.act(STEPS, ended));
        if (!ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the threads stand still: " + deadlock());
        }
        for (Door door : doors) {
            door.leave();
        }
        assertThat(mistakes).isEmpty();
        assertThat(letIn).as("let in").hasPositiveValue();
        assertThat(takenOver).as("taken over").hasPositiveValue();
        assertThat(heard).as("heard").hasPositiveValue();

        house.waits(Duration.ofHours(2));
        for (int i = 0; i < 6_000 && house.broker.counts().sessions() > 0; i++) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        assertThat(house.broker.counts().sessions()).as("sessions").isZero();
        assertThat(house.broker.counts().subscriptions()).as("subscriptions").isZero();
        Ear last = house.client("a").open(false, 0, null, true).hears("after", 1);
        assertThat(last.next()).isEqualTo("fresh");
        house.publishes("after", "all");
        assertThat(last.next()).isEqualTo("after all 1");
        doors.forEach(Door::close);
    }

    private static String deadlock() {
        long[] ids = ManagementFactory.getThreadMXBean().findDeadlockedThreads();
        ThreadInfo[] stuck = ids == null
                ? ManagementFactory.getThreadMXBean().dumpAllThreads(true, true)
                : ManagementFactory.getThreadMXBean().getThreadInfo(ids, true, true);
        return Arrays.toString(stuck);
    }

    /// One event loop and its clients, of which each does one thing after the other.
    private final class Door {
        private final SplittableRandom random;
        private final ExecutorService thread = Executors.newSingleThreadExecutor();
        private final Outlet outlet = new Outlet(thread, () -> {}, 2_000);
        private final List<Guest> guests = List.of(new Guest(this), new Guest(this));

        Door(int number) {
            random = new SplittableRandom(number);
        }

        void act(int steps, CountDownLatch ended) {
            thread.execute(() -> {
                boolean acted = false;
                try {
                    acted = guests.get(random.nextInt(guests.size())).act();
                } catch (RuntimeException | AssertionError e) {
                    mistakes.add(e);
                }
                if (!acted) {
                    LockSupport.parkNanos(50_000); // both wait to be let in
                }
                if (steps > 0) {
                    act(acted ? steps - 1 : steps, ended);
                } else {
                    ended.countDown();
                }
            });
        }

        void leave() throws InterruptedException {
            CountDownLatch left = new CountDownLatch(1);
            thread.execute(() -> {
                guests.forEach(Guest::go);
                left.countDown();
            });
            if (!left.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("a door does not answer: " + deadlock());
            }
        }

        void close() {
            outlet.close();
            thread.shutdown();
        }
    }

    /// A client with one connection after the other. On the thread of its door only.
    private final class Guest {
        private final Door door;
        private @Nullable Attachment attachment;
        private boolean asking;
        private boolean gone;

        Guest(Door door) {
            this.door = door;
        }

        /// @return whether there was anything to do
        boolean act() {
            Attachment on = attachment;
            if (on == null) {
                return connect();
            }
            switch (door.random.nextInt(12)) {
                case 0 -> {
                    attachment = null;
                    on.detach(door.random.nextInt(3) == 0 ? 0 : -1, door.random.nextBoolean());
                }
                case 1, 2, 3 -> on.subscribe(List.of(new Attachment.Request(choose(), ShowRetained.ALWAYS)), _ -> {});
                case 4 -> on.unsubscribe(List.of(choose().key()), _ -> {});
                case 5 -> house.waits(Duration.ofSeconds(door.random.nextInt(3)));
                case 6 -> {
                    if (door.random.nextInt(8) == 0) {
                        boolean _ = house.broker.of(BrokerHouse.ACME).end(NAMES[door.random.nextInt(NAMES.length)]);
                    }
                }
                case 7 -> on.release(1 + door.random.nextInt(3), _ -> {});
                default -> publish(on);
            }
            return true;
        }

        private Subscription choose() {
            String share = door.random.nextInt(3) == 0 ? "g" : "";
            String filter = share.isEmpty() ? FILTERS[door.random.nextInt(FILTERS.length)] : "t/#";
            return new Subscription(share, new TopicFilter(filter), door.random.nextInt(3), false, false, 0);
        }

        private boolean connect() {
            if (asking) {
                return false;
            }
            asking = true;
            String name = NAMES[door.random.nextInt(NAMES.length)];
            Line line = new Line(this);
            Arrival arrival = new Arrival(
                    Ear.principal(BrokerHouse.ACME, "subject"),
                    name,
                    door.random.nextInt(4) == 0,
                    door.random.nextInt(3) * 2L,
                    1 + door.random.nextInt(20),
                    null,
                    door.outlet,
                    line);
            house.broker.connect(arrival, welcome -> {
                asking = false;
                if (welcome instanceof Welcome.Attached attached) {
                    letIn.incrementAndGet();
                    line.attachment = attached.attachment();
                    attachment = attached.attachment();
                    attached.attachment().start();
                    if (gone) {
                        go();
                    }
                }
            });
            return true;
        }

        private void publish(Attachment on) {
            String topic = "t/" + door.random.nextInt(3);
            int qos = door.random.nextInt(3);
            boolean retain = door.random.nextInt(8) == 0;
            int packetId = 1 + door.random.nextInt(3);
            boolean again = qos == 2 && on.taken(packetId) != Attachment.Taken.NO;
            if (again) {
                return;
            }
            Attachment.Taking taking = qos == 2 ? on.take(packetId, 0) : null;
            house.log.append(
                    house.message(BrokerHouse.ACME, null, topic, "x".repeat(300), qos, retain, MessageProperties.NONE),
                    new Receipt() {
                        @Override
                        public void durable(int partition, long position) {
                            if (taking != null) {
                                taking.durable(position);
                            }
                        }

                        @Override
                        public void refused(Fault fault, String detail) {
                            mistakes.add(new AssertionError(detail));
                        }
                    });
        }

        private void lost(@Nullable Attachment one) {
            if (attachment == one) {
                attachment = null;
            }
        }

        void go() {
            gone = true;
            Attachment on = attachment;
            attachment = null;
            if (on != null) {
                on.detach(-1, true);
            }
        }
    }

    /// One connection.
    private final class Line implements Client {
        private final Guest guest;
        private @Nullable Attachment attachment;

        Line(Guest guest) {
            this.guest = guest;
        }

        @Override
        public void wake() {
            Attachment on = attachment;
            if (on != null) {
                for (Outgoing next = on.poll(); next != null; next = on.poll()) {
                    answer(on, next);
                }
            }
        }

        /// Most answers come at once, some never.
        private void answer(Attachment on, Outgoing next) {
            boolean answers = guest.door.random.nextInt(20) > 0;
            switch (next) {
                case Outgoing.Publish publish -> {
                    heard.incrementAndGet();
                    if (publish.qos() == 1 && answers) {
                        on.acknowledged(publish.packetId());
                    } else if (publish.qos() == 2 && answers) {
                        on.received(publish.packetId(), false);
                    }
                }
                case Outgoing.Release release -> {
                    if (answers) {
                        on.completed(release.packetId());
                    }
                }
            }
        }

        @Override
        public void detached(Why why) {
            if (why == Why.TAKEN_OVER) {
                takenOver.incrementAndGet();
            }
            guest.door.outlet.execute(() -> guest.lost(attachment));
        }
    }
}
