package tributary.app.server;

import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tributary.api.Api;
import tributary.api.Stations;
import tributary.broker.Broker;
import tributary.decode.PayloadDecoder;
import tributary.engine.RuleEngine;
import tributary.gateway.Attempts;
import tributary.gateway.Checkpoint;
import tributary.gateway.EventLog;
import tributary.gateway.Intake;
import tributary.gateway.LivePresence;
import tributary.gateway.RecentAttempts;
import tributary.gateway.http.HttpDoor;
import tributary.gateway.mqtt.Anonymous;
import tributary.gateway.mqtt.MqttDoor;
import tributary.gateway.mqtt.MqttSettings;
import tributary.gateway.ws.MqttSocket;
import tributary.gateway.ws.WsDoor;
import tributary.lake.IcebergLake;
import tributary.lake.Lake;
import tributary.lake.LakeInputs;
import tributary.log.Log;
import tributary.log.LogSettings;
import tributary.log.SegmentLog;
import tributary.model.PlatformException;
import tributary.model.TenantId;
import tributary.model.TopicFilter;
import tributary.query.QueryEngine;
import tributary.query.WorkerQueryEngine;
import tributary.registry.Registry;
import tributary.registry.SqlRegistry;
import tributary.registry.Tenants;
import tributary.sinks.Sinks;

