package tributary.broker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Who hears a topic, sorted by the outlet that they are reached through.
record Audience(Group[] groups, int size) {
    static final Audience NOBODY = new Audience(new Group[0], 0);

    /// Those of one outlet.
    record Group(Outlet outlet, Target[] targets) {}

    static Audience of(List<Listener> listeners) {
        if (listeners.isEmpty()) {
            return NOBODY;
        }
        Map<Session, List<Listener>> bySession = new LinkedHashMap<>();
        for (Listener listener : listeners) {
            bySession
                    .computeIfAbsent(listener.session(), _ -> new ArrayList<>(1))
                    .add(listener);
        }
        Map<Outlet, List<Target>> byOutlet = new LinkedHashMap<>();
        bySession.forEach((session, own) -> byOutlet.computeIfAbsent(session.outlet(), _ -> new ArrayList<>())
                .add(Target.of(session, own)));
        Group[] groups = byOutlet.entrySet().stream()
                .map(entry -> new Group(entry.getKey(), entry.getValue().toArray(Target[]::new)))
                .toArray(Group[]::new);
        return new Audience(groups, bySession.size());
    }
}
