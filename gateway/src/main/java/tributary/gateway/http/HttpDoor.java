package tributary.gateway.http;

import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.spi.ServerConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tributary.decode.Decoder;
import tributary.decode.SharedDecoder;
import tributary.gateway.Caller;
import tributary.gateway.Cause;
import tributary.gateway.DeviceRoute;
import tributary.gateway.DoorProblem;
import tributary.gateway.Grounds;
import tributary.gateway.Intake;
import tributary.gateway.Pace;
import tributary.gateway.ws.Handshake;
import tributary.gateway.ws.Handshake.Decision;
import tributary.gateway.ws.MqttSocket;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.registry.Credentials;
import tributary.registry.Principal;

/// The door for HTTP, as `docs/http.md` describes it. Every request runs on its own virtual thread and waits there for
/// the disk: a 2xx leaves only when what it speaks of is durable.
public final class HttpDoor implements AutoCloseable {
    private static final Header JSON = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/json");
    private static final Header PROBLEM = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, Problem.MEDIA_TYPE);
    private static final String OWN_TELEMETRY = "devices/me/telemetry";
    private static final String NO_ROOM_FOR_MQTT =
            "all MQTT connections are taken, or the server is stopping: raise mqtt.connections-max, or close some";

    private final Intake intake;
    private final Patience patience;
    private final Proof proof;
    private final Handshake handshake;
    private final Body body;
    private final MessageWrite messages;
    private final LineWrite lines;
    private final BatchWrite batches;
    private final Congestion congestion;

    public HttpDoor(HttpSettings settings, Credentials credentials, Intake intake, InstantSource clock) {
        this.intake = Objects.requireNonNull(intake, "intake");
        this.patience = new Patience(clock, settings.durableWait());
        this.proof = new Proof(credentials);
        this.handshake = new Handshake(credentials, intake);
        this.body = new Body(settings.bodyBytesMax());
        this.congestion = new Congestion(intake, clock, settings.durableWait());
        Decoder decoder = new SharedDecoder();
        this.messages = new MessageWrite(intake, decoder, congestion, patience);
        this.lines = new LineWrite(intake, decoder);
        this.batches = new BatchWrite(intake, decoder);
    }

    /// What the server must be told of content codings, so that compressed bodies reach the door: it refuses them
    /// otherwise.
    public static ContentEncodingContext codings() {
        return ContentEncodingContext.builder()
                .contentEncodingsDiscoverServices(false)
                .addContentEncoding(new AsSent())
                .build();
    }

    /// Adds the device routes.
    public void register(HttpRouting.Builder routing) {
        for (DeviceRoute route : DeviceRoute.values()) {
            routing.route(Method.create(route.method()), route.pattern(), handler(route));
        }
        for (DeviceRoute route : DeviceRoute.values()) {
            if (!route.upgrades()) {
                routing.any(route.pattern(), HttpDoor::wrongMethod);
            }
        }
    }

    private Handler handler(DeviceRoute route) {
        return switch (route) {
            case TELEMETRY -> (request, response) -> telemetry(request, response, OWN_TELEMETRY);
            case DEVICE_TELEMETRY ->
                (request, response) ->
                        telemetry(request, response, "devices/" + parameter(request, "device") + "/telemetry");
            case SENSOR_TELEMETRY ->
                (request, response) -> telemetry(
                        request,
                        response,
                        "devices/" + parameter(request, "device") + "/telemetry/" + parameter(request, "sensor"));
            case MESSAGE -> (request, response) -> telemetry(request, response, parameter(request, "topic"));
            case BATCH -> this::batch;
            case WRITE -> this::write;
            case STREAM -> this::notUpgraded;
            case MQTT -> this::mqttNotUpgraded;
        };
    }

    /// Serves the usual requests of a connection before the server sees them.
    ///
    /// @param pace   of the connection's reader
    /// @param server makes what serves all others
    ServerConnection straight(ConnectionContext socket, Pace pace, Supplier<ServerConnection> server) {
        return new StraightConnection(messages, proof, intake, socket, pace, server);
    }

    /// Stops the door's clock; the server that the routes are on stops by itself.
    @Override
    public void close() {
        patience.close();
    }

    private static String parameter(ServerRequest request, String name) {
        return request.path().pathParameters().get(name);
    }

    private void telemetry(ServerRequest request, ServerResponse response, String topic) {
        Requester requester = new Requester(request.remotePeer());
        try {
            Principal principal = requester.prove(proof, header(request, HeaderNames.AUTHORIZATION));
            byte[] told = messages.take(new Intake.Publish(
                    principal,
                    topic,
                    body.read(request),
                    Message.Origin.HTTP,
                    principal.subject(),
                    1,
                    request.query().first("retain").map("true"::equals).orElse(false),
                    MessageWrite.properties(header(request, HeaderNames.CONTENT_TYPE)),
                    requester));
            if (told == null) {
                response.status(Status.NO_CONTENT_204).send();
            } else {
                response.header(JSON).send(told);
            }
        } catch (Refusal refusal) {
            requester.note(refusal, intake.attempts());
            refuse(response, refusal.problem());
        }
    }

    private static @Nullable String header(ServerRequest request, HeaderName name) {
        return request.headers().contains(name) ? request.headers().get(name).get() : null;
    }

    private void seen(Principal principal, Message message, Requester requester) {
        DeviceId device = message.device();
        if (device != null) {
            intake.presence().seen(principal, device, requester);
        }
    }

    /// Readings of many devices, such as an import brings. They may be old, so nobody is noted as seen.
    private void batch(ServerRequest request, ServerResponse response) {
        Requester requester = new Requester(request.remotePeer());
        try {
            Principal principal = requester.prove(proof, header(request, HeaderNames.AUTHORIZATION));
            BatchWrite.Plan plan = batches.plan(principal, body.read(request), requester);
            congestion.pass();
            for (DurableWait wait : batches.append(plan)) {
                wait.await(patience);
            }
            response.header(JSON).send(plan.json());
        } catch (Refusal refusal) {
            requester.note(refusal, intake.attempts());
            refuse(response, refusal.problem());
        }
    }

    /// InfluxDB's own route, with its own answers, so that Telegraf and its client libraries work as they are.
    private void write(ServerRequest request, ServerResponse response) {
        Requester requester = new Requester(request.remotePeer());
        try {
            Principal principal = requester.prove(proof, header(request, HeaderNames.AUTHORIZATION));
            String precision = request.query().first("precision").orElse("ns");
            LineWrite.Plan plan = lines.plan(principal, body.read(request), precision, requester);
            congestion.pass();
            plan.messages().forEach(message -> seen(principal, message, requester));
            for (DurableWait wait : lines.append(plan)) {
                wait.await(patience);
            }
            if (plan.failures().isEmpty()) {
                response.status(Status.NO_CONTENT_204).send();
            } else {
                influx(response, 400, "invalid", plan.summary());
            }
        } catch (Refusal refusal) {
            requester.note(refusal, intake.attempts());
            Problem problem = refusal.problem();
            problem.headers().forEach((name, value) -> response.header(HeaderNames.create(name), value));
            influx(response, problem.status(), LineWrite.code(problem.status()), problem.detail());
        }
    }

    private static void influx(ServerResponse response, int status, String code, String message) {
        response.status(Status.create(status))
                .header(JSON)
                .send(("{\"code\":\"" + code + "\",\"message\":" + Problem.quote(message) + "}")
                        .getBytes(StandardCharsets.UTF_8));
    }

    /// Tells why there is no WebSocket: whoever comes here was refused by that door, or did not ask for one.
    private void notUpgraded(ServerRequest request, ServerResponse response) {
        Decision decision = handshake.decide(request.prologue(), request.headers());
        if (asksForWebSocket(request)) {
            intake.attempts()
                    .note(
                            Caller.of(
                                    Message.Origin.WEBSOCKET,
                                    request.remotePeer().address()),
                            decision.grounds());
        }
        Problem problem = switch (decision) {
            case Decision.Unproven _ -> Problem.bearerMissing();
            case Decision.Refused _ -> Problem.bearerRefused();
            case Decision.Denied denied -> Problem.of(denied.route().refusal());
            case Decision.Welcome _
            when asksForWebSocket(request) ->
                Problem.of(
                                DoorProblem.TOO_MANY_CONNECTIONS,
                                "All WebSocket connections (ws.connections-max) are taken, or the server is"
                                        + " stopping. Connect again as Retry-After says.")
                        .retryAfter(Duration.ofSeconds(5));
            case Decision.Welcome _ ->
                Problem.of(
                                DoorProblem.UPGRADE_REQUIRED,
                                "Connect with a WebSocket client: ws://<host>/api/v1/ws. To send one message,"
                                        + " POST it to /api/v1/telemetry.")
                        .with("Upgrade", "websocket");
        };
        refuse(response, problem);
    }

    /// The same for MQTT.
    private void mqttNotUpgraded(ServerRequest request, ServerResponse response) {
        boolean asks = asksForWebSocket(request);
        String unfit = MqttSocket.unfit(request.headers());
        if (asks) {
            intake.attempts()
                    .note(
                            Caller.of(Message.Origin.MQTT, request.remotePeer().address()),
                            unfit == null
                                    ? Grounds.unproven(Cause.TOO_MANY_CONNECTIONS, NO_ROOM_FOR_MQTT)
                                    : Grounds.unproven(Cause.PROTOCOL_ERROR, unfit));
        }
        refuse(
                response,
                asks && unfit == null
                        ? Problem.of(
                                        DoorProblem.TOO_MANY_CONNECTIONS,
                                        "All MQTT connections (mqtt.connections-max) are taken, or the server is"
                                                + " stopping. Connect again as Retry-After says.")
                                .retryAfter(Duration.ofSeconds(5))
                        : Problem.of(
                                        asks ? DoorProblem.SUBPROTOCOL_MISSING : DoorProblem.UPGRADE_REQUIRED,
                                        unfit == null
                                                ? "Connect with an MQTT client over WebSocket: ws://<host>"
                                                        + MqttSocket.PATH
                                                : unfit)
                                .with("Upgrade", "websocket"));
    }

    private static boolean asksForWebSocket(ServerRequest request) {
        return request.headers().contains(HeaderNames.UPGRADE)
                && request.headers().get(HeaderNames.UPGRADE).get().equalsIgnoreCase("websocket");
    }

    /// Where a message is (`GET /api/v1/messages/0-1234/explain`) and its bytes (`.../payload`) are for whoever
    /// registers after this door.
    private static void wrongMethod(ServerRequest request, ServerResponse response) {
        if (request.prologue().method().equals(Method.GET)
                && request.path().path().matches("/api/v1/messages/[^/]+/(explain|payload)")) {
            response.next();
            return;
        }
        refuse(
                response,
                Problem.of(
                                DoorProblem.METHOD_NOT_ALLOWED,
                                request.prologue().method().text() + " is nothing here. Send the data with POST.")
                        .with("Allow", "POST"));
    }

    private static void refuse(ServerResponse response, Problem problem) {
        problem.headers().forEach((name, value) -> response.header(HeaderNames.create(name), value));
        response.status(Status.create(problem.status())).header(PROBLEM).send(problem.json());
    }
}
