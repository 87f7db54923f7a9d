package tributary.bench;

import java.time.Duration;
import java.util.Objects;

/// What is sent, how fast and how long.
///
/// @param connections   sockets; each is a device of its own
/// @param window        messages a connection has under way without an answer
/// @param payload       what a message is made of
/// @param ratePerSecond messages a second over all connections, sent when the schedule says and not when the
///                      server
///                      is ready (open loop); 0 sends as fast as the windows allow (closed loop)
/// @param warmUp        sent but not measured
/// @param extent        how long it goes on
/// @param loops         event loops; one is enough for several hundred thousand messages a second
record LoadPlan(
        int connections, int window, Shape payload, double ratePerSecond, Duration warmUp, Extent extent, int loops) {
    /// Slots for messages under way are named by packet ids, of which MQTT has 65,535.
    static final int WINDOW_MAX = 32_768;

    LoadPlan {
        Objects.requireNonNull(payload, "payload");
        Objects.requireNonNull(warmUp, "warmUp");
        Objects.requireNonNull(extent, "extent");
        between("connections", connections, 1, 200_000);
        between("window", window, 1, WINDOW_MAX);
        between("loops", loops, 1, 64);
        if (!(ratePerSecond >= 0 && ratePerSecond <= 1e8)) {
            throw new IllegalArgumentException("the rate is 0 (as fast as possible) to 100000000 messages/s");
        }
    }

    LoadPlan withConnections(int other) {
        return new LoadPlan(other, window, payload, ratePerSecond, warmUp, extent, loops);
    }

    LoadPlan lasting(Duration other) {
        return new LoadPlan(connections, window, payload, ratePerSecond, warmUp, new Extent.Lasting(other), loops);
    }

    /// @param bytes             of a payload
    /// @param readings          numbers in a payload
    /// @param firstTimestampMillis `ts` of each connection's first message, epoch milliseconds
    record Shape(int bytes, int readings, long firstTimestampMillis) {
        Shape {
            between("payload bytes", bytes, Payload.BYTES_MIN, 1 << 20);
            between("readings", readings, 1, 1000);
        }
    }

    /// How long a run goes on.
    sealed interface Extent {
        /// Until the time is over, counted from the end of the warm-up.
        record Lasting(Duration duration) implements Extent {}

        /// Until every connection has sent so many.
        record Counting(long messagesPerConnection) implements Extent {
            public Counting {
                if (messagesPerConnection < 1) {
                    throw new IllegalArgumentException("at least one message a connection");
                }
            }
        }
    }

    private static void between(String what, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException("%s: %d to %d, was %d".formatted(what, min, max, value));
        }
    }
}
