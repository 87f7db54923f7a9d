package tributary.app.server;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import tributary.broker.Broker;
import tributary.engine.RuleEngine;
import tributary.gateway.Admission;
import tributary.gateway.Cause;
import tributary.gateway.EventLog;
import tributary.gateway.Intake;
import tributary.gateway.mqtt.MqttDoor;

/// Shows what the doors and the broker count at `/metrics`; the other stations are bound by the API itself.
final class Meters {
    private Meters() {}

    static void bind(MeterRegistry meters, Intake intake, MqttDoor mqtt, Broker broker) {
        FunctionCounter.builder("tributary.accepted", intake, i -> i.counts().accepted())
                .description("publishes admitted at all doors")
                .register(meters);
        for (Admission.Reason reason : Admission.Reason.values()) {
            refused(
                    meters,
                    intake,
                    reason.name(),
                    i -> Objects.requireNonNull(i.counts().refused().get(reason)));
        }
        refused(meters, intake, "DEVICE_RATE", i -> i.counts().throttledDevice());
        refused(meters, intake, "ADDRESS_RATE", i -> i.counts().throttledAddress());
        refused(meters, intake, "TENANT_RATE", i -> i.counts().throttledTenant());

        for (Cause cause : Cause.values()) {
            FunctionCounter.builder(
                            "tributary.attempts",
                            intake.attempts(),
                            a -> Objects.requireNonNull(a.counts().get(cause)))
                    .tag("cause", cause.slug())
                    .description("connections, subscriptions, publishes and payloads refused")
                    .register(meters);
        }
        Gauge.builder("tributary.mqtt.connections", mqtt, m -> m.counts().connections())
                .register(meters);
        count(meters, "tributary.mqtt.refused", mqtt, m -> m.counts().refused());
        count(meters, "tributary.mqtt.malformed", mqtt, m -> m.counts().malformed());
        count(meters, "tributary.mqtt.over.limit", mqtt, m -> m.counts().overLimit());
        count(meters, "tributary.mqtt.timed.out", mqtt, m -> m.counts().timedOut());
        count(meters, "tributary.mqtt.published", mqtt, m -> m.counts().published());
        count(meters, "tributary.mqtt.lost", mqtt, m -> m.counts().lost());
        count(meters, "tributary.mqtt.delivered", mqtt, m -> m.counts().delivered());
        Gauge.builder("tributary.broker.sessions", broker, b -> b.counts().sessions())
                .register(meters);
        Gauge.builder("tributary.broker.subscriptions", broker, b -> b.counts().subscriptions())
                .register(meters);
        Gauge.builder("tributary.broker.waiting", broker, b -> b.counts().waiting())
                .register(meters);
        Gauge.builder("tributary.broker.retained", broker, b -> b.counts().retained())
                .register(meters);
        count(meters, "tributary.broker.deliveries", broker, b -> b.counts().deliveries());
        count(meters, "tributary.broker.dropped", broker, b -> b.counts().dropped());
        count(meters, "tributary.broker.expired", broker, b -> b.counts().expired());
        count(meters, "tributary.broker.fetched", broker, b -> b.counts().fetched());
        count(meters, "tributary.broker.wills", broker, b -> b.counts().wills());
    }

    static void bind(MeterRegistry meters, EventLog events) {
        count(meters, "tributary.events.written", events, e -> e.counts().written());
        count(meters, "tributary.events.failed", events, e -> e.counts().failed());
        count(meters, "tributary.events.dropped", events, e -> e.counts().dropped());
        count(meters, "tributary.events.withheld", events, e -> e.counts().withheld());
        Gauge.builder("tributary.events.waiting", events, e -> e.counts().waiting())
                .register(meters);
    }

    static void bind(MeterRegistry meters, RuleEngine rules) {
        Gauge.builder("tributary.rules.running", rules, RuleEngine::count).register(meters);
        Gauge.builder("tributary.rules.lag", rules, r -> r.status().lag()).register(meters);
        count(meters, "tributary.rules.restarts", rules, r -> r.status().restarts());
        count(meters, "tributary.rules.skipped", rules, r -> r.status().skipped());
        count(meters, "tributary.rules.set.aside", rules, r -> r.status().setAside());
        count(meters, "tributary.rules.taken", rules, r -> r.totals().taken());
        count(meters, "tributary.rules.said", rules, r -> r.totals().said());
        count(meters, "tributary.rules.failed", rules, r -> r.totals().failed());
    }

    private static void refused(MeterRegistry meters, Intake intake, String reason, ToDoubleFunction<Intake> count) {
        FunctionCounter.builder("tributary.refused", intake, count)
                .tag("door", "all")
                .tag("reason", reason.toLowerCase(Locale.ROOT))
                .description("publishes refused by the intake")
                .register(meters);
    }

    private static <T> void count(MeterRegistry meters, String name, T source, ToDoubleFunction<T> count) {
        FunctionCounter.builder(name, source, count).register(meters);
    }
}
