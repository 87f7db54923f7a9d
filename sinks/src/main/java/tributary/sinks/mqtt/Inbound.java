package tributary.sinks.mqtt;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.Quote;
import tributary.model.TenantId;
import tributary.sinks.AddressGuard;
import tributary.sinks.Inlet;
import tributary.sinks.Source;
import tributary.sinks.SourceStatus;
import tributary.sinks.TlsFault;
import tributary.sinks.mqtt.Peer.Arrived;

/// The way back of a bridge: listens at the other broker, and acknowledges what is on our disk.
///
/// The session over there outlives connections and processes, so what comes while one of us is away waits there.
/// Messages are handed to the inlet one after the other, in the order in which they came. What was not acknowledged
/// when the connection broke comes again, after its order and before what is new.
final class Inbound implements Source {
    private static final Logger LOG = LoggerFactory.getLogger(Inbound.class);
    private static final int SECONDS_MAX = 20;
    private static final Duration LOOK = Duration.ofMillis(250);
    private static final Duration PAUSE_FIRST = Duration.ofMillis(250);
    private static final Duration PAUSE_MOST = Duration.ofSeconds(15);
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final int PART_MILLIS = 2000;

    /// What a broker may send without waiting for our acknowledgement.
    private static final long WAITING_BYTES_MAX = 16L << 20;

    private final Way way;
    private final Link link;
    private final Remembered remembered;
    private final Inlet inlet;
    private final InstantSource clock;
    private final LinkedBlockingQueue<Arrived> queue = new LinkedBlockingQueue<>();
    private final AtomicLong queued = new AtomicLong();
    private final AtomicInteger underWay = new AtomicInteger();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread;
    private final Figures figures = new Figures();

    /// Why the connection has to begin anew with all that is not acknowledged, or "".
    private volatile String broken = "";

    /// Written by the thread of the bridge alone.
    private volatile @Nullable Peer peer;

    /// What comes and where it goes.
    ///
    /// @param filters at the other broker
    /// @param remote  what topics there begin with, and is taken away
    /// @param local   what they begin with here in its place
    /// @param keep    how long the other broker keeps the session
    /// @param origin  what messages of our own say
    record Way(List<String> filters, int qos, String remote, String local, Duration keep, String origin) {
        Way {
            filters = List.copyOf(filters);
        }
    }

    /// Whose it is, and who opens connections.
    record Link(TenantId tenant, String sink, MqttType.Target target, AddressGuard guard) {}

    /// Written by several threads, one figure at a time.
    private static final class Figures {
        final AtomicLong taken = new AtomicLong();
        final AtomicLong refused = new AtomicLong();
        final AtomicLong own = new AtomicLong();
        volatile @Nullable Instant awaySince;
        volatile @Nullable Instant lastTaken;
        volatile Error error = new Error("", null);

        record Error(String what, @Nullable Instant at) {}
    }

    private Inbound(Way way, Link link, Remembered remembered, Inlet inlet, InstantSource clock) {
        this.way = way;
        this.link = link;
        this.remembered = remembered;
        this.inlet = inlet;
        this.clock = clock;
        this.thread = Thread.ofVirtual()
                .name("bridge-" + link.tenant() + "/" + link.sink())
                .unstarted(this::run);
        figures.awaySince = clock.instant();
    }

    /// Begins to listen.
    static Inbound open(Way way, Link link, Remembered remembered, Inlet inlet, InstantSource clock) {
        Inbound inbound = new Inbound(way, link, remembered, inlet, clock);
        inbound.thread.start();
        return inbound;
    }

    private void run() {
        try {
            int failures = 0;
            while (running()) {
                String trouble = connect();
                if (trouble.isEmpty()) {
                    figures.awaySince = null;
                    trouble = listen();
                    // what we do not read comes again at once, and less often when we are slow to ask for it
                    failures = ended().isEmpty() ? 0 : failures;
                }
                if (running()) {
                    away(trouble);
                    pause(failures++);
                }
            }
            settle();
        } catch (InterruptedException e) {
            LOG.info("the bridge of sink {} was stopped in the middle; the rest comes again", name());
        } finally {
            drop();
        }
    }

