package tributary.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tributary.simulator.MqttWire;
import tributary.simulator.ServerApi;

/// `tributary bench restart`: sessions and what waits for them survive a crash, and how soon the server
/// accepts again.
@Command(
        name = "restart",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Starts the server with the command behind --, lets 10,000 persistent sessions subscribe and go away,",
            "publishes 1,000,000 messages to them at QoS 1, kills the server with SIGKILL, starts it again, and has every",
            "session come back. Ends with 1 where a session is gone, or anything acknowledged is missing or out of order.",
            "Example: tributary bench restart --data D -- ./tributary up --data D --mqtt-port {port} --http-port 0"
        })
final class RestartCommand implements Callable<Integer> {
    private static final int OPENING_MAX = 256;
    private static final long READY_WITHIN_NANOS = 60_000_000_000L;

    private final InstantSource clock = InstantSource.system();
    private final LongSupplier nanos = System::nanoTime;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--sessions", paramLabel = "N", defaultValue = "10000", description = "${DEFAULT-VALUE}")
    private int sessions = 10_000;

    @Option(
            names = "--messages",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "in all, the same number for each session (${DEFAULT-VALUE})")
    private long messages = 1_000_000;

    @Option(names = "--publishers", paramLabel = "N", defaultValue = "20", description = "${DEFAULT-VALUE}")
    private int publishers = 20;

    @Option(names = "--payload-bytes", paramLabel = "N", defaultValue = "64", description = "${DEFAULT-VALUE}")
    private int payloadBytes = Stamp.BYTES_MIN;

    @Option(names = "--polite", description = "ask the server to stop (SIGTERM) instead of killing it")
    private boolean polite;

    @Option(
            names = "--quiet",
            paramLabel = "SECONDS",
            defaultValue = "20",
            description = "how long to wait for deliveries when no more come (${DEFAULT-VALUE})")
    private int quietSeconds = 20;

    @Mixin
    private Target target = new Target();

    @Parameters(
            arity = "1..*",
            paramLabel = "-- COMMAND",
            description = "starts the server; {port} is a free port for MQTT")
    private List<String> command = List.of();

    @Override
    public Integer call() throws InterruptedException {
        return target.judge(spec, () -> {
            if (sessions < publishers || sessions > 100_000 || publishers < 1 || messages < sessions) {
                throw new IllegalArgumentException(
                        "--sessions: at least --publishers, at most 100000; --messages: at least one a session");
            }
            try (Child child = new Child(command, target, nanos)) {
                child.start();
                child.awaitReady();
                try (Crew crew = Crew.enlist(target, clock.millis(), publishers, ServerApi.Credential.JWT);
                        Loops loops = new Loops(1)) {
                    return run(child, crew, loops);
                }
            }
        });
    }

    private Figures run(Child child, Crew crew, Loops loops) throws InterruptedException, IOException {
        List<Audience.Part> parts = IntStream.range(0, sessions)
                .mapToObj(i -> new Audience.Part(i, 1, 1))
                .toList();
        Audience audience = new Audience(loops.next(), parts, nanos);
        Notes.say(spec, "opening %,d sessions".formatted(sessions));
        open(loops, audience, crew);
        leave(audience);
        Notes.say(spec, "publishing %,d messages".formatted(messages));
        List<Stamp> stamps = new ArrayList<>();
        LoadRun.Outcome.Ran ran = publish(loops, audience, crew, stamps);
        InetSocketAddress address = target.mqtt();
        Notes.say(spec, polite ? "stopping the server" : "killing the server");
        if (polite) {
            child.stop();
        } else {
            child.kill();
        }
        child.start();
        long accepting = child.awaitWelcome(address, crew.asApplication("scout", 0));
        Notes.say(spec, "it accepts again; the sessions come back");
        audience.ask(() -> {
            audience.awaitAnew();
            return 0;
        });
        open(loops, audience, crew);
        long allBack = nanos.getAsLong();
        long[] sent = sent(stamps);
        long heardAt = audience.awaitDistinct(ran.tally().sent, quietSeconds);
        Audience.Sum sum = audience.ask(() -> audience.sum(sent));
        int resumed = audience.ask(audience::resumedCount);
        leave(audience);
        return figures(new Times(child.startedNanos(), accepting, allBack, heardAt), ran, sum, resumed);
    }

    /// When what happened, nanoseconds.
    private record Times(long started, long accepting, long allBack, long heardAll) {
        double after(long moment) {
            return (moment - started) / 1e9;
        }
    }

