package tributary.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tributary.engine.Parcel.Destination;
import tributary.engine.RuleReplay.Counts;
import tributary.engine.RuleReplay.Difference;
import tributary.engine.RuleReplay.Digest;
import tributary.engine.RuleReplay.Kind;
import tributary.engine.RuleReplay.Report;
import tributary.engine.RuleReplay.Saying;
import tributary.engine.RuleReplay.Window;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.model.Message;
import tributary.model.Topic;
import tributary.model.TopicFilter;
import tributary.rules.Lookups;
import tributary.rules.StreamMessage;

/// One run of a rule over a window, and what it said held against what is there. For one thread.
final class ReplayRun implements Merge.Taker {
    private static final int LOOK_EVERY = 1024;

    /// What a run may hold: outputs, and messages that are there.
    private static final int HELD_MAX = 500_000;

    private static final long BYTES_MAX = 64L << 20;

    private final Definition definition;
    private final Window window;
    private final Predicate<Parcel> silenced;
    private final List<Known> known;
    private final RuleFigures figures = new RuleFigures();
    private final Sayings sayings = new Sayings();
    private final RuleAtWork rule;
    private final long fromMillis;
    private final long toMillis;
    private final long begin = System.nanoTime();
    private final Counts there = new Counts();
    private final List<Message> thereInOrder = new ArrayList<>();
    private final List<Parcel> missing = new ArrayList<>();
    private final List<Parcel> said = new ArrayList<>();
    private final List<Saying> shown = new ArrayList<>();
    private final Digest digest = new Digest();
    private int heard;
    private String tooMuch = "";
    private @Nullable Instant begins;
    private boolean over;
    private long outputs;
    private long toSinks;
    private long bytes;
    private long read;

    /// @param silenced whether an output goes nowhere
    /// @param known    alerts of which somebody knew, in the order of time
    ReplayRun(Definition definition, Lookups lookups, Window window, Predicate<Parcel> silenced, List<Known> known) {
        this.definition = definition;
        this.window = window;
        this.silenced = silenced;
        this.known = known;
        this.fromMillis = window.from().toEpochMilli();
        this.toMillis = window.to().toEpochMilli();
        this.rule = new RuleAtWork(definition, lookups, figures, sayings);
    }

    void over(Log log) {
        long[] positions = new long[log.partitions()];
        Arrays.setAll(positions, partition -> log.positionAt(partition, window.warm()));
        begins = Merge.begins(log, window.warm());
        rule.start(window.warm().toEpochMilli());
        try (Merge merge = new Merge(log)) {
            merge.seek(positions);
            merge.take(merge.ends(), this);
            if (merge.skipped() > 0 && tooMuch.isEmpty()) {
                tooMuch = "the log has let go of some of the window's messages meanwhile";
            }
        }
        end();
    }

    @Override
    public boolean take(Batch batch, int index, long arrivalMicros) {
        read++;
        boolean inside = arrivalMicros < TimeUnit.MILLISECONDS.toMicros(toMillis);
        if (!inside) {
            end();
        }
        if (batch.tenant(index).equals(definition.tenant())) {
            Message message = batch.message(index);
            if (RuleMessages.made(message, definition.name())) {
                found(message);
            }
            if (inside && listens(message.topic())) {
                hear(TimeUnit.MICROSECONDS.toMillis(arrivalMicros));
                StreamMessage streamed = StreamMessage.of(message, batch.partition() + "-" + (batch.first() + index));
                rule.message(streamed, Workforce.seen(message), Workforce.depth(message));
                took();
            }
        }
        if (read % LOOK_EVERY == 0 && System.nanoTime() - begin > window.time().toNanos()) {
            tooMuch = "the time was over; choose a shorter window";
        }
        return tooMuch.isEmpty();
    }

    private boolean listens(Topic topic) {
        Topic seen = StreamMessage.seen(topic);
        for (TopicFilter filter : rule.filters()) {
            if (filter.matches(seen)) {
                return true;
            }
        }
        return false;
    }

