package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;
import static tributary.api.Schema.orNull;

import io.helidon.http.Method;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.broker.TenantFigures;
import tributary.broker.TenantView;
import tributary.model.TenantId;
import tributary.registry.TenantLimits.Limit;

/// What holds for a tenant: its own limits, what the settings say where it has none, and how much of it is used. An
/// owner of the tenant reads them; one of the tenant `main` sets them for any.
final class TenantLimitRoutes {
    private static final Schema.Obj LIMIT = new Schema.Obj(
            "TenantLimit",
            "One limit of a tenant.",
            List.of(
                    must("name", Schema.text("what it is called", 40)),
                    must("meaning", Schema.text("what is limited, in words", 200)),
                    must("limit", new Schema.Whole("what holds now", 0, Long.MAX_VALUE)),
                    must(
                            "own",
                            new Schema.Flag("whether it is the tenant's own; otherwise it is what the setting says")),
                    must("setting", Schema.text("the setting that holds for tenants without one of their own", 80)),
                    must("usual", new Schema.Whole("what that setting says", 0, Long.MAX_VALUE)),
                    must("least", new Schema.Whole("the least that may be set", 0, Long.MAX_VALUE)),
                    must("most", new Schema.Whole("the most that may be set", 0, Long.MAX_VALUE)),
                    may(
                            "use",
                            new Schema.Whole(
                                    "how much there is now, over the last ten seconds for messages a second; absent"
                                            + " where it is not of the tenant as a whole",
                                    0,
                                    Long.MAX_VALUE))));

    private static final Schema.Obj LIMITS = new Schema.Obj(
            "TenantLimits",
            "All limits of a tenant.",
            List.of(
                    must("tenant", Schema.text("its name", 40)),
                    must("limits", new Schema.ListOf("every limit there is", LIMIT, Limit.values().length))));

    private static final Schema.Obj WANTED = new Schema.Obj(
            "TenantLimitsWanted",
            "All limits that the tenant is to have of its own. What is not there, or null, is as the settings say.",
            Stream.of(Limit.values())
                    .map(one -> orNull(one.label(), new Schema.Whole(one.meaning(), one.least(), one.most())))
                    .toList());

    private final Stations stations;
    private final LiveStreams streams;
    private final TenantRates rates;

    TenantLimitRoutes(Stations stations, LiveStreams streams, TenantRates rates) {
        this.stations = stations;
        this.streams = streams;
        this.rates = rates;
    }

    List<Route> routes() {
        return List.of(
                new Route(
                        Method.GET,
                        "/api/v1/tenants/{tenant}/limits",
                        Access.OWNER,
                        new Doc(
                                "tenants",
                                "getTenantLimits",
                                "Show the limits of a tenant, and how much of them is used",
                                "Your own; an owner of 'main' may see those of any."),
                        new Shape(List.of(), null, Success.json(200, LIMITS)),
                        this::show),
                new Route(
                        Method.PUT,
                        "/api/v1/tenants/{tenant}/limits",
                        Access.INSTALLATION,
                        new Doc(
                                "tenants",
                                "setTenantLimits",
                                "Set the limits of a tenant",
                                "All of them at once. They hold from the next message, device or session on, without a"
                                        + " restart. What there is already stays, also where it is more."),
                        new Shape(List.of(), WANTED, Success.json(200, LIMITS)),
                        this::set));
    }

    private Answer show(Call call) {
        String asked = call.place("tenant");
        boolean own = call.tenant().value().equals(asked);
        if (!own && !Access.INSTALLATION.admits(call.principal())) {
            return Answer.notFound();
        }
        return stations.registry().tenants().all().stream()
                .filter(tenant -> tenant.id().value().equals(asked))
                .findFirst()
                .map(tenant -> Answer.ok(json(tenant.id())))
                .orElseGet(Answer::notFound);
    }

    private Answer set(Call call) {
        Map<Limit, Long> wanted = new EnumMap<>(Limit.class);
        for (Limit limit : Limit.values()) {
            JsonNode value = call.body().path(limit.label());
            if (value.isNumber()) {
                wanted.put(limit, value.longValue());
            }
        }
        String asked = call.place("tenant");
        return stations.registry().tenants().all().stream()
                .map(tenant -> tenant.id())
                .filter(id ->
                        id.value().equals(asked) && stations.registry().limits().set(id, wanted))
                .findFirst()
                .map(id -> Answer.ok(json(id)))
                .orElseGet(Answer::notFound);
    }

    private ObjectNode json(TenantId tenant) {
        Map<Limit, Long> own = stations.registry().limits().all().getOrDefault(tenant, Map.of());
        TenantView broker = stations.broker().of(tenant);
        TenantFigures figures = broker.figures();
        ObjectNode node = Json.object().put("tenant", tenant.value());
        ArrayNode items = node.putArray("limits");
        for (Limit limit : Limit.values()) {
            long usual = Objects.requireNonNull(stations.usualLimits().get(limit));
            ObjectNode item = items.addObject()
                    .put("name", limit.label())
                    .put("meaning", limit.meaning())
                    .put("limit", own.getOrDefault(limit, usual))
                    .put("own", own.containsKey(limit))
                    .put("setting", limit.setting())
                    .put("usual", usual)
                    .put("least", limit.least())
                    .put("most", limit.most());
            OptionalLong use = switch (limit) {
                case DEVICES -> OptionalLong.of(stations.registry().devices().count(tenant));
                case SENSORS -> OptionalLong.of(stations.registry().sensors().count(tenant));
                case MESSAGE_RATE -> OptionalLong.of(rates.perSecond(tenant));
                case DEVICE_RATE -> OptionalLong.empty();
                case SESSIONS -> OptionalLong.of(broker.lasting());
                case RETAINED -> OptionalLong.of(figures.retained());
                case RETAINED_BYTES -> OptionalLong.of(figures.retainedBytes());
                case STREAMS -> OptionalLong.of(streams.count(tenant));
            };
            use.ifPresent(count -> item.put("use", count));
        }
        return node;
    }
}
