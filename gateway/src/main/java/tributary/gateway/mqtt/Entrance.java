package tributary.gateway.mqtt;

/// A way into the door.
///
/// @param kind      how bytes travel
/// @param anonymous whether clients without a credential may come in here
record Entrance(Kind kind, boolean anonymous) {
    enum Kind {
        PLAIN,
        TLS,
        WEBSOCKET
    }
}
