package tributary.api;

import java.util.Locale;
import tributary.model.Fault;
import tributary.query.QueryException;

/// Every kind of error that the API answers with; those of the device routes are [tributary.gateway.DoorProblem].
/// `docs/errors.md` has a row for each; a test compares.
enum ProblemCode {
    NOT_FOUND(404, "Nothing here"),
    UNAUTHENTICATED(401, "Sign in first"),
    FORBIDDEN(403, "Not allowed"),
    CSRF(403, "Change without proof that the page is ours"),
    METHOD_NOT_ALLOWED(405, "Not with this method"),
    NOT_ACCEPTABLE(406, "No such format"),
    INVALID_JSON(400, "Not JSON"),
    INVALID_BODY(400, "Body with mistakes"),
    INVALID_PARAMETER(400, "Parameters with mistakes"),
    INVALID_REQUEST(400, "Not a request that can be read"),
    BODY_SLOW(408, "Body too slow"),
    BODY_TOO_LARGE(413, "Body too large"),
    UNSUPPORTED_MEDIA_TYPE(415, "Body of another type"),
    ALREADY_EXISTS(409, "Exists already"),
    CHANGED_MEANWHILE(409, "Changed in between"),
    IN_USE(409, "In use"),
    LAST_OWNER(409, "The last owner stays"),
    SIGN_IN_REFUSED(401, "Name or password is wrong"),
    SIGN_IN_WAIT(429, "Too many tries"),
    LINK_USED(410, "This link is used or too old"),
    TOO_MANY_STREAMS(429, "Too many live streams"),
    TOO_MANY_ERASURES(429, "Too many erasures at once"),
    SHARE_BUSY(429, "A link is asked too often"),
    QUERY_WRONG(400, "Wrong query"),
    QUERY_REFUSED(422, "Query not allowed"),
    QUERY_TIMEOUT(422, "Query took too long"),
    QUERY_TOO_LARGE(422, "Query too large"),
    QUERY_CANCELLED(503, "Query cancelled"),
    QUERY_CRASHED(500, "Query crashed its worker"),
    QUERY_BUSY(429, "Too many queries at once"),
    LOG_FULL(503, "No room for more"),
    DISK_FAILED(503, "The disk failed"),
    DATA_DAMAGED(500, "Stored data is damaged"),
    DATA_FOLDER(500, "The data folder cannot be used"),
    REGISTRY_FAILED(503, "The registry does not answer"),
    LAKE_FAILED(503, "The tables cannot be read"),
    WORKER_FAILED(503, "The query worker is down"),
    PORT_TAKEN(500, "A port is taken"),
    STOPPING(503, "The server is stopping"),
    INTERNAL(500, "A mistake of ours");

    private final int status;
    private final String title;

    ProblemCode(int status, String title) {
        this.status = status;
        this.title = title;
    }

    int status() {
        return status;
    }

    String title() {
        return title;
    }

    /// @return its name in URIs and documents, `not-found`
    String slug() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// @return the type URI of RFC 9457, relative so that no host name is in it
    String type() {
        return "/problems/" + slug();
    }

    static ProblemCode of(Fault fault) {
        return switch (fault) {
            case LOG_FULL -> LOG_FULL;
            case DISK_FAILED -> DISK_FAILED;
            case DATA_DAMAGED -> DATA_DAMAGED;
            case DATA_FOLDER -> DATA_FOLDER;
            case REGISTRY_FAILED -> REGISTRY_FAILED;
            case LAKE_FAILED -> LAKE_FAILED;
            case WORKER_FAILED -> WORKER_FAILED;
            case PORT_TAKEN -> PORT_TAKEN;
            case STOPPING -> STOPPING;
        };
    }

    static ProblemCode of(QueryException.Reason reason) {
        return switch (reason) {
            case WRONG -> QUERY_WRONG;
            case REFUSED -> QUERY_REFUSED;
            case TIMEOUT -> QUERY_TIMEOUT;
            case TOO_LARGE -> QUERY_TOO_LARGE;
            case CANCELLED -> QUERY_CANCELLED;
            case CRASHED -> QUERY_CRASHED;
            case BUSY -> QUERY_BUSY;
        };
    }
}
