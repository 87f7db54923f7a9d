package tributary.gateway.mqtt;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Looks at each connection of an event loop when it may be due, with one timer for all of them.
///
/// A connection is in the slot of the second in which something may have to happen to it; when that comes it says
/// when to look next. What happens in between (a packet every second) moves nothing here.
final class KeepAliveWheel {
    private static final int SLOTS = 64;

    private final @Nullable List<MqttConnection>[] slots;
    private int now;

    @SuppressWarnings("unchecked")
    KeepAliveWheel() {
        slots = new @Nullable List[SLOTS];
    }

    /// @return seconds since the loop started
    int now() {
        return now;
    }

    /// Looks at the connection at second `due`, or earlier where that is more than a turn away; an earlier plan for it
    /// is void.
    void plan(MqttConnection connection, int due) {
        int at = Math.max(now + 1, Math.min(due, now + SLOTS - 1));
        connection.plannedAt(at);
        List<MqttConnection> slot = slots[at % SLOTS];
        if (slot == null) {
            slot = new ArrayList<>();
            slots[at % SLOTS] = slot;
        }
        slot.add(connection);
    }

    /// Goes on by a second.
    void tick() {
        now++;
        List<MqttConnection> due = slots[now % SLOTS];
        slots[now % SLOTS] = null;
        if (due == null) {
            return;
        }
        for (MqttConnection connection : due) {
            if (connection.plannedAt() == now) {
                int next = connection.look(now);
                if (next >= 0 && connection.plannedAt() == now) {
                    plan(connection, next);
                }
            }
        }
    }
}
