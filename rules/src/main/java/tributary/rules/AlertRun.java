package tributary.rules;

import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.rules.Output.AlertChange;
import tributary.rules.value.Json;
import tributary.rules.value.Missing;
import tributary.rules.value.StateIn;
import tributary.rules.value.StateOut;

/// The alerts of a rule: one for each key, from quiet over pending to raised and back.
///
/// Timers run on the thread and by the clock of the messages: an alarm of silence and the message that ends it
/// cannot pass each other.
final class AlertRun {
    /// Since this format of the state it is written down who was told, and what is said where nothing has escalated.
    private static final long TOLD = 3;

    private final AlertPlan plan;
    private final RunState run;
    private final RuleLimits limits;
    private final Map<Object, Life> lives = new LinkedHashMap<>();
    private final DueQueue<Life> queue = new DueQueue<>();

    /// Takes what an alert says.
    interface Says {
        /// @return whether it was said, and not held back by LIMIT
        boolean row(Object row, Entry.About about, AlertChange change, long at);
    }

    AlertRun(AlertPlan plan, RunState run, RuleLimits limits) {
        this.plan = plan;
        this.run = run;
        this.limits = limits;
    }

    /// One alert. Times that do not run are [DueQueue#NEVER].
    private final class Life extends DueQueue.Timed {
        final Object key;
        long order;
        boolean raised;
        /// Whether anybody heard of it since it was raised: its end is said to those alone.
        boolean told;
        long raisedAt;
        /// When a condition that holds will have held long enough to raise; of silence also while it is raised, for
        /// when it ends.
        long raiseDue = DueQueue.NEVER;
        long clearDue = DueQueue.NEVER;
        long escalateDue = DueQueue.NEVER;
        long repeatDue = DueQueue.NEVER;
        int escalated;
        Object severity = Missing.UNDEFINED;
        /// What it becomes as it escalates, and behind that what it is where nothing has.
        Object[] severities = {};
        Object row = Missing.UNDEFINED;
        Entry.About about = Entry.About.NOBODY;

        Life(Object key) {
            this.key = key;
        }

        @Override
        long due() {
            long next = raised ? clearDue : Math.min(raiseDue, clearDue);
            return Math.min(next, Math.min(escalateDue, repeatDue));
        }

        @Override
        long order() {
            return order;
        }

        boolean quiet() {
            return !raised && raiseDue == DueQueue.NEVER;
        }
    }

    /// A row of the select, or of its window.
    ///
    /// @param standard what the alert is of where PER was not written
    void update(Frame f, Object row, Object standard, Says says) {
        Object key = plan.per() == null ? standard : plan.per().on(f);
        Object raise = plan.raise() == null ? Missing.UNDEFINED : plan.raise().on(f);
        Trace trace = run.trace;
        if (trace != null && trace.isListening()) {
            trace.follow(this, key, DueQueue.NEVER);
            if (plan.raise() != null) {
                trace.condition("when", raise == Boolean.TRUE, f, plan.raiseParts());
            }
        }
        Life life = lives.get(key);
        if (life == null) {
            if (plan.raise() != null && raise != Boolean.TRUE) {
                return;
            }
            Limits.keys(lives.size(), limits, "ALERT");
            life = new Life(key);
            lives.put(key, life);
        }
        life.row = row;
        life.about = new Entry.About(f.message.topic(), f.message.device());
        life.order = run.next();
        boolean wasRaised = life.raised;
        Object plain =
                plan.severity() == null ? Missing.UNDEFINED : plan.severity().on(f);
        if (life.raised) {
            life.severities[plan.escalations().size()] = plain;
            life.severity = life.escalated == 0 ? plain : life.severity;
            clearing(life, f, raise, says);
        }
        if (!life.raised) {
            life.severity = plain;
            life.severities = severities(f, plain);
            raising(life, f, raise, says);
        } else if (plan.raise() == null) {
            life.raiseDue = f.now + plan.raiseMillis();
        }
        if (trace != null && trace.isListening()) {
            stands(trace, life, wasRaised, f.now);
        }
        settle(life);
    }

    private Object[] severities(Frame f, Object plain) {
        Object[] severities = new Object[plan.escalations().size() + 1];
        for (int i = 0; i < severities.length - 1; i++) {
            severities[i] = plan.escalations().get(i).severity().on(f);
        }
        severities[severities.length - 1] = plain;
        return severities;
    }

