package tributary.gateway;

import java.util.Locale;
import tributary.model.Fault;

/// Every kind of problem that the device routes over HTTP answer with. `docs/errors.md` has a row for each; the REST
/// API answers for their addresses, and where it has a kind of the same name, both are the same. A test compares.
public enum DoorProblem {
    TOPIC_INVALID(400, "No such topic can be"),
    BODY_BROKEN(400, "Body cannot be decompressed"),
    INVALID_PARAMETER(400, "Parameters with mistakes"),
    INVALID_REQUEST(400, "Not a request that can be read"),
    SUBPROTOCOL_MISSING(400, "This is MQTT over WebSocket"),
    UNAUTHENTICATED(401, "Sign in first"),
    FORBIDDEN(403, "Not allowed"),
    UNKNOWN_DEVICE(404, "No such device"),
    METHOD_NOT_ALLOWED(405, "Not with this method"),
    BODY_SLOW(408, "Body too slow"),
    BODY_TOO_LARGE(413, "Body too large"),
    UNSUPPORTED_MEDIA_TYPE(415, "Body of another type"),
    CODING_UNSUPPORTED(415, "Body compressed in an unknown way"),
    PAYLOAD_UNREADABLE(422, "No reading in it"),
    RETAINED_FULL(422, "Cannot be retained"),
    UPGRADE_REQUIRED(426, "This is a WebSocket"),
    TOO_FAST(429, "Too many messages"),
    LOG_BUSY(503, "The disk cannot keep up"),
    DISK_SLOW(503, "Not confirmed in time"),
    TOO_MANY_CONNECTIONS(503, "No room for another connection"),
    LOG_FULL(503, "No room for more"),
    DISK_FAILED(503, "The disk failed"),
    STOPPING(503, "The server is stopping"),
    INTERNAL(500, "A mistake of ours");

    private final int status;
    private final String title;
    private final String slug = name().toLowerCase(Locale.ROOT).replace('_', '-');

    DoorProblem(int status, String title) {
        this.status = status;
        this.title = title;
    }

    public int status() {
        return status;
    }

    /// @return what it is in a few words, the same for every request
    public String title() {
        return title;
    }

    /// @return its name in URIs and documents, `log-full`
    public String slug() {
        return slug;
    }

    /// Why the log did not take a message.
    public static DoorProblem of(Fault fault) {
        return switch (fault) {
            case LOG_FULL -> LOG_FULL;
            case STOPPING -> STOPPING;
            case DISK_FAILED, DATA_DAMAGED, DATA_FOLDER -> DISK_FAILED;
            // nothing that a log needs to take a message
            case REGISTRY_FAILED, LAKE_FAILED, WORKER_FAILED, PORT_TAKEN -> INTERNAL;
        };
    }
}
