package tributary.rules;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.rules.syntax.Select.Join;
import tributary.rules.value.StateIn;
import tributary.rules.value.StateOut;

/// One join: what is kept of its sides, and which rows a message makes with it.
final class JoinRun {
    private final JoinPlan plan;
    private final RuleLimits limits;
    private final Lookups lookups;
    /// Rows of this side and messages of the other that wait for each other, by their key.
    private final Map<Object, Deque<Kept>> here = new LinkedHashMap<>();
    private final Map<Object, Deque<Kept>> there = new LinkedHashMap<>();
    private final Deque<Kept> expiring = new ArrayDeque<>();
    private final Map<Object, Object> latest = new LinkedHashMap<>();
    private @Nullable List<Map<String, Object>> indexed;
    private Map<Object, List<Object>> index = Map.of();

    /// One of a stream join.
    private static final class Kept {
        final boolean ours;
        final Object key;
        final StreamMessage message;
        final Object[] scopes;
        final long until;
        boolean matched;

        Kept(boolean ours, Object key, StreamMessage message, Object[] scopes, long until) {
            this.ours = ours;
            this.key = key;
            this.message = message;
            this.scopes = scopes;
            this.until = until;
        }
    }

    /// Takes rows that are joined.
    interface Next {
        void row(StreamMessage message, Object[] scopes);
    }

    JoinRun(JoinPlan plan, RuleLimits limits, Lookups lookups) {
        this.plan = plan;
        this.limits = limits;
        this.lookups = lookups;
    }

    /// Whether a message is of the other side.
    boolean isThere(StreamMessage message) {
        return plan.filter() != null && plan.filter().matches(message.topic());
    }

    /// A row of this side.
    void here(Frame f, StreamMessage message, Object[] scopes, Next next) {
        show(f, message, scopes);
        switch (plan.kind()) {
            case STREAM -> {
                Object key = plan.keyHere() == null ? "" : plan.keyHere().on(f);
                Kept kept = new Kept(true, key, message, scopes, f.now + plan.withinMillis());
                for (Kept other : List.copyOf(there.getOrDefault(key, new ArrayDeque<>(0)))) {
                    meet(f, kept, other, next);
                }
                keep(here, kept);
            }
            case LATEST -> candidates(f, message, scopes, latest(f), next);
            case TABLE -> candidates(f, message, scopes, rows(f), next);
        }
    }

    /// A message of the other side.
    void there(Frame f, StreamMessage message, Next next) {
        Object[] scopes = Frame.filled(f.scopes.length);
        scopes[plan.scope()] = message.payload();
        show(f, message, scopes);
        Object key = plan.keyThere() == null
                ? plan.kind() == Join.Kind.LATEST ? message.topic().value() : ""
                : plan.keyThere().on(f);
        if (plan.kind() == Join.Kind.LATEST) {
            if (!latest.containsKey(key)) {
                Limits.keys(latest.size(), limits, "JOIN LATEST");
            }
            latest.remove(key); // what comes again is the newest of all
            latest.put(key, message.payload());
            return;
        }
        Kept kept = new Kept(false, key, message, scopes, f.now + plan.withinMillis());
        for (Kept ours : List.copyOf(here.getOrDefault(key, new ArrayDeque<>(0)))) {
            if (ours.message != message) {
                meet(f, ours, kept, next);
            }
        }
        keep(there, kept);
    }

    private static void show(Frame f, StreamMessage message, Object[] scopes) {
        f.message = message;
        f.payload = message.payload();
        System.arraycopy(scopes, 0, f.scopes, 0, scopes.length);
    }

    private void meet(Frame f, Kept ours, Kept other, Next next) {
        Object[] both = ours.scopes.clone();
        both[plan.scope()] = other.scopes[plan.scope()];
        show(f, ours.message, both);
        if (plan.on().isTrue(f)) {
            ours.matched = true;
            next.row(ours.message, both);
        }
    }