    /// Tells where an alert is that said nothing.
    private void stands(Trace trace, Life life, boolean wasRaised, long now) {
        String of = "of " + Trace.json(life.key);
        if (life.raised && wasRaised) {
            String clears =
                    life.clearDue == DueQueue.NEVER ? "" : "; it is to end at " + Instant.ofEpochMilli(life.clearDue);
            trace.step(
                    "alert",
                    Trace.Outcome.DROPPED,
                    now,
                    "the alert %s is raised since %s and is said once%s"
                            .formatted(of, Instant.ofEpochMilli(life.raisedAt), clears));
        } else if (life.raiseDue != DueQueue.NEVER) {
            trace.follow(this, life.key, life.raiseDue);
            trace.step(
                    "alert",
                    Trace.Outcome.WAITS,
                    now,
                    "the alert %s is raised at %s, unless that changes before"
                            .formatted(of, Instant.ofEpochMilli(life.raiseDue)));
        }
    }

    /// Tells that a condition did not hold for as long as FOR asks.
    private void lapsed(Life life, Frame f) {
        Trace trace = run.trace;
        if (trace == null || life.raiseDue == DueQueue.NEVER) {
            return;
        }
        boolean before = trace.listen(this, life.key);
        trace.condition("when", false, f, plan.raiseParts());
        trace.step(
                "alert",
                Trace.Outcome.DROPPED,
                f.now,
                "the condition did not hold until " + Instant.ofEpochMilli(life.raiseDue));
        trace.restore(before);
    }

    private void raising(Life life, Frame f, Object raise, Says says) {
        long now = f.now;
        if (plan.raise() == null) {
            life.raiseDue = now + plan.raiseMillis();
        } else if (raise == Boolean.TRUE) {
            if (plan.raiseMillis() == 0) {
                raise(life, now, says);
            } else if (life.raiseDue == DueQueue.NEVER) {
                life.raiseDue = now + plan.raiseMillis();
            }
        } else if (raise == Boolean.FALSE) {
            lapsed(life, f);
            life.raiseDue = DueQueue.NEVER;
        }
    }

    private void clearing(Life life, Frame f, Object raise, Says says) {
        if (!plan.clears()) {
            if (plan.raise() == null || raise == Boolean.FALSE) {
                end(life, f.now, says);
            }
        } else if (plan.clear() == null) {
            if (raise == Boolean.TRUE) {
                life.clearDue = f.now + plan.clearMillis();
            }
        } else {
            Object clear = plan.clear().on(f);
            Trace trace = run.trace;
            if (trace != null) {
                trace.condition("clear when", clear == Boolean.TRUE, f, plan.clearParts());
            }
            if (clear == Boolean.TRUE) {
                if (plan.clearMillis() == 0) {
                    end(life, f.now, says);
                } else if (life.clearDue == DueQueue.NEVER) {
                    life.clearDue = f.now + plan.clearMillis();
                }
            } else if (clear == Boolean.FALSE) {
                life.clearDue = DueQueue.NEVER;
            }
        }
    }

    private void raise(Life life, long now, Says says) {
        life.raised = true;
        life.told = false;
        life.raisedAt = now;
        life.raiseDue = DueQueue.NEVER;
        life.clearDue = plan.clears() && plan.clear() == null ? now + plan.clearMillis() : DueQueue.NEVER;
        life.repeatDue = plan.repeatMillis() > 0 ? now + plan.repeatMillis() : DueQueue.NEVER;
        life.escalateDue = plan.escalations().isEmpty()
                ? DueQueue.NEVER
                : now + plan.escalations().getFirst().afterMillis();
        say(life, "raised", now, says);
    }

    private void end(Life life, long now, Says says) {
        say(life, Output.CLEARED, now, says);
        life.raised = false;
        life.escalated = 0;
        life.severity = life.severities[plan.escalations().size()];
        // silence goes on being watched; where it has lasted too long by now, it is raised at once
        life.raiseDue = life.raiseDue == DueQueue.NEVER ? DueQueue.NEVER : Math.max(life.raiseDue, now);
        life.clearDue = DueQueue.NEVER;
        life.escalateDue = DueQueue.NEVER;
        life.repeatDue = DueQueue.NEVER;
    }

    private void escalate(Life life, Says says) {
        long at = life.escalateDue;
        life.severity = life.severities[life.escalated];
        life.escalated++;
        life.escalateDue = life.escalated < plan.escalations().size()
                ? life.raisedAt + plan.escalations().get(life.escalated).afterMillis()
                : DueQueue.NEVER;
        say(life, "escalated", at, says);
    }

