package tributary.gateway;

import java.util.List;
import java.util.regex.Pattern;

/// What devices ask over HTTP. The doors serve these and no others, and the OpenAPI document has each: whoever adds one
/// here is asked by the compiler for its handler and for its documentation.
public enum DeviceRoute {
    TELEMETRY("POST", "/api/v1/telemetry"),
    DEVICE_TELEMETRY("POST", "/api/v1/devices/{device}/telemetry"),
    SENSOR_TELEMETRY("POST", "/api/v1/devices/{device}/telemetry/{sensor}"),
    MESSAGE("POST", "/api/v1/messages/{topic}"),
    BATCH("POST", "/api/v1/telemetry/batch"),
    WRITE("POST", "/api/v2/write"),
    STREAM("GET", "/api/v1/ws"),
    MQTT("GET", "/mqtt");

    private static final Pattern PLACE = Pattern.compile("\\{(\\w+)}");

    private final String method;
    private final String path;

    DeviceRoute(String method, String path) {
        this.method = method;
        this.path = path;
    }

    public String method() {
        return method;
    }

    /// @return a template, `/api/v1/devices/{device}/telemetry`
    public String path() {
        return path;
    }

    /// @return names of the places in the path, in order
    public List<String> places() {
        return PLACE.matcher(path).results().map(found -> found.group(1)).toList();
    }

    /// @return the path as the router wants it: a sensor's path and a topic have slashes, so they are the rest of it
    public String pattern() {
        return path.replace("{sensor}", "{+sensor}").replace("{topic}", "{+topic}");
    }

    /// @return whether it becomes a WebSocket
    public boolean upgrades() {
        return method.equals("GET");
    }

    @Override
    public String toString() {
        return method + " " + path;
    }
}
