package tributary.broker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Who hears a topic.
record Audience(Match[] matches) {
    static final Audience NOBODY = new Audience(new Match[0]);

    static Audience of(List<Listener> listeners) {
        if (listeners.isEmpty()) {
            return NOBODY;
        }
        Map<Hearer, List<Listener>> byHearer = new LinkedHashMap<>();
        for (Listener listener : listeners) {
            byHearer.computeIfAbsent(listener.hearer(), _ -> new ArrayList<>(1)).add(listener);
        }
        return new Audience(byHearer.entrySet().stream()
                .map(entry -> new Match(entry.getKey(), entry.getValue()))
                .toArray(Match[]::new));
    }
}
