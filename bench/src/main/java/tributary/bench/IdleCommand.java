package tributary.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tributary.simulator.ServerApi;

/// `tributary bench idle`: what connections cost that do nothing, whether their pings are answered, and
/// how soon all are back after a crash.
@Command(
        name = "idle",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Connections that only ping: memory of the server for each, its CPU time while nothing happens, how soon",
            "pings are answered. With a command behind -- the run starts the server itself, and at the end kills it with",
            "SIGKILL, starts it again and measures until everybody is back.",
            "Ends with 1 where a connection is lost, a ping waits too long or somebody does not come back."
        })
final class IdleCommand implements Callable<Integer> {
    private static final int OPENING_MAX = 256;
    private static final long READY_WITHIN_NANOS = 30_000_000_000L;

    private final InstantSource clock = InstantSource.system();
    private final LongSupplier nanos = System::nanoTime;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--connections", paramLabel = "N", defaultValue = "1000", description = "${DEFAULT-VALUE}")
    private int connections = 1000;

    @Option(
            names = "--ping-every",
            paramLabel = "TIME",
            defaultValue = "30s",
            converter = LoadOptions.Time.class,
            description = "of each connection; its keep-alive is twice that, at least 60 s (${DEFAULT-VALUE})")
    private Duration pingEvery = Duration.ofSeconds(30);

