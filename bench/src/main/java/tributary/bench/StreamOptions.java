package tributary.bench;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of profiles that publish to subscribers; what is not given is the profile's.
final class StreamOptions {
    @Option(names = "--publishers", paramLabel = "N", description = "connections that publish a stream each")
    private @Nullable Integer publishers;

    @Option(
            names = "--subscribers",
            paramLabel = "N",
            description = "connections that hear: the n-th the streams that are n modulo the smaller of both numbers")
    private @Nullable Integer subscribers;

    @Option(names = "--qos", paramLabel = "N", description = "0, 1 or 2, of publishing and hearing")
    private @Nullable Integer qos;

    @Option(
            names = "--window",
            paramLabel = "N",
            description = "messages of a publisher without acknowledgement; at QoS 0 without delivery, 0: flood")
    private @Nullable Integer window;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "messages/s in all, by the clock; 0: as fast as the windows allow")
    private @Nullable Double rate;

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            converter = LoadOptions.Time.class,
            description = "60s, 5m; 20s if not given")
    private @Nullable Duration duration;

    @Option(names = "--count", paramLabel = "N", description = "messages of each publisher, instead of --duration")
    private @Nullable Long count;

    @Option(
            names = "--warm-up",
            paramLabel = "TIME",
            converter = LoadOptions.Time.class,
            description = "sent and checked, but not measured; 5s, with --count 0s")
    private @Nullable Duration warmUp;

    @Option(names = "--payload-bytes", paramLabel = "N", defaultValue = "64", description = "${DEFAULT-VALUE}")
    private int payloadBytes = Stamp.BYTES_MIN;

    @Option(
            names = "--persistent",
            negatable = true,
            description = "whether the subscribers' sessions outlive their connections")
    private @Nullable Boolean persistent;

    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            defaultValue = "devices/{id}/stream",
            description = "of a stream; {id} is its device (${DEFAULT-VALUE})")
    private String topic = "devices/{id}/stream";

    /// What a profile is where nothing is said.
    ///
    /// @param window of QoS 0 deliveries or acknowledgements; 0 floods
    record Fallback(int publishers, int subscribers, int qos, int window, double rate, boolean persistent) {}

    /// @throws IllegalArgumentException where the options contradict each other or pass a limit
    StreamPlan plan(Fallback fallback, long nowMillis) {
        if (count != null && duration != null) {
            throw new IllegalArgumentException("--count and --duration exclude each other");
        }
        int quality = qos == null ? fallback.qos() : qos;
        int messages = window == null ? fallback.window() : window;
        double perSecond = rate == null ? fallback.rate() : rate;
        if (quality > 0 && messages == 0) {
            throw new IllegalArgumentException("--window 0 is for QoS 0");
        }
        boolean flooded = quality == 0 && messages == 0 && perSecond == 0;
        Duration warm = warmUp != null ? warmUp : count != null || flooded ? Duration.ZERO : Profile.WARM_UP;
        LoadPlan load = new LoadPlan(
                publishers == null ? fallback.publishers() : publishers,
                Math.max(1, messages),
                new LoadPlan.Shape(payloadBytes, 1, nowMillis),
                perSecond,
                warm,
                count == null
                        ? new LoadPlan.Extent.Lasting(duration == null ? Duration.ofSeconds(20) : duration)
                        : new LoadPlan.Extent.Counting(count),
                1);
        boolean echoed = quality == 0 && messages > 0 && perSecond == 0;
        return new StreamPlan(
                load,
                subscribers == null ? fallback.subscribers() : subscribers,
                quality,
                persistent == null ? fallback.persistent() : persistent,
                echoed,
                topic);
    }
}
