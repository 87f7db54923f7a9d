package tributary.bench;

import java.time.Duration;

/// A named test: what the options are where they are not given.
enum Profile {
    MQTT(Protocol.MQTT, new Load(100, 16, 0, 0)),
    HTTP(Protocol.HTTP, new Load(100, 1, 0, 0)),
    WS(Protocol.WS, new Load(1000, 256, 0, 1000)),
    LATENCY(Protocol.MQTT, new Load(100, 1024, 10_000, 0)),
    FLEET(Protocol.MQTT, new Load(100, 1024, 0, 0));

    static final Duration DURATION = Duration.ofSeconds(60);
    static final int VEHICLES = 30_000;
    static final Duration WARM_UP = Duration.ofSeconds(5);
    static final int PAYLOAD_BYTES = 150;
    static final int READINGS = 3;
    static final int QOS = 1;

    private final Protocol protocol;
    private final Load load;

    Profile(Protocol protocol, Load load) {
        this.protocol = protocol;
        this.load = load;
    }

    Protocol protocol() {
        return protocol;
    }

    Load load() {
        return load;
    }

    /// @param ratePerSecond 0: as fast as the windows allow
    /// @param count         messages a connection; 0: by time
    record Load(int connections, int window, double ratePerSecond, long count) {}

    /// What is spoken, with the port where the standard expects it.
    enum Protocol {
        MQTT("mqtt", 1883),
        HTTP("http", 8080),
        WS("ws", 8080);

        private final String scheme;
        private final int port;

        Protocol(String scheme, int port) {
            this.scheme = scheme;
            this.port = port;
        }

        String scheme() {
            return scheme;
        }

        int port() {
            return port;
        }
    }
}
