package tributary.bench;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import tributary.simulator.Scenario;
import tributary.simulator.ServerApi;

/// The options that say what is sent; what is not given is the profile's.
final class LoadOptions {
    @Option(names = "--connections", paramLabel = "N", description = "sockets, each a device of its own")
    private @Nullable Integer connections;

    @Option(names = "--window", paramLabel = "N", description = "messages of a connection that wait for an answer")
    private @Nullable Integer window;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description =
                    "messages/s in all, sent by the clock whether or not the server keeps up, latency counted from"
                            + " when each was due; 0: as fast as the windows allow")
    private @Nullable Double rate;

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            converter = Time.class,
            description = "60s, 5m; 60s if not given")
    private @Nullable Duration duration;

    @Option(names = "--count", paramLabel = "N", description = "messages of each connection, instead of --duration")
    private @Nullable Long count;

    @Option(
            names = "--warm-up",
            paramLabel = "TIME",
            converter = Time.class,
            description = "sent and checked, but not measured; 5s, with --count 0s")
    private @Nullable Duration warmUp;

    @Option(names = "--payload-bytes", paramLabel = "N", defaultValue = "150", description = "${DEFAULT-VALUE}")
    private int payloadBytes = Profile.PAYLOAD_BYTES;

    @Option(
            names = "--readings",
            paramLabel = "N",
            defaultValue = "3",
            description = "numbers in a message (${DEFAULT-VALUE})")
    private int readings = Profile.READINGS;

    @Option(
            names = "--loops",
            paramLabel = "N",
            defaultValue = "1",
            description = "threads that send (${DEFAULT-VALUE})")
    private int loops = 1;

    @Option(
            names = "--qos",
            paramLabel = "N",
            defaultValue = "1",
            description = "of MQTT: 0, 1 or 2 (${DEFAULT-VALUE})")
    private int qos = Profile.QOS;

    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            defaultValue = "devices/{id}/telemetry",
            description = "{id} is the device (${DEFAULT-VALUE})")
    private String topic = "devices/{id}/telemetry";

    @Option(names = "--credential", paramLabel = "KIND", description = "jwt or token; jwt if not given")
    private @Nullable String credential;

    @Option(
            names = "--vehicles",
            paramLabel = "N",
            defaultValue = "30000",
            description = "of the fleet (${DEFAULT-VALUE}); where no rate is given, as fast as they would send")
    private int vehicles = Profile.VEHICLES;

    /// Reads `500ms`, `60s`, `5m`, `2h`.
    static final class Time implements ITypeConverter<Duration> {
        private static final Pattern SHAPE = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

        @Override
        public Duration convert(String text) {
            Matcher matcher = SHAPE.matcher(text);
            if (!matcher.matches()) {
                throw new TypeConversionException("'" + text + "' is not a time such as 500ms, 60s, 5m or 2h");
            }
            long number = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                default -> Duration.ofHours(number);
            };
        }
    }

    /// @throws IllegalArgumentException where the options contradict each other or pass a limit
    LoadPlan plan(Profile profile, long nowMillis) {
        Profile.Load base = profile.load();
        long perConnection = count != null ? count : duration != null ? 0 : base.count();
        boolean counting = perConnection > 0;
        if (count != null && duration != null) {
            throw new IllegalArgumentException("--count and --duration exclude each other");
        }
        if (qos < 0 || qos > 2) {
            throw new IllegalArgumentException("--qos is 0, 1 or 2, was " + qos);
        }
        Duration lasting = duration == null ? Profile.DURATION : duration;
        Duration warm = warmUp != null ? warmUp : counting ? Duration.ZERO : Profile.WARM_UP;
        return new LoadPlan(
                connections == null ? base.connections() : connections,
                window == null ? base.window() : window,
                new LoadPlan.Shape(payloadBytes, readings, nowMillis),
                ratePerSecond(profile),
                warm,
                counting ? new LoadPlan.Extent.Counting(perConnection) : new LoadPlan.Extent.Lasting(lasting),
                loops);
    }

    private double ratePerSecond(Profile profile) {
        if (rate != null) {
            return rate;
        }
        return profile == Profile.FLEET
                ? vehicles * CarFleet.MESSAGES_PER_SECOND
                : profile.load().ratePerSecond();
    }

    int vehicles() {
        if (vehicles < 1 || vehicles > Scenario.DEVICES_MAX) {
            throw new IllegalArgumentException("--vehicles: 1 to " + Scenario.DEVICES_MAX + ", was " + vehicles);
        }
        return vehicles;
    }

    int qos() {
        return qos;
    }

    String topicOf(String device) {
        return topic.replace("{id}", device);
    }

    ServerApi.Credential credential(Profile profile) {
        return switch (credential == null ? "jwt" : credential) {
            case "jwt" -> ServerApi.Credential.JWT;
            case "token" -> ServerApi.Credential.TOKEN;
            default -> throw new IllegalArgumentException("--credential is jwt or token, was '" + credential + "'");
        };
    }

    /// The load in one line, for the head of the report.
    String title(String profile, LoadPlan plan) {
        String pace = plan.ratePerSecond() == 0
                ? "window " + plan.window()
                : String.format(Locale.ROOT, "%,.0f messages/s by the clock", plan.ratePerSecond());
        String content = profile.equals("fleet")
                ? String.format(Locale.ROOT, "%,d vehicles", vehicles)
                : String.format(Locale.ROOT, "%d bytes, %d readings a message", payloadBytes, readings);
        String quality = profile.equals("http") || profile.equals("ws") ? "" : " QoS " + qos;
        return String.format(
                Locale.ROOT, "%s%s · %,d connections · %s · %s", profile, quality, plan.connections(), pace, content);
    }
}
