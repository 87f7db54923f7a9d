package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.gateway.DeviceRoute;

/// What the OpenAPI document says of the routes for devices, which the doors of the gateway serve.
final class DeviceOperations {
    private static final String JSON = "application/json";
    private static final List<String> PAYLOADS = List.of(
            JSON,
            "application/cbor",
            "application/senml+json",
            "application/senml+cbor",
            "application/x-influx-line-protocol",
            "text/plain");

    private static final Schema REJECTED = new Schema.ListOf(
            "the first parts that are not stored",
            new Schema.Obj(
                    "RejectedPart",
                    "A part of a body that is not stored.",
                    List.of(
                            may("line", new Schema.Whole("of a batch, from 0", 0, Integer.MAX_VALUE)),
                            may("index", new Schema.Whole("element of the payload, from 0", 0, Integer.MAX_VALUE)),
                            may("code", Schema.text("of a batch: which kind of problem", 100)),
                            must("reason", Schema.text("what is wrong with it", 4096)))),
            100);

    private static final Schema.Obj ACCEPTED = new Schema.Obj(
            "Accepted",
            "What is on disk now, and what is not.",
            List.of(
                    must("accepted", new Schema.Whole("readings that are stored", 0, Integer.MAX_VALUE)),
                    may("rejectedCount", new Schema.Whole("parts that are not", 0, Integer.MAX_VALUE)),
                    may("rejected", REJECTED)));

    private static final Schema.Obj INFLUX_ERROR = new Schema.Obj(
            "InfluxError",
            "An error as InfluxDB writes it.",
            List.of(
                    must("code", Schema.text("a word", 100)),
                    must("message", Schema.text("what is wrong", Integer.MAX_VALUE))));

    /// @param detail more than the summary, or ""
    /// @param bodies content types of the body, or empty where there is none
    private record About(String id, String summary, String detail, List<Route.Param> query, List<String> bodies) {}

    private DeviceOperations() {}

    static ObjectNode operation(DeviceRoute route, Map<String, ObjectNode> components) {
        About about = about(route);
        ObjectNode operation = Json.object();
        operation.putArray("tags").add("publish");
        operation.put("operationId", about.id());
        operation.put("summary", about.summary());
        String need = route == DeviceRoute.MQTT
                ? "The credential is in the packet CONNECT."
                : "Needs a credential that may publish there.";
        operation.put("description", about.detail().isEmpty() ? need : about.detail() + " " + need);
        operation.put("x-access", "publish");
        ArrayNode parameters = operation.putArray("parameters");
        for (String place : route.places()) {
            ObjectNode parameter = parameters.addObject();
            parameter.put("name", place).put("in", "path").put("required", true);
            parameter.putObject("schema").put("type", "string");
        }
        about.query().forEach(param -> parameters.add(OpenApi.parameter(param, components)));
        if (!about.bodies().isEmpty()) {
            ObjectNode content =
                    operation.putObject("requestBody").put("required", true).putObject("content");
            about.bodies().forEach(content::putObject);
        }
        responses(operation.putObject("responses"), route, components);
        ArrayNode security = operation.putArray("security");
        if (route != DeviceRoute.MQTT) {
            security.addObject().putArray("bearer");
        }
        return operation;
    }

    private static About about(DeviceRoute route) {
        return switch (route) {
            case TELEMETRY ->
                new About(
                        "sendTelemetry",
                        "Send readings of the credential's own device",
                        "An answer of 2xx means that they are on disk. docs/payloads.md has the formats.",
                        List.of(),
                        PAYLOADS);
            case DEVICE_TELEMETRY ->
                new About(
                        "sendTelemetryOfDevice",
                        "Send readings of a device",
                        "`me` is the credential's own; a gateway sends for the devices that it carries.",
                        List.of(),
                        PAYLOADS);
            case SENSOR_TELEMETRY ->
                new About(
                        "sendTelemetryOfSensor",
                        "Send readings of one sensor",
                        "The body may be a value alone. A nested sensor's path has slashes: motor/rpm.",
                        List.of(),
                        PAYLOADS);
            case MESSAGE ->
                new About(
                        "sendMessage",
                        "Publish a message to a topic",
                        "The body is kept as it is. The topic is the rest of the path.",
                        List.of(Route.Param.of(
                                "retain",
                                Schema.oneOf("whether it is the topic's last known message", "true", "false"))),
                        List.of("*/*"));
            case BATCH ->
                new About(
                        "sendBatch",
                        "Send readings of many devices",
                        "A line is a JSON object: `device`, and `readings` or `lines`. At most 10,000 lines.",
                        List.of(),
                        List.of("application/x-ndjson"));
            case WRITE ->
                new About(
                        "writeLines",
                        "Write line protocol, as to InfluxDB",
                        "The credential may be written `Token <token>`, too. `org` and `bucket` are ignored.",
                        List.of(
                                Route.Param.of(
                                        "precision", Schema.oneOf("of the times in the body", "ns", "us", "ms", "s")),
                                Route.Param.of("org", "ignored"),
                                Route.Param.of("bucket", "ignored")),
                        List.of("text/plain"));
            case STREAM ->
                new About(
                        "streamTelemetry",
                        "Open a WebSocket for readings",
                        "Each frame is a payload, acknowledged by its number; docs/websocket.md has the conversation."
                                + " Browsers send the credential as the subprotocol bearer.<token>.",
                        List.of(Route.Param.of("device", "one that the credential's own carries; without: itself")),
                        List.of());
            case MQTT ->
                new About(
                        "mqttOverWebSocket",
                        "Open a WebSocket for MQTT 3.1.1 or 5.0",
                        "With the subprotocol `mqtt`.",
                        List.of(),
                        List.of());
        };
    }

    private static void responses(ObjectNode responses, DeviceRoute route, Map<String, ObjectNode> components) {
        switch (route) {
            case TELEMETRY, DEVICE_TELEMETRY, SENSOR_TELEMETRY, BATCH -> accepted(responses, components);
            case MESSAGE -> {
                accepted(responses, components);
                responses.putObject("204").put("description", "It is on disk.");
            }
            case WRITE -> {
                responses.putObject("204").put("description", "All lines are on disk.");
                ObjectNode some = responses.putObject("400");
                some.put("description", "Some lines are not stored; the others are.");
                some.putObject("content").putObject(JSON).set("schema", Schema.document(INFLUX_ERROR, components));
            }
            case STREAM, MQTT -> responses.putObject("101").put("description", "It is a WebSocket now.");
        }
        if (route != DeviceRoute.MQTT) {
            OpenApi.problem(responses, 401, "No valid credential.");
            OpenApi.problem(responses, 403, "The credential may not publish there.");
        }
        if (!route.places().isEmpty() || route == DeviceRoute.STREAM) {
            OpenApi.problem(responses, 404, "There is no such device.");
        }
        OpenApi.problem(responses, null, "Any other error.");
    }

    private static void accepted(ObjectNode responses, Map<String, ObjectNode> components) {
        ObjectNode good = responses.putObject("200");
        good.put("description", ACCEPTED.doc());
        good.putObject("content").putObject(JSON).set("schema", Schema.document(ACCEPTED, components));
    }
}
