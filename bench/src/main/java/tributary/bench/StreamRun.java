package tributary.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;
import tributary.simulator.MqttWire;
import tributary.simulator.ServerException;

/// Opens the subscribers, lets the publishers send, waits until every subscriber has everything or nothing
/// more comes.
final class StreamRun {
    private static final int OPENING_MAX = 128;
    private static final long READY_WITHIN_NANOS = 30_000_000_000L;

    private final StreamPlan plan;
    private final List<Audience.Part> parts;
    private final Target target;
    private final Crew crew;
    private final LongSupplier clock;
    private long begunNanos;

    /// Hears how the run goes on, on the thread that runs it.
    interface Watch {
        /// The first message leaves; nanos of the run's clock.
        default void begun(Audience audience, long measureFromNanos, long endNanos) {}

        default void second(long seconds, long acknowledged, Audience audience) {}
    }

    /// What came of it.
    ///
    /// @param sent       messages of each stream
    /// @param latencies  end to end, one for each phase of the run
    /// @param troubles   of the subscribers' connections
    /// @param drainNanos from the last acknowledgement until the last new message was heard
    /// @param wholeNanos from the first message until the last new one was heard
    /// @param heardAtNanos when that was
    /// @param cpu        of the server's process, where known
    record Result(
            LoadRun.Outcome.Ran ran,
            long[] sent,
            Audience.Sum sum,
            List<Histogram> latencies,
            Map<String, Long> troubles,
            long drainNanos,
            long wholeNanos,
            long heardAtNanos,
            OptionalLong cpu) {}

    /// @param parts what each subscriber hears
    StreamRun(StreamPlan plan, List<Audience.Part> parts, Target target, Crew crew, LongSupplier clock) {
        this.plan = plan;
        this.parts = parts;
        this.target = target;
        this.crew = crew;
        this.clock = clock;
    }

    /// @param quietSeconds how long to wait for deliveries when no more come
    Result run(Watch watch, int quietSeconds, Consumer<String> notes) throws InterruptedException {
        try (Loops loops = new Loops(1)) {
            Audience audience = new Audience(loops.next(), parts, clock);
            open(loops, audience);
            if (plan.persistent()) {
                Opener opener = new Opener(loops, target.mqtt(), clock);
                audience.reopen(index -> opener.one(audience.loop(), ear(index, audience), audience));
            }
            try {
                return load(loops, audience, watch, quietSeconds, notes);
            } finally {
                audience.ask(() -> {
                    audience.leave();
                    return 0;
                });
                if (plan.persistent()) {
                    forget(loops);
                }
            }
        }
    }

    private Result load(Loops loops, Audience audience, Watch watch, int quietSeconds, Consumer<String> notes)
            throws InterruptedException {
        List<Stamp> stamps = new ArrayList<>();
        Echo[] echoes = new Echo[plan.publishers()];
        Dialect.Factory factory = (index, listener) -> {
            MqttDialect.Setup setup = new MqttDialect.Setup(
                    target.version(), plan.qos(), Lane.slots(plan.load().window()));
            MqttWire.Publish publish = MqttWire.publish(
                    target.version(),
                    plan.qos(),
                    topic(index),
                    Stamp.template(plan.load().payload().bytes()));
            Stamp stamp = new Stamp(List.of(publish), index, listener::scheduled, audience.originNanos());
            stamps.add(stamp);
            MqttDialect spoken = new MqttDialect(setup, crew.asDevice(index, 0), stamp, listener);
            if (!plan.echoed()) {
                return spoken;
            }
            echoes[index] = new Echo(listener, plan.load().window(), plan.subscribersOf(index));
            return new EchoedDialect(spoken);
        };
        if (plan.echoed()) {
            audience.echo(echoes);
        }
        OptionalLong cpuBefore = target.cpuNanos();
        LoadRun run = new LoadRun(plan.load(), target.mqtt(), factory, clock, progress(audience, watch, notes));
        return switch (run.run(loops)) {
            case LoadRun.Outcome.NotConnected(String why) -> throw notConnected(why);
            case LoadRun.Outcome.Ran ran -> {
                long[] sent = stamps.stream().mapToLong(stamp -> stamp.sent(0)).toArray();
                long answered = ran.tally().lastAnswerNanos;
                long heardAt = audience.awaitDistinct(expected(sent), quietSeconds);
                OptionalLong cpu = target.cpuSince(cpuBefore);
                Audience.Sum sum = audience.ask(() -> audience.sum(sent));
                yield new Result(
                        ran,
                        sent,
                        sum,
                        audience.latencies(),
                        audience.troublesNow(),
                        Math.max(0, heardAt - answered),
                        heardAt - begunNanos,
                        heardAt,
                        cpu);
            }
        };
    }

