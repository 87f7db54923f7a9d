package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;
import static tributary.api.Schema.orNull;

import io.helidon.http.Method;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.lake.Lake;
import tributary.registry.Sensors;

/// A device's sensors and their last values.
final class SensorRoutes {
    private static final Schema.Text UNIT = Schema.text("the unit of its values, such as °C", 32);
    private static final Schema MIN = new Schema.Decimal("the least plausible value");
    private static final Schema MAX = new Schema.Decimal("the greatest plausible value");

    private static final Schema.Obj SENSOR = new Schema.Obj(
            "Sensor",
            "A measuring point of a device, discovered from its data.",
            List.of(
                    must("sensor", Schema.text("its path, door.open", 1024)),
                    must("kind", Schema.oneOf("what its values are", "number", "text", "boolean")),
                    must("unit", UNIT),
                    orNull("min", MIN),
                    orNull("max", MAX),
                    must("firstSeenAt", new Schema.Moment("when its first value came"))));

    private static final Schema.Obj PATCH = new Schema.Obj(
            "SensorPatch",
            "What people know of a sensor; what is left out stays, null removes.",
            List.of(orNull("unit", UNIT), orNull("min", MIN), orNull("max", MAX)));

    private static final Schema.Obj LIST = new Schema.Obj(
            "SensorList",
            "The sensors of a device by path.",
            List.of(must("sensors", new Schema.ListOf("by path", SENSOR, Integer.MAX_VALUE))));

    static final Schema.Obj VALUE = new Schema.Obj(
            "LatestValue",
            "The newest reading of a sensor by measuring time.",
            List.of(
                    must("sensor", Schema.text("its path", 1024)),
                    must("ts", new Schema.Moment("when it was measured")),
                    may("value", new Schema.Anything("the number, or true or false")),
                    may("text", Schema.text("the text, where the value is one", Integer.MAX_VALUE)),
                    must("received", new Schema.Moment("when it arrived"))));

    private static final Schema.Obj LATEST = new Schema.Obj(
            "Latest",
            "The last value of each sensor of a device.",
            List.of(must("values", new Schema.ListOf("by sensor path", VALUE, Integer.MAX_VALUE))));

    private final Sensors sensors;
    private final Lake lake;

    SensorRoutes(Sensors sensors, Lake lake) {
        this.sensors = sensors;
        this.lake = lake;
    }

    List<Route> routes() {
        return List.of(
                new Route(
                        Method.GET,
                        "/api/v1/devices/{device}/sensors",
                        Access.DEVICE,
                        new Doc("sensors", "listSensors", "List a device's sensors", ""),
                        new Shape(List.of(), null, Success.json(200, LIST)),
                        this::list),
                new Route(
                        Method.PATCH,
                        "/api/v1/devices/{device}/sensors/{sensor}",
                        Access.OPERATOR,
                        new Doc("sensors", "describeSensor", "Say unit and range of a sensor", ""),
                        new Shape(List.of(), PATCH, Success.json(200, SENSOR)),
                        this::describe),
                new Route(
                        Method.GET,
                        "/api/v1/devices/{device}/latest",
                        Access.DEVICE,
                        new Doc("sensors", "latest", "Show the last value of each sensor", ""),
                        new Shape(List.of(), null, Success.json(200, LATEST)),
                        this::latest));
    }

    private Answer list(Call call) {
        ObjectNode node = Json.object();
        ArrayNode items = node.putArray("sensors");
        sensors.of(call.tenant(), call.device()).forEach(sensor -> items.add(json(sensor)));
        return Answer.ok(node);
    }

    private Answer describe(Call call) {
        String path = call.place("sensor");
        Optional<Sensors.Sensor> found = sensors.of(call.tenant(), call.device()).stream()
                .filter(sensor -> sensor.path().equals(path))
                .findFirst();
        if (found.isEmpty()) {
            return Answer.notFound();
        }
        Sensors.Sensor before = found.get();
        JsonNode unit = call.body().path("unit");
        Double min = bound(call, "min", before.min());
        Double max = bound(call, "max", before.max());
        if (min != null && max != null && min > max) {
            throw Flaws.field("min", "must not be above max (" + max + "), was " + min);
        }
        String newUnit = unit.isNull() ? "" : call.text("unit", before.unit());
        return Flaws.kept(() -> sensors.describe(call.tenant(), call.device(), path, newUnit, min, max))
                .map(sensor -> Answer.ok(json(sensor)))
                .orElseGet(Answer::notFound);
    }

    private static @Nullable Double bound(Call call, String name, @Nullable Double before) {
        JsonNode node = call.body().path(name);
        if (node.isMissingNode()) {
            return before;
        }
        return node.isNull() ? null : Double.valueOf(node.doubleValue());
    }

    private Answer latest(Call call) {
        ObjectNode node = Json.object();
        ArrayNode items = node.putArray("values");
        lake.latest(call.tenant(), call.device()).forEach(latest -> items.add(json(latest)));
        return Answer.ok(node);
    }

    /// Writes what [#json(Lake.LatestValue)] gives.
    static void write(JsonGenerator out, Lake.LatestValue latest) {
        out.writeStartObject();
        out.writeName("sensor").writeString(latest.sensor());
        out.writeName("ts").writeString(Json.time(latest.tsMicros()));
        String text = latest.text();
        if (text == null) {
            out.writeName("value").writeNumber(latest.value());
        } else if (latest.isNumber()) {
            out.writeName("value").writeNumber(new BigInteger(text));
        } else if (flag(latest.value(), text)) {
            out.writeName("value").writeBoolean(latest.value() == 1);
        } else {
            out.writeName("text").writeString(text);
        }
        out.writeName("received").writeString(Json.time(latest.receivedMicros()));
        out.writeEndObject();
    }

    private static boolean flag(double value, String text) {
        return text.equals("true") && value == 1 || text.equals("false") && value == 0;
    }

    static ObjectNode json(Lake.LatestValue latest) {
        ObjectNode item = Json.object();
        item.put("sensor", latest.sensor());
        item.put("ts", Json.time(latest.tsMicros()));
        value(item, latest);
        item.put("received", Json.time(latest.receivedMicros()));
        return item;
    }

    /// Numbers and booleans are `value`, texts are `text`.
    private static void value(ObjectNode item, Lake.LatestValue latest) {
        String text = latest.text();
        if (text == null) {
            item.put("value", latest.value());
        } else if (latest.isNumber()) {
            item.put("value", new BigInteger(text));
        } else if (flag(latest.value(), text)) {
            item.put("value", latest.value() == 1);
        } else {
            item.put("text", text);
        }
    }

    private static ObjectNode json(Sensors.Sensor sensor) {
        ObjectNode node = Json.object();
        node.put("sensor", sensor.path());
        node.put("kind", sensor.kind().name().toLowerCase(Locale.ROOT));
        node.put("unit", sensor.unit());
        node.put("min", sensor.min());
        node.put("max", sensor.max());
        node.put("firstSeenAt", Json.time(sensor.firstSeenAt()));
        return node;
    }
}
