package tributary.broker;

import java.util.List;
import tributary.broker.Window.Place;

/// One reading of places of the log for a session; what it brings counts only while the session still waits for it.
final class Fetch {
    private final List<Place> places;
    private final boolean ofBacklog;

    /// @param ofBacklog whether the places are those that wait, and not of messages that have an identifier already
    Fetch(List<Place> places, boolean ofBacklog) {
        this.places = places;
        this.ofBacklog = ofBacklog;
    }

    List<Place> places() {
        return places;
    }

    boolean ofBacklog() {
        return ofBacklog;
    }
}
