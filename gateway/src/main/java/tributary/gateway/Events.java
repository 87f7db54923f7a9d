package tributary.gateway;

import tributary.model.Event;

/// Takes down what happened. Never waits and never fails: what cannot be taken down is counted.
public interface Events {
    /// Takes an event down.
    void note(Event event);

    /// Takes an event down where nothing came from its device before.
    void firstSeen(Event event);
}
