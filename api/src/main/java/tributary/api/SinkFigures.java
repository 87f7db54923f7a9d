package tributary.api;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.ToLongFunction;
import tributary.sinks.SinkStatus;
import tributary.sinks.Sinks;
import tributary.sinks.SourceStatus;

/// What all sinks together count; how each does is in `/api/v1/sinks`.
final class SinkFigures {
    private SinkFigures() {}

    static void bind(MeterRegistry meters, Sinks sinks) {
        count(meters, sinks, "tributary.sinks.delivered", "parcels that receivers have", SinkStatus::delivered);
        count(meters, sinks, "tributary.sinks.failures", "attempts that failed", SinkStatus::failures);
        count(meters, sinks, "tributary.sinks.put.aside", "parcels that became dead letters", SinkStatus::putAside);
        count(meters, sinks, "tributary.sinks.lost", "parcels that went because too many waited", SinkStatus::lost);
        incoming(meters, sinks, "tributary.sinks.taken", "messages that sinks brought in", SourceStatus::taken);
        incoming(meters, sinks, "tributary.sinks.refused", "messages from elsewhere refused", SourceStatus::refused);
        incoming(meters, sinks, "tributary.sinks.own", "messages of sinks that came back", SourceStatus::own);
        Gauge.builder(
                        "tributary.sinks.away",
                        sinks,
                        all -> all.sources().values().stream()
                                .filter(status -> status.state() == SourceStatus.State.AWAY)
                                .count())
                .description("sinks that cannot bring in what is elsewhere at the moment")
                .register(meters);
        Gauge.builder(
                        "tributary.sinks.waiting.bytes",
                        sinks,
                        all -> all.statuses().values().stream()
                                .mapToLong(SinkStatus::waiting)
                                .sum())
                .description("bytes that wait in files of sinks that are away")
                .register(meters);
        for (SinkStatus.State state : SinkStatus.State.values()) {
            Gauge.builder(
                            "tributary.sinks",
                            sinks,
                            all -> all.statuses().values().stream()
                                    .filter(status -> status.state() == state)
                                    .count())
                    .tag("state", state.name())
                    .description("sinks by what they are doing")
                    .register(meters);
        }
        Gauge.builder(
                        "tributary.sinks.behind",
                        sinks,
                        all -> all.statuses().values().stream()
                                .mapToLong(SinkStatus::behind)
                                .max()
                                .orElse(0))
                .description("positions of the outbox before the slowest sink")
                .register(meters);
    }

    private static void count(
            MeterRegistry meters, Sinks sinks, String name, String what, ToLongFunction<SinkStatus> figure) {
        FunctionCounter.builder(
                        name,
                        sinks,
                        all -> all.statuses().values().stream()
                                .mapToLong(figure)
                                .sum())
                .description(what)
                .register(meters);
    }

    private static void incoming(
            MeterRegistry meters, Sinks sinks, String name, String what, ToLongFunction<SourceStatus> figure) {
        FunctionCounter.builder(
                        name,
                        sinks,
                        all -> all.sources().values().stream().mapToLong(figure).sum())
                .description(what)
                .register(meters);
    }
}
