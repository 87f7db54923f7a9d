package tributary.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Publishers with a stream each, and who hears them.
///
/// @param load        of the publishers: as many streams as it has connections
/// @param subscribers the n-th hears the streams that are n modulo the smaller of the two numbers
/// @param qos         of publishing and of hearing
/// @param persistent  whether the subscribers' sessions outlive their connections
/// @param echoed      whether a window counts what is not delivered yet, instead of what is not acknowledged
/// @param topic       of a stream, with `{id}` for its device
record StreamPlan(LoadPlan load, int subscribers, int qos, boolean persistent, boolean echoed, String topic) {
    /// How long persistent sessions are asked to be kept.
    static final int KEPT_SECONDS = 3600;

    StreamPlan {
        if (qos < 0 || qos > 2) {
            throw new IllegalArgumentException("--qos is 0, 1 or 2, was " + qos);
        }
        if (subscribers < 1 || subscribers > 50_000) {
            throw new IllegalArgumentException("subscribers: 1 to 50000, was " + subscribers);
        }
    }

    StreamPlan withLoad(LoadPlan other) {
        return new StreamPlan(other, subscribers, qos, persistent, echoed, topic);
    }

    int publishers() {
        return load.connections();
    }

    int stride() {
        return Math.min(publishers(), subscribers);
    }

    /// @return how many hear a stream
    int subscribersOf(int stream) {
        int offset = stream % stride();
        return (subscribers - offset + stride() - 1) / stride();
    }

    List<Audience.Part> parts() {
        List<Audience.Part> parts = new ArrayList<>();
        for (int i = 0; i < subscribers; i++) {
            int offset = i % stride();
            parts.add(new Audience.Part(offset, stride(), (publishers() - offset + stride() - 1) / stride()));
        }
        return parts;
    }

    String title(String profile) {
        String pace = load.ratePerSecond() > 0
                ? String.format(Locale.ROOT, "%,.0f messages/s by the clock", load.ratePerSecond())
                : echoed ? "window " + load.window() + " deliveries" : qos == 0 ? "flooded" : "window " + load.window();
        return String.format(
                Locale.ROOT,
                "%s QoS %d · %,d to %,d · %s sessions · %s · %d bytes",
                profile,
                qos,
                publishers(),
                subscribers,
                persistent ? "persistent" : "clean",
                pace,
                load.payload().bytes());
    }
}