    @Option(
            names = "--ping-within",
            paramLabel = "TIME",
            defaultValue = "2s",
            converter = LoadOptions.Time.class,
            description = "a ping's answer may take that long (${DEFAULT-VALUE})")
    private Duration pingWithin = Duration.ofSeconds(2);

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = LoadOptions.Time.class,
            description = "how long they idle (${DEFAULT-VALUE})")
    private Duration duration = Duration.ofSeconds(60);

    @Option(
            names = "--jitter",
            paramLabel = "TIME",
            defaultValue = "2s",
            converter = LoadOptions.Time.class,
            description = "after the crash each tries again after a time by chance up to this (${DEFAULT-VALUE})")
    private Duration jitter = Duration.ofSeconds(2);

    @Option(
            names = "--back-within",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = LoadOptions.Time.class,
            description = "everybody is back that soon after the server accepts again (${DEFAULT-VALUE})")
    private Duration backWithin = Duration.ofSeconds(60);

    @Option(
            names = "--credential",
            paramLabel = "KIND",
            defaultValue = "key",
            description = "key: one application's key for all; jwt or token: a device and a credential each, which"
                    + " takes a while to add (${DEFAULT-VALUE})")
    private String credential = "key";

    @Mixin
    private Target target = new Target();

    @Parameters(
            arity = "0..*",
            paramLabel = "-- COMMAND",
            description = "starts the server; {port} is a free port for MQTT")
    private List<String> command = List.of();

    @Override
    public Integer call() throws InterruptedException {
        return target.judge(spec, () -> {
            if (connections < 1 || connections > 200_000 || pingEvery.toMillis() < 10) {
                throw new IllegalArgumentException(
                        "--connections: 1 to 200000, was " + connections + "; --ping-every: at least 10ms");
            }
            if (command.isEmpty()) {
                return run(null);
            }
            try (Child child = new Child(command, target, nanos)) {
                child.start();
                child.awaitReady();
                return run(child);
            }
        });
    }

    private Figures run(@Nullable Child child) throws InterruptedException, IOException {
        boolean own = !credential.equals("key");
        ServerApi.Credential kind = credential.equals("token") ? ServerApi.Credential.TOKEN : ServerApi.Credential.JWT;
        Notes.say(spec, own ? "adding %,d devices".formatted(connections) : "making a key");
        try (Crew crew = Crew.enlist(target, clock.millis(), own ? connections : 1, kind);
                Loops loops = new Loops(1)) {
            int keepAlive = (int) Math.max(60, pingEvery.toSeconds() * 2);
            Herd herd = new Herd(
                    loops,
                    new Opener(loops, target.mqtt(), nanos),
                    i -> Ear.Script.idle(
                            i,
                            target.version(),
                            own ? crew.asDevice(i, keepAlive) : crew.asApplication("idle-" + i, keepAlive)),
                    connections,
                    new SplittableRandom(clock.millis()));
            Figures figures = new Figures(
                    "idle · %,d connections · a ping every %,d ms each".formatted(connections, pingEvery.toMillis()));
            idle(figures, herd);
            if (child != null) {
                storm(figures, herd, child, crew);
            }
            herd.loop().submit(herd::leave).syncUninterruptibly();
            return figures;
        }
    }

    private void idle(Figures figures, Herd herd) throws InterruptedException {
        Jcmd jcmd = new Jcmd(target.pid());
        jcmd.collect();
        Memory before = Memory.of(target, jcmd);
        Notes.say(spec, "opening %,d connections".formatted(connections));
        // Those that came first have to ping while the last ones are still being opened.
        herd.loop().execute(() -> herd.pingEvery(pingEvery.toMillis()));
        long begin = nanos.getAsLong();
        String failure = herd.opener()
                .all(
                        new Opener.Crowd(herd.loop(), connections, herd::ear, herd, READY_WITHIN_NANOS),
                        OPENING_MAX,
                        herd::ready,
                        () -> herd.loop()
                                .submit(herd::troubles)
                                .syncUninterruptibly()
                                .getNow());
        if (!failure.isEmpty()) {
            throw StreamRun.notConnected(failure + ". Does 'ulimit -n' of both processes allow so many?");
        }
        double openedIn = (nanos.getAsLong() - begin) / 1e9;
        jcmd.collect();
        Memory after = Memory.of(target, jcmd);
        OptionalLong cpuBefore = target.cpuNanos();
        herd.loop().execute(herd::measureAnew);
        wait(duration);
        herd.loop().submit(herd::rest).syncUninterruptibly();
        OptionalLong cpu = target.cpuSince(cpuBefore);
        long overdue = awaitPongs(herd);
        long pings = herd.pings();
        figures.count("connections", "connections", herd.ready())
                .number("opened in", "openSeconds", "%.2f s", openedIn)
                .count("pings", "pings", pings)
                .count("unanswered", "unansweredPings", overdue);
        if (herd.pongs().getTotalCount() > 0) {
            figures.latency("ping", "pingMillis", herd.pongs());
        }
        after.tell(figures, before, connections);
        cpu.ifPresent(used -> figures.number(
                "server idle",
                "idleCpuPercent",
                "%.2f %% of a core, pings included",
                used / 1e7 / Math.max(1, duration.toSeconds())));
        figures.promise(
                        herd.ready() == connections,
                        (connections - herd.ready()) + " connections were lost: " + herd.troubles())
                .promise(overdue == 0, overdue + " pings without an answer within " + pingWithin)
                .promise(
                        herd.pongs().getMaxValue() <= pingWithin.toNanos(),
                        "a ping took longer than " + pingWithin.toMillis() + " ms");
    }

    private void storm(Figures figures, Herd herd, Child child, Crew crew) throws InterruptedException, IOException {
        Notes.say(spec, "killing the server and starting it again");
        InetSocketAddress address = target.mqtt();
        herd.loop()
                .submit(() -> {
                    herd.forgetTroubles();
                    herd.comeBack(jitter.toMillis());
                })
                .syncUninterruptibly();
        child.kill();
        child.start();
        long accepting = child.awaitWelcome(address, crew.asApplication("scout", 0));
        CountDownLatch never = new CountDownLatch(1);
        while (herd.ready() < connections && nanos.getAsLong() - accepting < backWithin.toNanos()) {
            never.await(5, TimeUnit.MILLISECONDS);
        }
        long back = nanos.getAsLong();
        int ready = herd.ready();
        figures.number(
                        "accepting",
                        "acceptingSeconds",
                        "%.2f s after the server was started again",
                        (accepting - child.startedNanos()) / 1e9)
                .number(
                        "all back",
                        "backSeconds",
                        "%.2f s after the server was started again",
                        (back - child.startedNanos()) / 1e9)
                .count("attempts", "attempts", herd.attempts())
                .promise(ready == connections, (connections - ready) + " connections did not come back");
    }

    /// @return pings whose answer did not come in time
    private long awaitPongs(Herd herd) throws InterruptedException {
        long deadline = nanos.getAsLong() + pingWithin.toNanos();
        long open;
        do {
            wait(Duration.ofMillis(5));
            open = herd.loop().submit(herd::unanswered).syncUninterruptibly().getNow();
        } while (open > 0 && nanos.getAsLong() < deadline);
        return open;
    }

    private static void wait(Duration time) throws InterruptedException {
        new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// What the server's process takes.
    private record Memory(OptionalLong resident, OptionalLong heap, OptionalLong direct) {
        static Memory of(Target target, Jcmd jcmd) throws InterruptedException {
            return new Memory(target.residentBytes(), jcmd.heapBytes(), jcmd.directBytes());
        }

        void tell(Figures figures, Memory before, int connections) {
            each(figures, "resident", "residentBytesPerConnection", before.resident, resident, connections);
            each(figures, "heap", "heapBytesPerConnection", before.heap, heap, connections);
            each(figures, "direct", "directBytesPerConnection", before.direct, direct, connections);
            figures.memory("server memory", "serverResidentBytes", resident);
        }

        private static void each(
                Figures figures, String name, String key, OptionalLong before, OptionalLong after, int connections) {
            if (before.isPresent() && after.isPresent()) {
                double bytes = (after.getAsLong() - before.getAsLong()) / (double) connections;
                figures.number(name, key, "%,.0f bytes a connection", bytes);
            }
        }
    }
}