    private boolean running() {
        return stop.getCount() > 0;
    }

    private String name() {
        return link.tenant() + "/" + link.sink();
    }

    private void away(String trouble) {
        if (figures.awaySince == null) {
            figures.awaySince = clock.instant();
        }
        error(trouble);
    }

    private void error(String what) {
        figures.error = new Figures.Error(what, clock.instant());
    }

    private void pause(int failures) throws InterruptedException {
        long millis = Math.min(PAUSE_MOST.toMillis(), PAUSE_FIRST.toMillis() << Math.min(failures, 10));
        stop.await(millis, TimeUnit.MILLISECONDS);
    }

    /// @return what stands against it, or ""
    private String connect() throws InterruptedException {
        String where =
                "the broker at " + link.target().host() + ":" + link.target().port();
        try {
            Peer ready = peer();
            subscribe(ready, get(ready.connect(new Peer.Hello(false, way.keep().toSeconds()))));
            return "";
        } catch (AddressGuard.ClosedAddress e) {
            return String.valueOf(e.getMessage());
        } catch (UnknownHostException e) {
            return "there is no host " + link.target().host() + "; look at the name, or at the name server";
        } catch (TimeoutException e) {
            drop();
            return where + " did not answer within " + SECONDS_MAX + " s";
        } catch (IOException e) {
            drop();
            return "what is subscribed cannot be noted: %s. Look after the disk of the data folder."
                    .formatted(e.getMessage());
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            drop();
            return where + ": "
                    + TlsFault.said(cause).orElseGet(() -> Quote.shorten(String.valueOf(cause.getMessage())));
        }
    }

    private static <T> T get(CompletableFuture<T> answer)
            throws InterruptedException, ExecutionException, TimeoutException {
        return answer.get(SECONDS_MAX, TimeUnit.SECONDS);
    }

    /// Each connection has a client of its own, to which all comes that was not acknowledged before.
    private Peer peer() throws UnknownHostException {
        drop();
        broken = "";
        InetSocketAddress address = new InetSocketAddress(
                link.guard().resolve(link.target().host())[0], link.target().port());
        Peer fresh = link.target().open(address);
        fresh.listen(arrived -> arrived(fresh, arrived));
        peer = fresh;
        return fresh;
    }

    private void subscribe(Peer ready, boolean kept)
            throws InterruptedException, ExecutionException, TimeoutException, IOException {
        Set<String> known = remembered.read();
        Set<String> wanted = Set.copyOf(way.filters());
        if (!kept && !known.isEmpty()) {
            error("the other broker had forgotten our session: what came there while we were away did not come here."
                    + " It kept it for " + way.keep() + " at most (session-keep), or not over its own restart");
        }
        List<String> gone = known.stream()
                .filter(filter -> kept && !wanted.contains(filter))
                .toList();
        if (!gone.isEmpty()) {
            get(ready.unsubscribe(gone));
        }
        if (!kept || !known.equals(wanted)) {
            // noted before and after, so that no subscription is forgotten by a crash in between
            remembered.write(known, wanted);
            get(ready.subscribe(way.filters(), way.qos()));
            remembered.write(wanted);
        }
    }

    /// On the connection's own thread.
    private void arrived(Peer from, Arrived arrived) {
        if (from != peer) {
            return;
        }
        if (queued.addAndGet(arrived.weight()) > WAITING_BYTES_MAX) {
            broken = "the broker sent more than " + (WAITING_BYTES_MAX >> 20) + " MB without waiting for us to take it";
            from.disconnect();
        } else {
            queue.add(arrived);
        }
    }

    /// Takes what comes for as long as the connection stands.
    ///
    /// @return why it ended
    private String listen() throws InterruptedException {
        while (running() && broken.isEmpty()) {
            Arrived next = queue.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
            if (next != null) {
                take(next);
                queued.addAndGet(-next.weight());
            } else {
                Peer known = peer;
                if (known == null || !known.connected()) {
                    return ended().isEmpty()
                            ? "the connection broke; what comes meanwhile waits at the other broker"
                            : ended();
                }
            }
        }
        return broken;
    }

