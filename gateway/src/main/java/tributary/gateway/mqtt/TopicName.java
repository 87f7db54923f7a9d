package tributary.gateway.mqtt;

import org.jspecify.annotations.Nullable;
import tributary.gateway.Route;

/// A topic as one client writes it, with what the intake said that it means. Kept by the connection, because devices
/// publish to few topics and many times.
final class TopicName {
    private final String text;

    /// What the topic means for the connection's principal; null until the first publish to it.
    private @Nullable Route route;

    TopicName(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }

    @Nullable
    Route route() {
        return route;
    }

    void route(Route found) {
        route = found;
    }
}
