package tributary.gateway.mqtt;

import org.jspecify.annotations.Nullable;

/// Packet identifiers of what the server sends at QoS 1 and 2: which are free, and what each of the others waits for.
///
/// Identifiers go round, so that one is used again as late as possible. Nothing is allocated for a client that only
/// publishes or only hears QoS 0.
final class SendWindow {
    /// However much a client says that it takes, so many are under way to it at most.
    private static final int SIZE_MAX = 1_024;

    /// What the client has to send next for an identifier.
    enum State {
        PUBACK,
        PUBREC,
        PUBCOMP
    }

    private final int size;
    private @Nullable State @Nullable [] states;
    private int[] free = {};
    private int freeFrom;
    private int used;

    SendWindow(int receiveMax) {
        this.size = Math.min(receiveMax, SIZE_MAX);
    }

    /// @return whether one more may be sent
    boolean open() {
        return used < size;
    }

    /// @return an identifier, in use from now on
    int take(int qos) {
        if (!open()) {
            throw new IllegalStateException("the window is closed");
        }
        @Nullable State[] inUse = states;
        if (inUse == null) {
            inUse = new @Nullable State[size + 1];
            states = inUse;
            free = new int[size];
            for (int i = 0; i < size; i++) {
                free[i] = i + 1;
            }
        }
        int id = free[freeFrom];
        freeFrom = (freeFrom + 1) % size;
        used++;
        inUse[id] = qos == 1 ? State.PUBACK : State.PUBREC;
        return id;
    }

    void free(int id) {
        @Nullable State[] inUse = states;
        if (inUse == null || id >= inUse.length || inUse[id] == null) {
            throw new IllegalArgumentException("identifier " + id + " is not in use");
        }
        inUse[id] = null;
        used--;
        free[(freeFrom + size - used - 1) % size] = id;
    }

    /// Frees the identifier; one that is unknown is passed over, one that waits for something else is a fault.
    void expect(int id, State expected) throws MqttFault {
        State state = state(id);
        if (state == null) {
            return;
        }
        if (state != expected) {
            throw MqttFault.protocol("packet identifier " + id + " waits for " + state + " and not for " + expected);
        }
        free(id);
    }

    /// PUBREC came.
    ///
    /// @return whether the identifier is in use
    boolean advance(int id) throws MqttFault {
        State state = state(id);
        if (state == null || states == null) {
            return false;
        }
        if (state == State.PUBACK) {
            throw MqttFault.protocol("packet identifier " + id + " waits for PUBACK and not for PUBREC");
        }
        states[id] = State.PUBCOMP;
        return true;
    }

    private @Nullable State state(int id) {
        return states == null || id >= states.length ? null : states[id];
    }
}
