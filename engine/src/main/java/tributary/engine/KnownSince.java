package tributary.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tributary.engine.Definition.Key;
import tributary.registry.Alerts;

/// Since when somebody knew of alerts that a rule at work raised, as their history has it: a rule that runs again over
/// that time is to be as silent as it was.
final class KnownSince {
    private static final int PAGE = 1_000;

    private final List<Known> found = new ArrayList<>();
    private final Key rule;

    private record Name(String alert, String of) {}

    /// An alert from when it is raised to its end.
    private static final class Life {
        private final long raised;
        private boolean known;
        private long since;

        Life(long raised) {
            this.raised = raised;
        }

        /// Rules hear of it a little later: what was said meanwhile was said.
        void saidOrKnown(long atMillis) {
            since = Math.max(since, atMillis);
        }
    }

    private KnownSince(Key rule) {
        this.rule = rule;
    }

    /// @return in the order of time, as far back as the history goes
    static List<Known> of(Alerts alerts, Key rule) {
        KnownSince known = new KnownSince(rule);
        known.read(alerts);
        known.found.sort(Comparator.comparingLong(Known::atMillis));
        return known.found;
    }

    private void read(Alerts alerts) {
        Map<Name, Life> lives = new HashMap<>();
        Alerts.Wanted wanted = new Alerts.Wanted(rule.name(), "", "", "");
        List<Alerts.Event> page = alerts.after(rule.tenant(), wanted, 0, PAGE);
        while (!page.isEmpty()) {
            for (Alerts.Event event : page) {
                read(event, lives);
            }
            page = alerts.after(rule.tenant(), wanted, page.getLast().sequence(), PAGE);
        }
        lives.forEach(this::over);
    }

    private void read(Alerts.Event event, Map<Name, Life> lives) {
        Name name = new Name(event.key().name(), event.key().key());
        long at = event.at().toEpochMilli();
        Life life = lives.get(name);
        switch (event.what()) {
            case "raised" -> {
                Life before = lives.put(name, new Life(at));
                if (before != null) {
                    over(name, before);
                }
            }
            case "acknowledged" -> {
                if (life != null) {
                    life.known = true;
                    life.saidOrKnown(at);
                }
            }
            case "escalated", "repeated" -> {
                if (life != null) {
                    life.saidOrKnown(at);
                }
            }
            default -> {
                if (life != null) {
                    over(name, life);
                    lives.remove(name);
                }
            }
        }
    }

    private void over(Name name, Life life) {
        if (life.known) {
            found.add(new Known(life.since, new Step.Change.Acknowledged(rule, name.alert(), name.of(), life.raised)));
        }
    }
}
