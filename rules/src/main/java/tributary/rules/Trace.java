package tributary.rules;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.rules.value.Json;

/// What became of one message inside a rule, step by step: which condition it met or did not, with which values, and
/// what it waits for.
///
/// Written by a run that is traced and read when the run has returned. After the message itself it hears only of the
/// windows that the message went into and of the alerts that it touched. For the run's thread.
public final class Trace {
    /// So many steps are kept: a message may be a long list.
    static final int STEPS_MAX = 200;
    private static final int TEXT_MAX = 500;
    private static final long NOTHING = Long.MIN_VALUE;

    private final List<Step> steps = new ArrayList<>();
    private final @Nullable Map<String, Count> counts;
    private int counted;
    private final Set<Followed> followed = new HashSet<>();
    private boolean listening;
    private long untilMillis = NOTHING;

    /// How a step ended.
    public enum Outcome {
        /// The message went on.
        PASSED,
        /// The message ended here.
        DROPPED,
        /// Something else has to happen first.
        WAITS,
        /// The rule said something.
        SAID;

        /// @return the name in REST
        public String slug() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// What a part of a condition was.
    ///
    /// @param json as JSON, or `undefined` where it was not there
    public record Value(String expression, String json) {}

    /// @param name     of the step, as the statement has it: `where`, `window`, `having`, `alert` and so on
    /// @param atMillis when, by the clock of the stream
    /// @param detail   for people
    /// @param values   what the condition looked at
    public record Step(String name, Outcome outcome, long atMillis, String detail, List<Value> values) {
        public Step {
            Objects.requireNonNull(name, "name");
            values = List.copyOf(values);
        }
    }

    /// How often a step ended in which way.
    ///
    /// @param name as of [Step]
    public record Tally(String name, long passed, long dropped, long waits, long said) {}

    /// A [Tally] that grows.
    private static final class Count {
        private final long[] of = new long[Outcome.values().length];

        Tally shown(String name) {
            return new Tally(
                    name,
                    of[Outcome.PASSED.ordinal()],
                    of[Outcome.DROPPED.ordinal()],
                    of[Outcome.WAITS.ordinal()],
                    of[Outcome.SAID.ordinal()]);
        }
    }

    /// One that is told of one message.
    public Trace() {
        this(null);
    }

    private Trace(@Nullable Map<String, Count> counts) {
        this.counts = counts;
    }

    /// @return one that hears of all messages, and of what time brings about, and only counts
    public static Trace counting() {
        return new Trace(new LinkedHashMap<>());
    }

    /// @return the counts of each step, in the order in which they were first met; empty where it does not count
    public List<Tally> tallies() {
        List<Tally> tallies = new ArrayList<>();
        if (counts != null) {
            counts.forEach((name, count) -> tallies.add(count.shown(name)));
        }
        return tallies;
    }

    /// A window's group or an alert, of which there may be equal ones in another select.
    private record Followed(Object owner, Object key) {}

    /// @return the steps so far
    public List<Step> steps() {
        return List.copyOf(steps);
    }

    /// @return until when what the message waits for may come, milliseconds since 1970; the least number where it waits
    ///         for nothing
    public long untilMillis() {
        return untilMillis;
    }

    /// @return whether the message went into a window or touched an alert that may have more to say
    public boolean follows() {
        return untilMillis != NOTHING;
    }

    /// The message begins.
    void begin() {
        listening = true;
    }

    /// The message has been through.
    void end() {
        listening = counts != null;
    }

    /// Hears of this from now on.
    ///
    /// @param dueMillis when it next has something to say, or [DueQueue#NEVER] where that is not known
    void follow(Object owner, Object key, long dueMillis) {
        if (counts != null) {
            return;
        }
        followed.add(new Followed(owner, key));
        if (dueMillis != DueQueue.NEVER) {
            untilMillis = Math.max(untilMillis, dueMillis);
        }
    }

    /// Listens if that is followed.
    ///
    /// @return whether it listened before, for [#restore]
    boolean listen(Object owner, Object key) {
        boolean before = listening;
        listening = counts != null || followed.contains(new Followed(owner, key));
        return before;
    }

    void restore(boolean before) {
        listening = before;
    }

    /// @return whether what is said now is said because of the message
    public boolean isListening() {
        return listening;
    }

    int size() {
        return counts == null ? steps.size() : counted;
    }

    void step(String name, Outcome outcome, long at, String detail) {
        if (!count(name, outcome)) {
            add(new Step(name, outcome, at, shortened(detail), List.of()));
        }
    }

    /// A condition and what became of it.
    void condition(String name, boolean met, Frame frame, Probes probes) {
        if (listening && !count(name, met ? Outcome.PASSED : Outcome.DROPPED)) {
            add(new Step(
                    name,
                    met ? Outcome.PASSED : Outcome.DROPPED,
                    frame.now,
                    shortened(probes.text()) + (met ? " is true" : " is not true"),
                    probes.on(frame)));
        }
    }

    /// @return whether that is all to do
    private boolean count(String name, Outcome outcome) {
        if (counts == null) {
            return false;
        }
        if (listening) {
            counted++;
            counts.computeIfAbsent(name, _ -> new Count()).of[outcome.ordinal()]++;
        }
        return true;
    }

    private void add(Step step) {
        if (listening && steps.size() < STEPS_MAX) {
            steps.add(step);
        }
    }

    static String json(Object value) {
        return shortened(Json.write(value));
    }

    private static String shortened(String text) {
        return text.length() <= TEXT_MAX ? text : text.substring(0, TEXT_MAX) + "...";
    }
}
