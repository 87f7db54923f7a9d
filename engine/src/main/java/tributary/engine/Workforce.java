package tributary.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tributary.engine.Definition.Key;
import tributary.log.Batch;
import tributary.model.Message;
import tributary.model.MessageProperties.UserProperty;
import tributary.model.TenantId;
import tributary.rules.Lookups;
import tributary.rules.RuleRun;
import tributary.rules.StreamMessage;

/// All rules at work, and nothing that is not decided by what they are given: the same changes, messages and clock
/// make the same outputs. For the engine's thread.
final class Workforce {
    private final Map<Key, RuleAtWork> rules = new TreeMap<>();
    private final Map<TenantId, TopicIndex> indexes = new HashMap<>();
    private final Map<Key, RuleFigures> figures;
    private final Function<Definition, Lookups> lookups;
    private final Sayings sayings = new Sayings();
    private List<RuleAtWork> seeing = List.of();

    /// @param figures what each rule did; written here, read by any thread
    Workforce(Function<Definition, Lookups> lookups, Map<Key, RuleFigures> figures) {
        this.lookups = lookups;
        this.figures = figures;
    }

    Sayings sayings() {
        return sayings;
    }

    /// @return whether there is no rule that sees anything
    boolean idle() {
        return seeing.isEmpty();
    }

    Collection<RuleAtWork> rules() {
        return rules.values();
    }

    /// @return the rule as it runs, or null where it does not
    private @Nullable Definition definition(Key key) {
        RuleAtWork known = rules.get(key);
        return known == null ? null : known.definition();
    }

    /// @return what has to become of rules so that these are at work and no others
    List<Step.Change> changes(List<Definition> wanted) {
        List<Step.Change> changes = new ArrayList<>();
        Set<Key> kept = new HashSet<>();
        for (Definition definition : wanted) {
            kept.add(definition.key());
            if (!definition.equals(definition(definition.key()))) {
                changes.add(new Step.Change.Put(definition));
            }
        }
        for (Key key : rules.keySet()) {
            if (!kept.contains(key)) {
                changes.add(new Step.Change.Removed(key));
            }
        }
        return changes;
    }

    /// @return whether it makes a difference that somebody knows of the alert
    boolean nags(Step.Change.Acknowledged acknowledged) {
        RuleAtWork rule = rules.get(acknowledged.key());
        return rule != null && rule.nags(acknowledged);
    }

    void apply(Step.Change change, long nowMillis) {
        switch (change) {
            case Step.Change.Removed(Key key) -> {
                rules.remove(key);
                figures.remove(key);
            }
            case Step.Change.Put(Definition definition) -> put(definition, nowMillis);
            case Step.Change.Acknowledged acknowledged -> {
                RuleAtWork rule = rules.get(acknowledged.key());
                if (rule != null) {
                    rule.acknowledged(acknowledged);
                }
            }
        }
        index();
    }

    private void put(Definition definition, long nowMillis) {
        RuleAtWork known = rules.get(definition.key());
        if (known != null && known.definition().remembersWith(definition)) {
            known.redefine(definition);
        } else {
            figures.remove(definition.key());
            hire(definition).start(nowMillis);
        }
    }

    /// Goes on with a rule from a checkpoint.
    void resume(Definition definition, byte @Nullable [] state, int depth, long nowMillis) {
        RuleAtWork rule = hire(definition);
        if (state != null) {
            rule.resume(state, depth, nowMillis);
        }
        index();
    }

    private RuleAtWork hire(Definition definition) {
        RuleFigures of = figures.computeIfAbsent(definition.key(), _ -> new RuleFigures());
        RuleAtWork rule = new RuleAtWork(definition, lookups.apply(definition), of, sayings);
        rules.put(definition.key(), rule);
        return rule;
    }

    private void index() {
        seeing = rules.values().stream().filter(RuleAtWork::sees).toList();
        Map<TenantId, List<RuleAtWork>> byTenant = new HashMap<>();
        for (RuleAtWork rule : seeing) {
            byTenant.computeIfAbsent(rule.definition().tenant(), _ -> new ArrayList<>())
                    .add(rule);
        }
        indexes.clear();
        byTenant.forEach((tenant, all) -> indexes.put(tenant, new TopicIndex(all)));
    }

