package tributary.rules;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.rules.function.RuleFailure;
import tributary.rules.value.Missing;
import tributary.rules.value.StateIn;
import tributary.rules.value.StateOut;

/// What a whole run remembers: how often it hit, its own chance, its own small store, what it counted.
final class RunState {
    private static final long REST_MILLIS = 10_000;
    private static final int REST_DOUBLINGS_MAX = 6;

    private final RuleLimits limits;
    private final Map<String, Object> store = new LinkedHashMap<>();
    private final Map<String, Rest> rests = new LinkedHashMap<>();
    private final List<RuleRun.Runaway> runaways = new ArrayList<>();
    private long chance = 0x9E3779B97F4A7C15L;
    private long sequence;
    long hits;
    long lastHitMillis = Long.MIN_VALUE;
    long late;
    long skewed;
    long unstamped;
    long unread;

    /// What is told how messages fare; null where nobody asks, as in all runs at work.
    @Nullable
    Trace trace;

    RunState(RuleLimits limits) {
        this.limits = limits;
    }

    /// Numbers things in the order in which they came.
    long next() {
        return sequence++;
    }

    /// The next of a fixed sequence that looks like chance (SplitMix64), so that a replay makes the same.
    long random() {
        chance += 0x9E3779B97F4A7C15L;
        long z = (chance ^ chance >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    Object stored(String key) {
        return store.getOrDefault(key, Missing.UNDEFINED);
    }

    void store(String key, Object value) {
        if (value == Missing.UNDEFINED) {
            store.remove(key);
        } else {
            if (!store.containsKey(key)) {
                limits.room().check("kv_put");
                if (store.size() >= limits.keys()) {
                    throw new RuleFailure("kv_put: the rule's store holds %,d keys already".formatted(limits.keys()));
                }
            }
            store.put(key, value);
        }
    }

    /// A function that ran away.
    ///
    /// @param times one after the other
    private record Rest(long untilMillis, int times) {}

    /// @return when a function may be called again
    long restsUntil(String function, long nowMillis) {
        Rest rest = rests.isEmpty() ? null : rests.get(function);
        return rest == null ? nowMillis : rest.untilMillis();
    }

    void ranWell(String function) {
        if (!rests.isEmpty()) {
            rests.remove(function);
        }
    }

    /// Each time in a row it rests for longer.
    void ranAway(String function, long nowMillis) {
        Rest before = rests.get(function);
        int times = before == null ? 0 : Math.min(before.times() + 1, REST_DOUBLINGS_MAX);
        Rest rest = new Rest(nowMillis + (REST_MILLIS << times), times);
        rests.put(function, rest);
        runaways.add(new RuleRun.Runaway(function, rest.untilMillis(), times));
    }

    /// @return functions that ran away since this was asked last
    List<RuleRun.Runaway> runaways() {
        if (runaways.isEmpty()) {
            return List.of();
        }
        List<RuleRun.Runaway> all = List.copyOf(runaways);
        runaways.clear();
        return all;
    }

    /// It ran away in another run.
    void rests(RuleRun.Runaway runaway) {
        Rest known = rests.get(runaway.function());
        if (known == null || known.untilMillis() < runaway.untilMillis()) {
            rests.put(runaway.function(), new Rest(runaway.untilMillis(), runaway.times()));
        }
    }

    void write(StateOut out) {
        out.number(chance)
                .number(sequence)
                .number(hits)
                .number(lastHitMillis)
                .number(late)
                .number(skewed)
                .number(unstamped)
                .number(unread);
        out.number(store.size());
        store.forEach((key, value) -> out.text(key).value(value));
        out.number(rests.size());
        rests.forEach((name, rest) -> out.text(name).number(rest.untilMillis()).number(rest.times()));
    }

    /// @param format 1 knows nothing of functions that rest, 2 nothing of messages that could not be read
    void read(StateIn in, long format) {
        chance = in.number();
        sequence = in.number();
        hits = in.number();
        lastHitMillis = in.number();
        late = in.number();
        skewed = in.number();
        unstamped = in.number();
        unread = format < 3 ? 0 : in.number();
        int size = in.count();
        for (int i = 0; i < size; i++) {
            store.put(in.text(), in.value());
        }
        int resting = format == 1 ? 0 : in.count();
        for (int i = 0; i < resting; i++) {
            rests.put(in.text(), new Rest(in.number(), (int) in.number()));
        }
    }
}