    /// A message that the rule made.
    private void found(Message message) {
        long at = RuleMessages.atMillis(message);
        if (at >= fromMillis && at < toMillis) {
            there.add(message.topic().value(), message.payload());
            thereInOrder.add(message);
            hold(message.payload().length);
        }
    }

    /// The window is over, and what was due within it is said.
    private void end() {
        if (!over) {
            over = true;
            if (tooMuch.isEmpty()) {
                hear(toMillis);
                rule.advance(toMillis);
                took();
            }
        }
    }

    /// Somebody came to know of alerts before that moment.
    private void hear(long untilMillis) {
        while (heard < known.size() && known.get(heard).atMillis() < untilMillis) {
            Known next = known.get(heard++);
            if (next.atMillis() >= window.warm().toEpochMilli()) {
                rule.advance(next.atMillis());
                rule.acknowledged(next.alert());
                took();
            }
        }
    }

    private void took() {
        if (sayings.isEmpty()) {
            return;
        }
        for (Said one : sayings.take()) {
            if (one.atMillis() >= fromMillis && one.atMillis() < toMillis) {
                took(one);
            }
        }
    }

    private void took(Said one) {
        outputs++;
        digest.add(one);
        hold(one.payload().length);
        List<Parcel> parcels = new ArrayList<>();
        one.parcels(0, parcels);
        List<String> to = new ArrayList<>();
        for (Parcel parcel : parcels) {
            switch (parcel.destination()) {
                case Destination.ToTopic(String topic) -> {
                    to.add(topic);
                    if (!silenced.test(parcel)) {
                        said.add(parcel);
                    }
                }
                case Destination.ToSink(String sink, boolean _) -> {
                    to.add("sink:" + sink);
                    toSinks++;
                }
                case Destination.ToAlerts() -> to.add("alerts");
            }
        }
        if (shown.size() < window.shown()) {
            shown.add(new Saying(
                    Instant.ofEpochMilli(one.atMillis()), one.device(), RuleFigures.excerpt(one.payload()), to));
        }
    }

    private void hold(int more) {
        bytes += more;
        if (bytes > BYTES_MAX || outputs + thereInOrder.size() > HELD_MAX) {
            tooMuch = "there are more outputs than fit; choose a shorter window";
        }
    }

    /// @return what the rule says and is not there, in order
    List<Parcel> missing() {
        return missing;
    }

    /// Compares. To be called once.
    Report report() {
        Counts now = new Counts();
        for (Parcel parcel : said) {
            String topic = ((Destination.ToTopic) parcel.destination()).topic();
            if (there.remove(topic, parcel.payload())) {
                now.add(topic, parcel.payload());
            } else {
                missing.add(parcel);
            }
        }
        List<Difference> differences = new ArrayList<>();
        for (Parcel parcel : missing) {
            differ(
                    differences,
                    Kind.MISSING,
                    parcel.atMillis(),
                    ((Destination.ToTopic) parcel.destination()).topic(),
                    parcel.payload());
        }
        long extra = 0;
        for (Message message : thereInOrder) {
            String topic = message.topic().value();
            if (!now.remove(topic, message.payload())) {
                extra++;
                differ(differences, Kind.EXTRA, RuleMessages.atMillis(message), topic, message.payload());
            }
        }
        RuleFigures.Shown of = figures.show();
        return new Report(
                tooMuch.isEmpty(),
                tooMuch,
                begins,
                of.taken(),
                outputs,
                of.failed(),
                said.size() - missing.size(),
                missing.size(),
                extra,
                toSinks,
                digest.hex(),
                differences,
                shown,
                of.failures());
    }

    private static void differ(List<Difference> into, Kind kind, long atMillis, String topic, byte[] payload) {
        if (into.size() < RuleReplay.SHOWN_MAX) {
            into.add(new Difference(kind, Instant.ofEpochMilli(atMillis), topic, RuleFigures.excerpt(payload)));
        }
    }
}
