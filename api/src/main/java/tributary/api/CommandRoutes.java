package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;
import static tributary.api.Schema.orNull;

import io.helidon.http.Method;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.broker.Attachment.Failure;
import tributary.broker.Heard;
import tributary.log.Receipt;
import tributary.model.DeviceId;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.Micros;
import tributary.model.Topic;
import tributary.model.TopicFilter;

/// Commands to devices: sent, and what became of one as far as is known.
///
/// A command is a message to `devices/{device}/commands/{name}`, as rules send them. An answer is what the device says
/// to `devices/{device}/responses/{name}` afterwards, which is the response topic that MQTT 5 clients are told.
final class CommandRoutes {
    private static final String TAG = "devices";
    private static final Duration ANSWER_WAIT = Duration.ofHours(1);
    private static final int ANSWERS_MAX = 100;

    private static final Schema.Obj WANTED = new Schema.Obj(
            "CommandWanted",
            "A command; with neither payload nor text it is empty.",
            List.of(
                    must("name", Schema.shaped("what it is called", 100, "[A-Za-z0-9][A-Za-z0-9._-]*")),
                    may("payload", new Schema.Anything("sent as JSON")),
                    may("text", Schema.text("sent as it is", 200_000))));

    private static final Schema.Obj LISTENER = new Schema.Obj(
            "CommandListener",
            "A session of the device, or of one that carries it, which listens for the command.",
            List.of(
                    must("clientId", Schema.text("its name in the tenant", 65_535)),
                    must("device", Schema.text("the device that it is of", 128)),
                    must("connected", new Schema.Flag("whether its client is there now")),
                    must("state", Schema.oneOf("how far the command came", "waiting", "sent", "acknowledged"))));

    private static final Schema.Obj COMMAND = new Schema.Obj(
            "Command",
            "A command to a device, and what is known of it now.",
            List.of(
                    must("message", Schema.text("partition and position in the log, 0-1234", 40)),
                    must("name", Schema.text("what it is called", 65_535)),
                    must("sentAt", new Schema.Moment("when")),
                    must("sentBy", Schema.text("who sent it", 65_535)),
                    must(
                            "state",
                            Schema.oneOf(
                                    "nobody listens for it; waiting for a device that is away; sent to it; acknowledged"
                                            + " by its client; answered by itself",
                                    "nobody",
                                    "waiting",
                                    "sent",
                                    "acknowledged",
                                    "answered")),
                    must("listeners", new Schema.ListOf("who listens for it", LISTENER, Integer.MAX_VALUE)),
                    orNull("answer", Recorded.SCHEMA)));

    private final Stations stations;
    private final InstantSource clock;

    CommandRoutes(Stations stations, InstantSource clock) {
        this.stations = stations;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(
                new Route(
                        Method.POST,
                        "/api/v1/devices/{device}/commands",
                        Access.OPERATOR,
                        new Doc(
                                TAG,
                                "sendCommand",
                                "Send a command to a device",
                                "A message of quality of service 1 to devices/{device}/commands/{name}; it is durable when"
                                        + " this answers. A session that outlives its connection has it when the"
                                        + " device comes back."),
                        new Shape(List.of(), WANTED, Success.json(200, COMMAND)),
                        this::send),
                new Route(
                        Method.GET,
                        "/api/v1/devices/{device}/commands/{message}",
                        Access.VIEWER,
                        new Doc(
                                TAG,
                                "getCommand",
                                "Say what became of a command",
                                "By partition and position of its message. An answer is looked for up to an hour after."),
                        new Shape(List.of(), null, Success.json(200, COMMAND)),
                        this::show));
    }

    private static String topic(DeviceId device, String part) {
        return "devices/" + device.value() + "/" + part + "/";
    }

