package tributary.api;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import tributary.broker.Broker;
import tributary.decode.Decoder;
import tributary.engine.RuleEngine;
import tributary.gateway.Attempts;
import tributary.gateway.Presence;
import tributary.lake.Lake;
import tributary.log.Log;
import tributary.query.QueryEngine;
import tributary.registry.Registry;
import tributary.registry.TenantLimits.Limit;
import tributary.sinks.Sinks;

/// The stations that the API asks.
///
/// @param decoders    gives each live stream of values a decoder of its own
/// @param usualLimits what holds for tenants without limits of their own, as the stations were told
public record Stations(
        Registry registry,
        Log log,
        Broker broker,
        Lake lake,
        QueryEngine query,
        Supplier<Decoder> decoders,
        Attempts attempts,
        Presence presence,
        RuleEngine rules,
        Sinks sinks,
        Map<Limit, Long> usualLimits) {
    public Stations {
        Objects.requireNonNull(registry, "registry");
        Objects.requireNonNull(log, "log");
        Objects.requireNonNull(broker, "broker");
        Objects.requireNonNull(lake, "lake");
        Objects.requireNonNull(query, "query");
        Objects.requireNonNull(decoders, "decoders");
        Objects.requireNonNull(attempts, "attempts");
        Objects.requireNonNull(presence, "presence");
        Objects.requireNonNull(rules, "rules");
        Objects.requireNonNull(sinks, "sinks");
        usualLimits = Map.copyOf(usualLimits);
        if (!usualLimits.keySet().containsAll(List.of(Limit.values()))) {
            throw new IllegalArgumentException("some limit has no usual value");
        }
    }
}
