package tributary.api;

import io.helidon.http.HttpException;
import io.helidon.http.Method;
import io.helidon.http.NotFoundException;
import io.helidon.webserver.http.HttpRouting;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;
import tributary.engine.TestBench;
import tributary.registry.Devices;

/// The REST API, the live streams and the documents, as routes for the one HTTP server.
///
/// Every route stands once in a table; the [Gate] checks each request before its handler sees it. Owns two
/// threads, the watch, which samples rates and breaks off stuck streams, and that of [TenantRemovals]; [#close] ends
/// them and every stream.
public final class Api implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Api.class);

    private final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final ApiSettings settings;
    private final Stations stations;
    private final InstantSource clock;
    private final Readiness readiness;
    private final LiveStreams streams;
    private final TenantRemovals removals;
    private final Rates rates = new Rates();
    private final TenantRates tenantRates = new TenantRates();
    private final DiskTrend trend = new DiskTrend();
    private final List<Route> routes;
    private final ObjectNode document;
    private final Exchange exchange;
    private final ScheduledExecutorService watch;
    private volatile Doors doors = new Doors(1883, 0, Reach.THIS_MACHINE);

    /// Where devices connect.
    ///
    /// @param mqttTlsPort 0 where there is none
    public record Doors(int mqttPort, int mqttTlsPort, Reach reach) {}

    /// Who can connect.
    public enum Reach {
        THIS_MACHINE,
        /// This machine as it likes, others over TLS.
        NETWORK_WITH_TLS,
        NETWORK
    }

    public Api(ApiSettings settings, Stations stations, InstantSource clock) {
        this.settings = settings;
        this.stations = stations;
        this.clock = clock;
        this.readiness = new Readiness(stations.registry(), stations.lake());
        this.streams = new LiveStreams(settings, stations.registry().limits(), clock);
        this.removals = new TenantRemovals(stations, clock);
        this.routes = table();
        this.document = OpenApi.document(routes, settings.version());
        this.exchange = new Exchange(new Gate(stations.registry(), settings), meters, settings.corsOrigins());
        Figures.bind(meters, stations.log(), stations.lake(), streams);
        SinkFigures.bind(meters, stations.sinks());
        this.watch = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("api-watch").daemon(true).factory());
        watch.scheduleWithFixedDelay(this::look, 0, 1, TimeUnit.SECONDS);
    }

    /// Adds every route, and the answers for what no route is for. Routes of others may stand in the same routing,
    /// before or after.
    public void register(HttpRouting.Builder routing) {
        for (Route route : routes) {
            routing.route(
                    route.method(), route.pattern(), (request, response) -> exchange.handle(route, request, response));
        }
        if (!settings.corsOrigins().isEmpty()) {
            routing.route(Method.OPTIONS, "/api/*", exchange::preflight);
        }
        routing.error(NotFoundException.class, (request, response, _) -> exchange.unlisted(routes, request, response));
        routing.error(
                HttpException.class,
                (request, response, e) -> exchange.refuse(
                        Problem.of(
                                e.status().code() < 500 ? ProblemCode.INVALID_REQUEST : ProblemCode.INTERNAL,
                                "The request cannot be read: " + e.status().reasonPhrase() + "."),
                        request,
                        response));
        routing.error(
                RuntimeException.class,
                (request, response, e) -> exchange.refuse(
                        Exchange.problem(
                                e,
                                request.prologue().method().text() + " "
                                        + request.path().path()),
                        request,
                        response));
    }

    /// @return where to bind figures that `/metrics` shows; counters `tributary.refused` with the tags `door` and
    ///         `reason` are what `status` shows as refused
    public MeterRegistry meters() {
        return meters;
    }

    /// Keeps `/health/ready` at 503 until [#ready] is called with the same name.
    ///
    /// @param reason what is waited for, for people
    public void waitFor(String station, String reason) {
        readiness.waitFor(station, reason);
    }

    /// The station is ready for work.
    public void ready(String station) {
        readiness.ready(station);
    }

    /// Says where devices connect, once the doors are open.
    public void doors(Doors open) {
        doors = open;
    }

    /// Ends every live stream with a word of farewell, the watch, and the removal of tenants. The HTTP server is not
    /// ours to stop.
    @Override
    public void close() {
        streams.stop();
        removals.close();
        watch.shutdownNow();
        meters.close();
    }

    /// @return the table of routes
    List<Route> routes() {
        return routes;
    }

    private List<Route> table() {
        List<Route> all = new ArrayList<>();
        Devices devices = stations.registry().devices();
        DeviceView view = new DeviceView(stations.presence(), stations.lake(), clock);
        all.addAll(new DeviceRoutes(devices, view, clock).routes());
        all.addAll(new FleetRoutes(devices, stations.lake(), view).routes());
        all.addAll(new ErasureRoutes(stations).routes());
        all.addAll(new SensorRoutes(stations.registry().sensors(), stations.lake()).routes());
        all.addAll(new CredentialRoutes(stations.registry().credentials()).routes());
        all.addAll(new AuthorityRoutes(stations.registry().certificates()).routes());
        all.addAll(new PeopleRoutes(stations.registry().users(), new SessionCookie(settings.secureCookies()), clock)
                .routes());
        all.addAll(new TenantRoutes(stations.registry(), removals).routes());
        all.addAll(new TenantLimitRoutes(stations, streams, tenantRates).routes());
        all.addAll(new QueryRoutes(stations.query(), settings.queryTimeoutMax(), clock).routes());
        all.addAll(new StatementRoutes(
                        stations.query(), stations.lake(), stations.registry().devices())
                .routes());
        all.addAll(
                new SavedQueryRoutes(stations.registry().queries(), stations.query(), settings.queryTimeoutMax(), clock)
                        .routes());
        all.addAll(new DashboardRoutes(stations.registry().dashboards(), clock).routes());
        all.addAll(new ShareRoutes(
                        stations.registry().shares(), stations.registry().dashboards(), devices)
                .routes());
        all.addAll(new ShareViewRoutes(stations, view, new SessionCookie(settings.secureCookies()), clock).routes());
        all.addAll(new LakeFileRoutes(stations.lake()).routes());
        all.addAll(new LatestRoutes(devices, stations.lake()).routes());
        all.addAll(new RuleRoutes(stations.registry(), stations.rules(), clock).routes());
        all.addAll(new RuleTestRoutes(new TestBench(stations.log()), stations.rules(), clock).routes());
        all.addAll(new RuleReplayRoutes(
                        stations.registry().rules(), stations.rules().replay(), clock)
                .routes());
        all.addAll(new FunctionRoutes(stations.registry(), stations.rules(), clock).routes());
        all.addAll(new TableRoutes(stations.registry(), stations.rules(), clock).routes());
        all.addAll(new AlertRoutes(stations.registry().alerts(), clock).routes());
        all.addAll(new AlertRouteRoutes(stations.registry().alertRoute()).routes());
        all.addAll(new AlertEventRoutes(stations.registry().alerts(), streams).routes());
        all.addAll(new SilenceRoutes(stations.registry().silences(), clock).routes());
        all.addAll(new SinkRoutes(stations.sinks()).routes());
        all.addAll(new MessageRoutes(stations.log(), clock).routes());
        all.addAll(new CommandRoutes(stations, clock).routes());
        all.addAll(new ExplainRoutes(stations, clock).routes());
        all.addAll(new DecodeReplayRoutes(new DecodeReplay(stations, clock), clock).routes());
        all.addAll(new SessionRoutes(stations.broker()).routes());
        all.addAll(new RetainedRoutes(stations.broker()).routes());
        all.addAll(new LiveRoutes(stations, streams, clock).routes());
        all.addAll(new SharedRoutes(stations, streams, clock).routes());
        all.addAll(new AttemptRoutes(stations.attempts(), streams, clock).routes());
        StatusRoutes.Watch watched = new StatusRoutes.Watch(readiness, rates, trend, streams, meters);
        all.addAll(new StatusRoutes(stations, settings, watched, clock).routes());
        all.addAll(new AuditRoutes(
                        new AuditTrail(settings.data()), stations.registry().tenants())
                .routes());
        all.addAll(new DoorRoutes(() -> doors).routes());
        all.addAll(new PlatformRoutes(readiness, stations.registry().credentials(), meters, () -> document).routes());
        Set<String> seen = new HashSet<>();
        for (Route route : all) {
            if (!seen.add(route.toString()) || !seen.add(route.doc().id())) {
                throw new IllegalStateException(
                        "two routes are " + route + " or " + route.doc().id());
            }
        }
        return List.copyOf(all);
    }

    private void look() {
        try {
            rates.sample(new Rates.Sample(
                    clock.millis(),
                    stations.log().stats().appended(),
                    stations.lake().stats().readings()));
            tenantRates.sample(clock.millis(), stations.broker().received());
            if (trend.due(clock.millis())) {
                trend.sample(clock.millis(), Files.getFileStore(settings.data()).getUsableSpace());
            }
            streams.breakStuck();
        } catch (IOException | RuntimeException e) {
            LOG.warn("a look at the stations failed; the next one is in a second", e);
        }
    }
}