    private Figures figures(Times times, LoadRun.Outcome.Ran ran, Audience.Sum sum, int resumed) {
        Tally tally = ran.tally();
        return new Figures("restart · %,d persistent sessions · %,d messages queued · %s"
                        .formatted(sessions, tally.sent, polite ? "stopped" : "killed"))
                .count("acknowledged", "acknowledged", tally.acknowledged)
                .number("published", "publishedPerSecond", "%,.0f messages/s", tally.measured / ran.measuredSeconds())
                .number(
                        "accepting",
                        "acceptingSeconds",
                        "%.2f s after it was started again",
                        times.after(times.accepting()))
                .number("all back", "backSeconds", "%.2f s", times.after(times.allBack()))
                .number("all delivered", "deliveredSeconds", "%.2f s", times.after(times.heardAll()))
                .count("resumed", "resumed", resumed)
                .count("delivered", "delivered", sum.distinct())
                .count("duplicated", "duplicated", sum.duplicates())
                .count("out of order", "late", sum.late())
                .count("missing", "missing", sum.missing())
                .memory("server memory", "serverResidentBytes", target.residentBytes())
                .promise(
                        tally.acknowledged == tally.sent,
                        (tally.sent - tally.acknowledged) + " messages were not acknowledged: " + tally.reasons)
                .promise(resumed == sessions, (sessions - resumed) + " sessions are gone")
                .promise(sum.missing() == 0, sum.missing() + " acknowledged messages are missing")
                .promise(sum.late() == 0, sum.late() + " messages came behind later ones")
                .promise(sum.strangers() == 0, sum.strangers() + " messages came to whom they are not for");
    }

    private void open(Loops loops, Audience audience, Crew crew) throws InterruptedException {
        Opener.Crowd crowd =
                new Opener.Crowd(audience.loop(), sessions, i -> ear(i, crew, audience), audience, READY_WITHIN_NANOS);
        String failure = new Opener(loops, target.mqtt(), nanos)
                .all(crowd, OPENING_MAX, audience::readyCount, audience::troublesNow);
        if (!failure.isEmpty()) {
            throw StreamRun.notConnected(failure);
        }
    }

    private Ear ear(int session, Crew crew, Ear.Owner owner) {
        byte[] connect = MqttWire.connect(
                target.version(), crew.asApplication("session-" + session, 0), StreamPlan.KEPT_SECONDS);
        byte[] subscribe = MqttWire.subscribe(target.version(), 1, List.of(topic(session, crew)), 1);
        return new Ear(new Ear.Script(session, target.version(), connect, subscribe), owner);
    }

    private static void leave(Audience audience) {
        audience.ask(() -> {
            audience.leave();
            return 0;
        });
    }

    /// Publisher `i` serves the sessions from `first(i)` up to `first(i + 1)`.
    private int first(int publisher) {
        return (int) ((long) sessions * publisher / publishers);
    }

    private String topic(int session, Crew crew) {
        int publisher = (int) (((long) session * publishers + publishers - 1) / sessions);
        while (first(publisher) > session) {
            publisher--;
        }
        while (publisher + 1 < publishers && first(publisher + 1) <= session) {
            publisher++;
        }
        return "devices/" + crew.device(publisher) + "/to/" + session;
    }

    private LoadRun.Outcome.Ran publish(Loops loops, Audience audience, Crew crew, List<Stamp> stamps)
            throws InterruptedException {
        long perPublisher = messages / sessions * ((sessions + publishers - 1) / publishers);
        LoadPlan plan = new LoadPlan(
                publishers,
                500,
                new LoadPlan.Shape(payloadBytes, 1, clock.millis()),
                0,
                Duration.ZERO,
                new LoadPlan.Extent.Counting(perPublisher),
                1);
        MqttDialect.Setup setup = new MqttDialect.Setup(target.version(), 1, Lane.slots(plan.window()));
        Dialect.Factory factory = (index, listener) -> {
            List<MqttWire.Publish> topics = new ArrayList<>();
            for (int session = first(index); session < first(index + 1); session++) {
                topics.add(MqttWire.publish(target.version(), 1, topic(session, crew), Stamp.template(payloadBytes)));
            }
            Stamp stamp = new Stamp(topics, first(index), listener::scheduled, audience.originNanos());
            stamps.add(stamp);
            return new MqttDialect(setup, crew.asDevice(index, 0), stamp, listener);
        };
        LoadRun.Progress progress =
                (seconds, answers) -> Notes.say(spec, "%3d s  %,11d published".formatted(seconds, answers));
        return switch (new LoadRun(plan, target.mqtt(), factory, nanos, progress).run(loops)) {
            case LoadRun.Outcome.NotConnected(String why) -> throw StreamRun.notConnected(why);
            case LoadRun.Outcome.Ran ran -> ran;
        };
    }

    private long[] sent(List<Stamp> stamps) {
        long[] sent = new long[sessions];
        for (Stamp stamp : stamps) {
            for (int i = 0; i < stamp.streams(); i++) {
                sent[stamp.first() + i] = stamp.sent(i);
            }
        }
        return sent;
    }
}