    private long expected(long[] sent) {
        long expected = 0;
        for (Audience.Part part : parts) {
            for (int place = 0; place < part.count(); place++) {
                expected += sent[part.stream(place)];
            }
        }
        return expected;
    }

    private String topic(int stream) {
        return plan.topic().replace("{id}", crew.device(stream));
    }

    private void open(Loops loops, Audience audience) throws InterruptedException {
        Opener.Crowd crowd =
                new Opener.Crowd(audience.loop(), parts.size(), i -> ear(i, audience), audience, READY_WITHIN_NANOS);
        String failure = new Opener(loops, target.mqtt(), clock)
                .all(crowd, OPENING_MAX, audience::readyCount, audience::troublesNow);
        if (!failure.isEmpty()) {
            throw notConnected(failure);
        }
    }

    private Ear ear(int index, Ear.Owner owner) {
        List<String> filters = new ArrayList<>();
        Audience.Part part = parts.get(index);
        for (int place = 0; place < part.count(); place++) {
            filters.add(topic(part.stream(place)));
        }
        byte[] connect = MqttWire.connect(
                target.version(),
                crew.asApplication("ear-" + index, 0),
                plan.persistent() ? StreamPlan.KEPT_SECONDS : 0);
        byte[] subscribe = MqttWire.subscribe(target.version(), 1, filters, plan.qos());
        return new Ear(new Ear.Script(index, target.version(), connect, subscribe), owner);
    }

    /// Ends the kept sessions, so that a run leaves nothing behind.
    private void forget(Loops loops) throws InterruptedException {
        Audience nobody = new Audience(loops.next(), parts, clock);
        Opener.Crowd crowd = new Opener.Crowd(
                nobody.loop(),
                parts.size(),
                i -> new Ear(Ear.Script.idle(i, target.version(), crew.asApplication("ear-" + i, 0)), nobody),
                nobody,
                READY_WITHIN_NANOS);
        new Opener(loops, target.mqtt(), clock).all(crowd, OPENING_MAX, nobody::readyCount, nobody::troublesNow);
        nobody.ask(() -> {
            nobody.leave();
            return 0;
        });
    }

    private LoadRun.Progress progress(Audience audience, Watch watch, Consumer<String> notes) {
        return new LoadRun.Progress() {
            private long answersBefore;
            private long heardBefore;

            @Override
            public void begun(long measureFromNanos, long endNanos) {
                begunNanos = clock.getAsLong();
                audience.loop().execute(() -> audience.measure(measureFromNanos, endNanos));
                watch.begun(audience, measureFromNanos, endNanos);
            }

            @Override
            public void second(long seconds, long answers) {
                long heard = audience.messages();
                notes.accept("%3d s  %,9d published/s  %,9d delivered/s"
                        .formatted(seconds, answers - answersBefore, heard - heardBefore));
                answersBefore = answers;
                heardBefore = heard;
                watch.second(seconds, answers, audience);
            }
        };
    }

    static ServerException notConnected(String why) {
        return new ServerException(
                why.contains("CONNACK") || why.contains("SUBACK")
                        ? ServerException.Kind.NOT_ALLOWED
                        : ServerException.Kind.UNREACHABLE,
                "could not open every connection: " + why);
    }
}