/// The composition root: every station, opened in the order of the river and closed in reverse, so that doors close
/// first and what they accepted is drained, flushed and committed behind them.
public final class Server implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String DOORS = "doors";
    private static final Duration STOP_MAX = Duration.ofSeconds(60);
    private static final List<String> STOP_SIGNALS = List.of("TERM", "INT", "HUP");
    private static final Duration LINK_VALID = Duration.ofMinutes(15);

    /// The log of what sessions remember: one partition, small files, nothing kept that was noted anew.
    private static final LogSettings JOURNAL =
            new LogSettings(1, 16 << 20, 32 << 20, 1 << 20, Duration.ofMinutes(1), 1L << 30);

    private final Scope scope;
    private final ServerSettings settings;
    private final DataFolder data;
    private final Encryption encryption;
    private final Doors doors;
    private final Duration startTime;
    private final CountDownLatch stopRequested = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final List<String> notes = new ArrayList<>();
    private final Optional<String> signInLink;

    /// What is open to the outside; 0 for what is not.
    private record Doors(int mqttPort, int mqttTlsPort, int httpPort, int httpTlsPort) {}

    private Server(Scope scope, ServerSettings settings, InstantSource clock, long startMillis) {
        this.scope = scope;
        this.settings = settings;
        data = scope.own(DataFolder.open(settings.data()));
        scope.own(new AuditFile(data.path()));
        int mqttPort =
                Ports.choose(settings.mqtt().host(), settings.mqtt().port(), settings.mqttPortFixed(), "--mqtt-port");
        int httpPort =
                Ports.choose(settings.http().host(), settings.http().port(), settings.httpPortFixed(), "--http-port");
        Phases phases = new Phases(clock, startMillis);
        // what happens in order has a time that goes on; what others say expires is held against the machine's clock
        InstantSource steady = new SteadyClock(clock, System::nanoTime);
        Ahead<SegmentLog> opening = scope.own(Ahead.open(
                "log", () -> SegmentLog.open(settings.log(), data.path().resolve("log"), steady)));
        Registry registry = scope.own(SqlRegistry.open(settings.registry(), data.path(), clock, new SecureRandom()));
        demandTenant(registry, settings.mqtt().listeners().anonymous().tenant());
        encryption = Encryption.open(scope, settings, data, new Encryption.World(registry.certificates(), clock));
        phases.done("registry");
        Log log = opening.get();
        phases.done("log");
        Log journal = scope.own(SegmentLog.open(JOURNAL, data.path().resolve("sessions"), steady));
        Broker broker = scope.own(Broker.start(
                settings.broker().of(Version.TEXT),
                new Broker.World(
                        log,
                        journal,
                        registry.devices(),
                        steady,
                        System::nanoTime,
                        registry.limits(),
                        registry.credentials())));
        EventLog events = scope.own(EventLog.open(log, registry.sightings(), steady));
        broker.tellLosses((tenant, client, count) -> events.lost(
                tenant,
                client.isEmpty() ? "sessions" : "session:" + client,
                "session-limit",
                "more waited than a session may have, or QoS 0 came faster than its client reads:"
                        + " broker.session-messages-max, broker.session-bytes-max, mqtt.outbound-bytes-max",
                count));
        events.started(registry.tenants().all().stream().map(Tenants.Tenant::id).toList());
        LivePresence presence = new LivePresence(registry.devices(), registry.sightings(), events, steady);
        events.lookAfter(presence);
        Attempts attempts = new RecentAttempts(settings.attempts(), registry.devices(), clock, events::refused);
        LakeInputs inputs =
                new LakeInputs(log, new PayloadDecoder(), registry.sensors(), steady, new UnreadablePayloads(attempts));
        Lake lake = scope.own(IcebergLake.open(data.path().resolve("lake"), settings.lake(), inputs));
        QueryEngine query = scope.own(new WorkerQueryEngine(settings.query(), data.path(), lake, registry, clock));
        RuleEngine rules = scope.own(RuleEngine.open(
                settings.rules(),
                new RuleEngine.World(
                        log,
                        registry,
                        data.path().resolve("rules"),
                        steady,
                        (tenant, cause, why, count) -> events.lost(tenant, "rules", cause, why, count))));
        Intake intake = new Checkpoint(
                        settings.intake(), registry.devices(), log, new Checkpoint.Notes(attempts, presence), steady)
                .heldTo(registry.limits())
                .keptBy((tenant, topic, bytes) -> broker.of(tenant).cannotRetain(topic, bytes));
        Sinks sinks = scope.own(Sinks.open(
                settings.sinks(),
                SinkTypes.ALL,
                new Sinks.World(
                        registry,
                        scope.own(new OutboxParcels(rules.outbox(), registry.silences())),
                        data.path().resolve("sinks"),
                        steady,
                        new SecureRandom(),
                        (sink, count, why) -> events.lost(sink.tenant(), "sink:" + sink.name(), "no-room", why, count),
                        new BridgeDoor(intake, attempts))));
        Api api = new Api(
                settings.api().of(Version.TEXT, data.path()),
                new Stations(
                        registry,
                        log,
                        broker,
                        lake,
                        query,
                        PayloadDecoder::new,
                        attempts,
                        presence,
                        rules,
                        sinks,
                        UsualLimits.of(settings)),
                clock);
        api.waitFor(DOORS, "not all of them are open yet");
        data.flush();
        phases.done("lake, query and api");
        HttpDoor httpDoor = scope.own(new HttpDoor(settings.httpDoor(), registry.credentials(), intake, clock));
        WsDoor wsDoor = scope.own(new WsDoor(settings.webSocket(), registry.credentials(), intake, clock));
        MqttDoor.Identities identities = new MqttDoor.Identities(registry.credentials(), registry.certificates());
        MqttDoor mqtt = scope.own(MqttDoor.open(mqttSettings(mqttPort), intake, broker, identities, clock));
        if (encryption.tls() != null) {
            mqtt.listenTls(encryption.tls());
        }
        phases.done("mqtt");
        MqttSocket mqttSocket = new MqttSocket(mqtt);
        PortalFiles portal = new PortalFiles();
        Web web = scope.own(Web.start(
                settings.http(),
                new Web.Listening(httpPort, encryption.httpPort()),
                new Web.Content(
                        httpDoor,
                        routing -> {
                            httpDoor.register(routing);
                            portal.register(routing);
                            api.register(routing);
                        },
                        sockets -> {
                            wsDoor.register(sockets);
                            mqttSocket.register(sockets);
                        },
                        Math.max(
                                settings.httpDoor().bodyBytesMax(),
                                settings.api().bodyBytesMax())),
                attempts,
                encryption.tls()));
        phases.done("http");
        // closed before the server, so that live streams and MQTT clients over WebSocket are told the end
        scope.own(api);
        scope.own(mqtt);

        doors = new Doors(mqtt.port(), mqtt.tlsPort(), web.port(), web.tlsPort());
        Meters.bind(api.meters(), intake, mqtt, broker);
        Meters.bind(api.meters(), events);
        Meters.bind(api.meters(), rules);
        LocalKey.ensure(data, registry.credentials());
        signInLink = signInLink(registry);
        data.write("server.json", JSON.writeValueAsString(addresses()));
        api.doors(new Api.Doors(doors.mqttPort(), doors.mqttTlsPort(), reach()));
        api.ready(DOORS);
        startTime = phases.done("everything");
        noteAnonymous();
        noteOtherPort("MQTT", settings.mqtt().port(), doors.mqttPort());
        noteOtherPort("HTTP", settings.http().port(), doors.httpPort());
        if (encryption.tls() != null) {
            noteOtherPort("MQTT with TLS", settings.mqtt().listeners().tlsPort(), doors.mqttTlsPort());
            noteOtherPort("HTTPS", settings.http().tlsPort(), doors.httpTlsPort());
        }
    }

    private MqttSettings mqttSettings(int port) {
        return settings.mqtt().on(port).onTls(encryption.mqttPort());
    }

    /// What `server.json` tells commands on this machine.
    private Map<String, Object> addresses() {
        Map<String, Object> addresses = new LinkedHashMap<>();
        addresses.put("http", http().toString());
        addresses.put("mqtt", mqtt().toString());
        https().ifPresent(uri -> addresses.put("https", uri.toString()));
        mqtts().ifPresent(uri -> addresses.put("mqtts", uri.toString()));
        addresses.put("pid", ProcessHandle.current().pid());
        return addresses;
    }

    /// Starts everything.
    ///
    /// @throws PlatformException where the world does not allow it; what was open is closed again
    public static Server start(ServerSettings settings) {
        InstantSource clock = InstantSource.system();
        // the process table knows the start too, on Linux rounded to a second
        long startMillis = ManagementFactory.getRuntimeMXBean().getStartTime();
        Scope scope = new Scope();
        try {
            return new Server(scope, settings, clock, startMillis);
        } catch (RuntimeException failure) {
            try {
                scope.close();
            } catch (Exception second) {
                failure.addSuppressed(second);
            }
            throw failure;
        }
    }

    /// @return where REST, WebSocket and streams are reached from this machine
    public URI http() {
        return URI.create("http://" + shown(settings.http().host()) + ":" + doors.httpPort());
    }

    /// @return where MQTT is reached from this machine
    public URI mqtt() {
        return URI.create("mqtt://" + shown(settings.mqtt().host()) + ":" + doors.mqttPort());
    }

    /// @return the same as [#http] over TLS, where there is a certificate
    public Optional<URI> https() {
        return doors.httpTlsPort() == 0
                ? Optional.empty()
                : Optional.of(URI.create("https://" + shown(settings.http().tlsHost()) + ":" + doors.httpTlsPort()));
    }

    /// @return the same as [#mqtt] over TLS, where there is a certificate
    public Optional<URI> mqtts() {
        return doors.mqttTlsPort() == 0
                ? Optional.empty()
                : Optional.of(URI.create(
                        "mqtts://" + shown(settings.mqtt().listeners().tlsHost()) + ":" + doors.mqttTlsPort()));
    }

    /// @return the certificate of the authority that this server made for itself, where it did
    public Optional<Path> authority() {
        return encryption.authority();
    }

    /// @return the data folder
    public Path data() {
        return data.path();
    }

    /// @return whether the data folder was empty
    public boolean fresh() {
        return data.fresh();
    }

    /// @return from the beginning of the process to the moment when all doors were open
    public Duration startTime() {
        return startTime;
    }

    /// @return who can connect
    public Api.Reach reach() {
        if (!local(settings.http().host()) || !local(settings.mqtt().host())) {
            return Api.Reach.NETWORK;
        }
        boolean tlsOnly = encryption.tls() != null
                && !(local(settings.http().tlsHost())
                        && local(settings.mqtt().listeners().tlsHost()));
        return tlsOnly ? Api.Reach.NETWORK_WITH_TLS : Api.Reach.THIS_MACHINE;
    }

    private static boolean local(String host) {
        return host.startsWith("127.") || host.equals("::1") || host.equals("localhost");
    }

    /// @return a link that signs the first owner in once, where there is nobody yet
    public Optional<String> signInLink() {
        return signInLink;
    }

    /// Adds a line to what a person should know about this start.
    public void note(String text) {
        notes.add(text);
    }

    /// @return the admin key of commands on this machine
    public String key() {
        return LocalKey.read(data);
    }

    /// @return what a person should know about this start
    public List<String> notes() {
        return List.copyOf(notes);
    }

    /// Blocks until the process is asked to stop (SIGTERM, Ctrl-C); the process ends when [#close] is through.
    ///
    /// The signals are taken before Java's own end begins, because with that libraries close what the last rows
    /// want on their way into files, Iceberg its threads. Where they cannot be taken, Java's end waits for ours.
    public void awaitStop() {
        for (String signal : STOP_SIGNALS) {
            Signals.register(signal, this::stop);
        }
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> {
            stopRequested.countDown();
            if (awaitStopped()) {
                Runtime.getRuntime().halt(0);
            }
        }));
        try {
            stopRequested.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// A stop that hangs ends all the same: what was acknowledged is in the log.
    private void stop() {
        if (stopRequested.getCount() > 0) {
            stopRequested.countDown();
            if (!awaitStopped()) {
                Runtime.getRuntime().halt(1);
            }
        }
    }

    private boolean awaitStopped() {
        try {
            return stopped.await(STOP_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() {
        try {
            scope.close();
        } catch (Exception e) {
            LOG.error("not everything stopped cleanly; what was acknowledged is safe in the log", e);
        } finally {
            stopped.countDown();
        }
    }

    private void noteOtherPort(String name, int wanted, int port) {
        if (wanted != 0 && wanted != port) {
            notes.add("Port " + wanted + " is in use by another program; " + name + " is on " + port + " instead.");
        }
    }

    private void noteAnonymous() {
        Anonymous anonymous = settings.mqtt().listeners().anonymous();
        if (!anonymous.on()) {
            return;
        }
        String topics =
                anonymous.topics().stream().map(TopicFilter::value).sorted().collect(Collectors.joining(", "));
        notes.add("MQTT clients WITHOUT a credential are let in on port "
                + (anonymous.port() == 0 ? doors.mqttPort() : anonymous.port())
                + (anonymous.anywhere() ? ", FROM ANY MACHINE that reaches it" : ", from this machine")
                + ": topics " + topics + " of the tenant " + anonymous.tenant() + ".");
    }

    /// @throws ConfigurationException where there is no such tenant
    private static void demandTenant(Registry registry, @Nullable TenantId tenant) {
        if (tenant != null && registry.tenants().find(tenant).isEmpty()) {
            throw new ConfigurationException(
                    List.of("mqtt.anonymous-tenant: there is no tenant '" + tenant + "'; 'main' always exists"));
        }
    }

    private Optional<String> signInLink(Registry registry) {
        if (!registry.users().all(TenantId.MAIN).isEmpty()) {
            return Optional.empty();
        }
        String secret = registry.users().oneTimeLink(TenantId.MAIN, LINK_VALID);
        return Optional.of(http() + "/api/v1/session/link?t=" + secret);
    }

    private static String shown(String host) {
        return host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host.contains(":") ? "[" + host + "]" : host;
    }
}