    private void say(Life life, String state, long at, Says says) {
        if (state.equals(Output.CLEARED) && !life.told) {
            return;
        }
        Map<String, Object> said = new LinkedHashMap<>();
        said.put("alert", plan.name());
        said.put("state", state);
        if (life.severity != Missing.UNDEFINED) {
            said.put("severity", life.severity);
        }
        said.put("at", at);
        if (life.row instanceof Map<?, ?> row) {
            row.forEach((name, value) -> said.putIfAbsent(name.toString(), value));
        } else if (life.row != Missing.UNDEFINED) {
            said.put("value", life.row);
        }
        Trace trace = run.trace;
        boolean before = trace != null && trace.listen(this, life.key);
        if (trace != null) {
            trace.step("alert", Trace.Outcome.PASSED, at, "the alert of %s: %s".formatted(Trace.json(life.key), state));
        }
        AlertChange change = new AlertChange(plan.name(), life.key, state, life.severity, life.raisedAt);
        life.told |= says.row(said, life.about, change, at);
        if (trace != null) {
            trace.restore(before);
        }
    }

    /// @param key as JSON
    /// @return the alert that was raised at that time and is still to escalate or to be repeated, or null
    private @Nullable Life nagging(String name, String key, long raisedMillis) {
        if (!plan.name().equals(name) || plan.escalations().isEmpty() && plan.repeatMillis() == 0) {
            return null;
        }
        Object value = Json.read(key);
        Life known = lives.get(value);
        boolean plain = value instanceof String || value instanceof Long || value instanceof Boolean;
        if (known == null && !plain) {
            // what JSON does not tell apart, such as a key that is undefined
            known = lives.values().stream()
                    .filter(life -> Json.write(life.key).equals(key))
                    .findFirst()
                    .orElse(null);
        }
        boolean nags = known != null
                && known.raised
                && known.raisedAt == raisedMillis
                && Math.min(known.escalateDue, known.repeatDue) != DueQueue.NEVER;
        return nags ? known : null;
    }

    boolean nags(String name, String key, long raisedMillis) {
        return nagging(name, key, raisedMillis) != null;
    }

    /// Somebody knows of it: it is not said any more, until it ends.
    void acknowledged(String name, String key, long raisedMillis) {
        Life life = nagging(name, key, raisedMillis);
        if (life != null) {
            life.escalateDue = DueQueue.NEVER;
            life.repeatDue = DueQueue.NEVER;
            settle(life);
        }
    }

    private void settle(Life life) {
        if (life.quiet()) {
            lives.remove(life.key);
        } else {
            queue.refresh(life);
        }
    }

    long due() {
        return queue.due();
    }

    void fire(long at, Says says) {
        Life life = queue.first();
        if (life == null || life.due() > at) {
            return;
        }
        if (!life.raised && life.raiseDue <= at) {
            raise(life, life.raiseDue, says);
        } else if (life.clearDue <= at) {
            end(life, life.clearDue, says);
        } else if (life.escalateDue <= at) {
            escalate(life, says);
        } else if (life.repeatDue <= at) {
            long due = life.repeatDue;
            life.repeatDue = due + plan.repeatMillis();
            say(life, "repeated", due, says);
        }
        settle(life);
    }

    void write(StateOut out) {
        out.number(lives.size());
        for (Life life : lives.values()) {
            out.value(life.key)
                    .number(life.order)
                    .flag(life.raised)
                    .flag(life.told)
                    .number(life.raisedAt);
            out.number(life.raiseDue)
                    .number(life.clearDue)
                    .number(life.escalateDue)
                    .number(life.repeatDue);
            out.number(life.escalated)
                    .value(life.severity)
                    .values(life.severities)
                    .value(life.row);
            life.about.write(out);
        }
    }

    void read(StateIn in, long format) {
        int size = in.count();
        for (int i = 0; i < size; i++) {
            Life life = new Life(in.value());
            life.order = in.number();
            life.raised = in.flag();
            life.told = format >= TOLD ? in.flag() : life.raised;
            life.raisedAt = in.number();
            life.raiseDue = in.number();
            life.clearDue = in.number();
            life.escalateDue = in.number();
            life.repeatDue = in.number();
            life.escalated = (int) in.number();
            life.severity = in.value();
            life.severities = in.values();
            if (format < TOLD) {
                life.severities =
                        Arrays.copyOf(life.severities, plan.escalations().size() + 1);
                life.severities[plan.escalations().size()] = life.escalated == 0 ? life.severity : Missing.UNDEFINED;
            }
            life.row = in.value();
            life.about = Entry.About.read(in);
            lives.put(life.key, life);
            queue.refresh(life);
        }
    }
}