    /// Gives a message to the rules that listen to it; what nobody listens to is not decoded.
    void message(Batch batch, int index) {
        TopicIndex listening = indexes.get(batch.tenant(index));
        if (listening == null) {
            return;
        }
        List<RuleAtWork> listeners = listening.listeners(StreamMessage.seen(batch.topic(index)));
        if (listeners.isEmpty()) {
            return;
        }
        Message message = batch.message(index);
        StreamMessage streamed = StreamMessage.of(message, batch.partition() + "-" + (batch.first() + index));
        RuleAtWork.Seen seen = seen(message);
        int depth = depth(message);
        for (RuleAtWork rule : listeners) {
            rule.message(streamed, seen, depth);
            restElsewhere(rule);
        }
    }

    /// @return what is shown of a message
    static RuleAtWork.Seen seen(Message message) {
        return new RuleAtWork.Seen(
                message.topic().value(),
                message.device() == null
                        ? message.publisher()
                        : message.device().value(),
                message.payload());
    }

    /// @return how many rules it took to make the message
    static int depth(Message message) {
        if (message.origin() == Message.Origin.PLATFORM) {
            for (UserProperty property : message.properties().user()) {
                if (property.name().equals(RuleMessages.DEPTH)) {
                    return Integer.parseInt(property.value());
                }
            }
        }
        return 0;
    }

    /// @return when time next brings something about
    long due() {
        long due = Long.MAX_VALUE;
        for (RuleAtWork rule : seeing) {
            due = Math.min(due, rule.due());
        }
        return due;
    }

    /// Where rules remember too much together, the largest take in nothing new until it is less. By what was written
    /// down last, so that it is the same when steps are done again from there.
    void bound(EngineSettings settings) {
        rules.values().forEach(rule -> rule.full(""));
        Map<TenantId, List<RuleAtWork>> byTenant = new TreeMap<>();
        for (RuleAtWork rule : rules.values()) {
            byTenant.computeIfAbsent(rule.definition().tenant(), _ -> new ArrayList<>())
                    .add(rule);
        }
        bound(rules.values(), settings.stateMaxAll(), "all rules of the server");
        byTenant.values().forEach(all -> bound(all, settings.stateMax(), "the rules of the tenant"));
    }

    private static void bound(Collection<RuleAtWork> some, long max, String whose) {
        long sum = some.stream().mapToLong(RuleAtWork::remembered).sum();
        if (sum <= max) {
            return;
        }
        String why = ("%s remember %,d MB together, and at most %,d MB fit; this is one of the largest. Choose"
                        + " what it is per so that there are fewer, or a shorter time")
                .formatted(whose, sum >> 20, max >> 20);
        List<RuleAtWork> largest = some.stream()
                .sorted(Comparator.comparingLong(RuleAtWork::remembered).reversed())
                .toList();
        for (RuleAtWork rule : largest) {
            if (sum > max) {
                rule.full(why);
                sum -= rule.remembered();
            }
        }
    }

    /// Time passes for all rules.
    void advance(long nowMillis) {
        for (RuleAtWork rule : seeing) {
            if (rule.due() <= nowMillis) {
                rule.advance(nowMillis);
                restElsewhere(rule);
            }
        }
    }

    /// A function that ran away in one rule would do so in the next: it rests in all of the tenant's that call the
    /// same text.
    private void restElsewhere(RuleAtWork rule) {
        for (RuleRun.Runaway runaway : rule.runaways()) {
            String text = rule.definition().functions().get(runaway.function());
            for (RuleAtWork other : rules.values()) {
                Definition definition = other.definition();
                if (other != rule
                        && definition.tenant().equals(rule.definition().tenant())
                        && Objects.equals(definition.functions().get(runaway.function()), text)) {
                    other.rests(runaway);
                }
            }
        }
    }
}
