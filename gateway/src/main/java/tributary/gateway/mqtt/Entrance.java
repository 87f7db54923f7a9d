package tributary.gateway.mqtt;

import org.jspecify.annotations.Nullable;
import tributary.registry.Principal;

/// A way into the door.
///
/// @param kind     how bytes travel
/// @param stranger who a client without a credential is here, or null where it is nobody and refused
record Entrance(Kind kind, @Nullable Principal stranger) {
    enum Kind {
        PLAIN,
        TLS,
        WEBSOCKET
    }
}