    private void keep(Map<Object, Deque<Kept>> side, Kept kept) {
        Limits.rows(expiring.size(), limits, "JOIN ... WITHIN");
        side.computeIfAbsent(kept.key, _ -> new ArrayDeque<>(2)).addLast(kept);
        expiring.addLast(kept);
    }

    private void candidates(Frame f, StreamMessage message, Object[] scopes, List<Object> others, Next next) {
        boolean matched = false;
        for (Object other : others) {
            Object[] both = scopes.clone();
            both[plan.scope()] = other;
            show(f, message, both);
            if (plan.on().isTrue(f)) {
                matched = true;
                next.row(message, both);
                if (plan.kind() == Join.Kind.LATEST) {
                    break;
                }
            }
        }
        if (!matched && plan.left()) {
            next.row(message, scopes.clone());
        }
    }

    /// The newest first, where the condition names no key.
    private List<Object> latest(Frame f) {
        if (plan.keyHere() == null) {
            return new ArrayList<>(latest.values()).reversed();
        }
        Object known = latest.get(plan.keyHere().on(f));
        return known == null ? List.of() : List.of(known);
    }

    private List<Object> rows(Frame f) {
        List<Map<String, Object>> table = lookups.table(plan.table());
        if (table == null) {
            return List.of();
        }
        if (plan.keyHere() == null || plan.keyThere() == null) {
            return new ArrayList<>(table);
        }
        if (table != indexed) {
            Map<Object, List<Object>> made = new LinkedHashMap<>();
            Object before = f.scopes[plan.scope()];
            for (Map<String, Object> row : table) {
                f.scopes[plan.scope()] = row;
                made.computeIfAbsent(plan.keyThere().on(f), _ -> new ArrayList<>(1))
                        .add(row);
            }
            f.scopes[plan.scope()] = before;
            index = made;
            indexed = table;
        }
        return index.getOrDefault(plan.keyHere().on(f), List.of());
    }

    long due() {
        return expiring.isEmpty() ? DueQueue.NEVER : expiring.getFirst().until;
    }

    /// Forgets the oldest; a row of this side that met nothing leaves with LEFT.
    void fire(Next next) {
        Kept oldest = expiring.removeFirst();
        Map<Object, Deque<Kept>> side = oldest.ours ? here : there;
        Deque<Kept> same = side.get(oldest.key);
        if (same != null) {
            same.remove(oldest);
            if (same.isEmpty()) {
                side.remove(oldest.key);
            }
        }
        if (oldest.ours && !oldest.matched && plan.left()) {
            next.row(oldest.message, oldest.scopes);
        }
    }

    void write(StateOut out) {
        out.number(expiring.size());
        for (Kept kept : expiring) {
            out.flag(kept.ours)
                    .value(kept.key)
                    .number(kept.until)
                    .flag(kept.matched)
                    .values(kept.scopes);
            kept.message.write(out);
        }
        out.number(latest.size());
        latest.forEach((key, payload) -> out.value(key).value(payload));
    }

    void read(StateIn in) {
        int size = in.count();
        for (int i = 0; i < size; i++) {
            boolean ours = in.flag();
            Object key = in.value();
            long until = in.number();
            boolean matched = in.flag();
            Object[] scopes = in.values();
            Kept kept = new Kept(ours, key, StreamMessage.read(in), scopes, until);
            kept.matched = matched;
            keep(ours ? here : there, kept);
        }
        int known = in.count();
        for (int i = 0; i < known; i++) {
            latest.put(in.value(), in.value());
        }
    }

    /// The payload of a joined row, for names without an alias: keys of this side before those of the others.
    static Object merged(StreamMessage message, Object[] scopes, List<JoinPlan> joins) {
        if (!(message.payload() instanceof Map<?, ?> ours)) {
            return message.payload();
        }
        Map<String, Object> all = new LinkedHashMap<>();
        ours.forEach((key, value) -> all.put(key.toString(), value));
        for (JoinPlan join : joins) {
            if (scopes[join.scope()] instanceof Map<?, ?> other) {
                other.forEach((key, value) -> all.putIfAbsent(key.toString(), value));
            }
        }
        return all;
    }
}
