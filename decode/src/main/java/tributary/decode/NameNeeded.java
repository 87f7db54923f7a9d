package tributary.decode;

/// What to say about a value that nobody named.
final class NameNeeded {
    static final String BARE = "a value alone needs a topic that names its sensor: devices/<device>/telemetry/<sensor>;"
            + " or send an object, {\"temperature\": 21.5}";
    static final String IN_ARRAY = "an array element that is not an object needs a topic that names its sensor:"
            + " devices/<device>/telemetry/<sensor>; or send objects, [{\"temperature\": 21.5}]";

    private NameNeeded() {}
}