    private Answer send(Call call) {
        JsonNode payload = call.body().path("payload");
        String text = call.text("text", "");
        if (!payload.isMissingNode() && !text.isEmpty()) {
            throw Flaws.field("text", "or payload may be there, and only one of them");
        }
        DeviceId device = call.device();
        String name = call.text("name", "");
        boolean json = !payload.isMissingNode();
        Message message = new Message(
                call.tenant(),
                device,
                new Topic(topic(device, "commands") + name),
                json ? Json.bytes(payload) : text.getBytes(StandardCharsets.UTF_8),
                Micros.of(clock.instant()),
                Message.Origin.PLATFORM,
                call.principal().subject(),
                1,
                false,
                new MessageProperties(
                        json ? "application/json" : "",
                        topic(device, "responses") + name,
                        UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII),
                        -1,
                        true,
                        List.of()));
        return Answer.ok(json(call, appended(message)));
    }

    private LogScan.Found appended(Message message) {
        CompletableFuture<Optional<Failure>> done = new CompletableFuture<>();
        CompletableFuture<LogScan.Found> found = new CompletableFuture<>();
        stations.log().append(message, new Receipt() {
            @Override
            public void durable(int partition, long position) {
                found.complete(new LogScan.Found(partition, position, message));
                done.complete(Optional.empty());
            }

            @Override
            public void refused(Fault fault, String detail) {
                done.complete(Optional.of(new Failure(fault, detail)));
            }
        });
        RetainedRoutes.await(done, "whether the command is sent");
        return found.join();
    }

    private Answer show(Call call) {
        String commands = topic(call.device(), "commands");
        return LogScan.named(stations.log(), call.place("message"))
                .filter(found -> found.message().tenant().equals(call.tenant())
                        && call.device().equals(found.message().device())
                        && found.message().topic().value().startsWith(commands))
                .map(found -> Answer.ok(json(call, found)))
                .orElseGet(Answer::notFound);
    }

    private ObjectNode json(Call call, LogScan.Found found) {
        Message message = found.message();
        String name = message.topic()
                .value()
                .substring(topic(call.device(), "commands").length());
        ObjectNode node = Json.object()
                .put("message", found.partition() + "-" + found.position())
                .put("name", name)
                .put("sentAt", Json.time(message.receivedMicros()))
                .put("sentBy", message.publisher());
        List<Heard> heard = listeners(call, found);
        Optional<LogScan.Found> answer = answer(call, found, name);
        node.put("state", answer.isPresent() ? "answered" : state(heard));
        ArrayNode listeners = node.putArray("listeners");
        heard.forEach(one -> listeners.add(Json.object()
                .put("clientId", one.clientId())
                .put("device", String.valueOf(one.device()))
                .put("connected", one.connected())
                .put("state", state(one.state()))));
        node.set(
                "answer",
                answer.<JsonNode>map(one -> Recorded.json(one.partition(), one.position(), one.message()))
                        .orElseGet(() -> Json.object().nullNode()));
        return node;
    }

    /// Others of the tenant may listen, too; what they got says nothing of the device.
    private List<Heard> listeners(Call call, LogScan.Found found) {
        return stations
                .broker()
                .of(call.tenant())
                .heard(found.message().topic(), found.partition(), found.position())
                .stream()
                .filter(one -> {
                    DeviceId listener = one.device();
                    return listener != null
                            && stations.registry().devices().carries(call.tenant(), listener, call.device());
                })
                .toList();
    }

    /// @return how far it came with whom it came farthest
    private static String state(List<Heard> heard) {
        return heard.stream()
                .map(Heard::state)
                .max(Heard.State::compareTo)
                .map(CommandRoutes::state)
                .orElse("nobody");
    }

    private static String state(Heard.State state) {
        return switch (state) {
            case WAITING -> "waiting";
            case UNDER_WAY, SENT -> "sent";
            case ACKNOWLEDGED -> "acknowledged";
        };
    }

    private Optional<LogScan.Found> answer(Call call, LogScan.Found command, String name) {
        Topic expected = new Topic(topic(call.device(), "responses") + name);
        Selection selection = new Selection(call.tenant(), call.device(), new TopicFilter(expected.value()));
        Positions from = Positions.of(Map.of(command.partition(), command.position() + 1));
        Instant sent = Micros.instant(command.message().receivedMicros());
        Instant until = sent.plus(ANSWER_WAIT);
        byte[] correlation = command.message().properties().correlationData();
        return LogScan.read(stations.log(), selection, from, until, ANSWERS_MAX).found().stream()
                .filter(found -> {
                    byte[] carried = found.message().properties().correlationData();
                    return carried.length == 0 || Arrays.equals(carried, correlation);
                })
                .findFirst();
    }
}