    private String ended() {
        Peer known = peer;
        return known == null ? "" : known.ended();
    }

    private void take(Arrived arrived) throws InterruptedException {
        boolean own = arrived.properties().user().stream()
                .anyMatch(
                        pair -> pair.name().equals(Peer.ORIGIN) && pair.value().equals(way.origin()));
        if (own) {
            figures.own.incrementAndGet();
            arrived.acknowledge().run();
            return;
        }
        Optional<String> topic = Topics.map(arrived.topic(), way.remote(), way.local());
        if (topic.isEmpty()) {
            String why = astray(arrived.topic());
            inlet.astray(
                    new Inlet.Stray(link.tenant(), link.sink(), link.target().host(), why));
            refuse(arrived, why);
            return;
        }
        Inlet.Incoming message = new Inlet.Incoming(
                link.tenant(),
                link.sink(),
                way.local(),
                link.target().host(),
                topic.get(),
                arrived.payload(),
                arrived.qos(),
                arrived.retain(),
                arrived.properties());
        underWay.incrementAndGet();
        while (running()) {
            switch (inlet.take(message, new Receipt(arrived))) {
                case Inlet.Answer.Taken _ -> {
                    return;
                }
                case Inlet.Answer.Refused(String why) -> {
                    underWay.decrementAndGet();
                    refuse(arrived, why);
                    return;
                }
                case Inlet.Answer.Later(Duration after, String why) -> {
                    error("it waits: " + why);
                    stop.await(Math.clamp(after.toMillis(), 1, 1000), TimeUnit.MILLISECONDS);
                }
            }
        }
        underWay.decrementAndGet();
    }

    /// @return why the topic has no counterpart here, and what to do about it
    private String astray(String topic) {
        return "'%s' of the other broker is not below '%s', the remote-prefix of sink '%s', so it has no topic here;"
                        .formatted(Quote.shorten(topic), way.remote(), link.sink())
                + " let the sink subscribe to what is below alone ('%s+/#'), or change its remote-prefix"
                        .formatted(way.remote());
    }

    private void refuse(Arrived arrived, String why) {
        figures.refused.incrementAndGet();
        error("refused: " + why);
        arrived.acknowledge().run();
    }

    /// Says over there that a message is on the disk here.
    private final class Receipt implements Inlet.Receipt {
        private final Arrived arrived;

        Receipt(Arrived arrived) {
            this.arrived = arrived;
        }

        @Override
        public void stored() {
            arrived.acknowledge().run();
            figures.lastTaken = clock.instant();
            figures.taken.incrementAndGet();
            underWay.decrementAndGet();
        }

        @Override
        public void failed(String why) {
            broken = "a message was not stored and has to come again: " + why;
            underWay.decrementAndGet();
        }
    }

    /// What is on its way to the disk is acknowledged, so that it does not come a second time.
    private void settle() throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (underWay.get() > 0 && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private void drop() {
        Peer known = peer;
        peer = null;
        if (known != null) {
            part(known);
        }
        queue.clear();
        queued.set(0);
    }

    /// Waits a moment until the other broker has read what we acknowledged: where a new connection goes on with the
    /// session before, all that comes again.
    private static void part(Peer known) {
        try {
            known.disconnect().get(PART_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("a connection ended by itself, or the other side does not end it", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public SourceStatus status() {
        Instant since = figures.awaySince;
        Figures.Error error = figures.error;
        return new SourceStatus(
                since == null ? SourceStatus.State.LISTENING : SourceStatus.State.AWAY,
                figures.taken.get(),
                figures.refused.get(),
                figures.own.get(),
                since,
                error.what(),
                error.at(),
                figures.lastTaken);
    }

    @Override
    public void close() {
        stop.countDown();
        try {
            if (!thread.join(PATIENCE.plusSeconds(1))) {
                thread.interrupt();
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
