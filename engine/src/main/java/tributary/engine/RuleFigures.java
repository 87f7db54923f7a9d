package tributary.engine;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import tributary.rules.RuleRun;

/// What a rule did since the server started, and the last things that it said and could not do. Written by the
/// engine's threads, read by any.
public final class RuleFigures {
    private static final int KEPT_MAX = 20;
    private static final int EXCERPT_BYTES = 2048;

    /// The first messages are all timed, and then one of so many: looking at the clock costs as much as a small rule.
    private static final int TIMED_FIRST = 64;

    private static final int TIMED_EVERY = 32;

    /// How much the last message counts in what a message costs.
    private static final double WEIGHT = 1 / 16.0;

    private final AtomicLong taken = new AtomicLong();
    private final AtomicLong said = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private volatile Odd odd = Odd.NONE;

    /// What a message costs, in nanoseconds; 0 before the first. Written by one thread.
    private volatile double cost;

    private final Deque<Kept> sayings = new ArrayDeque<>();
    private final Deque<Failure> failures = new ArrayDeque<>();

    /// Something that a rule said.
    ///
    /// @param payload its beginning where it is long
    /// @param sent    whether it went anywhere
    public record Saying(long atMillis, String device, String payload, boolean sent) {}

    /// A saying before anybody asks to see it: most are never seen.
    ///
    /// @param payload its beginning where it is long
    private record Kept(long atMillis, String device, byte[] payload, boolean sent) {
        Saying shown() {
            return new Saying(atMillis, device, excerpt(payload), sent);
        }
    }

    /// Something that a rule could not do.
    ///
    /// @param topic   of the message that it was about, "" where it was about none
    /// @param payload of that message, its beginning where it is long
    public record Failure(long atMillis, String what, String topic, String device, String payload) {}

    /// Messages that a rule could not take as they were meant, since it began with nothing remembered.
    ///
    /// @param late      those that came too late
    /// @param skewed    those whose own time was too far ahead of their arrival
    /// @param unstamped those without a time of their own where TIMESTAMP BY asks for one
    /// @param unread    those that are neither JSON nor CBOR: every path into them is undefined
    public record Odd(long late, long skewed, long unstamped, long unread) {
        static final Odd NONE = new Odd(0, 0, 0, 0);

        static Odd of(RuleRun run) {
            return new Odd(run.late(), run.skewed(), run.unstamped(), run.unread());
        }
    }

    /// @param taken    messages that the rule looked at
    /// @param said     outputs
    /// @param failed   messages, moments and destinations that it failed at
    /// @param odd      messages that it could not take as they were meant
    /// @param nanos    what a message costs lately, in nanoseconds; 0 where it looked at none
    /// @param sayings  the last outputs, the newest first
    /// @param failures the last failures, the newest first
    public record Shown(
            long taken, long said, long failed, Odd odd, long nanos, List<Saying> sayings, List<Failure> failures) {
        /// What is shown of a rule that is not at work.
        public static final Shown NOTHING = new Shown(0, 0, 0, Odd.NONE, 0, List.of(), List.of());
    }

    /// @return how it is now
    public Shown show() {
        synchronized (sayings) {
            return new Shown(
                    taken.get(),
                    said.get(),
                    failed.get(),
                    odd,
                    nanos(),
                    sayings.stream().map(Kept::shown).toList(),
                    new ArrayList<>(failures));
        }
    }

    long taken() {
        return taken.get();
    }

    long said() {
        return said.get();
    }

    long failed() {
        return failed.get();
    }

    long nanos() {
        return (long) cost;
    }

    /// @return whether the message is to be timed
    boolean took() {
        long count = taken.getPlain() + 1;
        taken.setRelease(count);
        return count <= TIMED_FIRST || count % TIMED_EVERY == 0;
    }

    /// A message took so long.
    void cost(long nanos) {
        double known = cost;
        cost = known == 0 ? nanos : known + (nanos - known) * WEIGHT;
    }

    /// @param now counted in the run
    void odd(Odd now) {
        odd = now;
    }

    void said(long atMillis, String device, byte[] payload, boolean sent) {
        said.setRelease(said.getPlain() + 1);
        synchronized (sayings) {
            push(sayings, new Kept(atMillis, device, beginning(payload), sent));
        }
    }

    void failed(Failure failure) {
        failed.incrementAndGet();
        synchronized (sayings) {
            push(failures, failure);
        }
    }

    private static <T> void push(Deque<T> onto, T one) {
        if (onto.size() >= KEPT_MAX) {
            onto.removeLast();
        }
        onto.addFirst(one);
    }

    static String excerpt(byte[] payload) {
        return new String(beginning(payload), StandardCharsets.UTF_8);
    }

    private static byte[] beginning(byte[] payload) {
        return payload.length <= EXCERPT_BYTES ? payload : Arrays.copyOf(payload, EXCERPT_BYTES);
    }
}
