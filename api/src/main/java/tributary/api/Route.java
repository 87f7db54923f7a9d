package tributary.api;

import io.helidon.http.Method;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One thing that can be asked: the table of these is the router, the gate's rule book and the OpenAPI document.
///
/// @param path   template, `/api/v1/devices/{device}`; a `{device}` is resolved and checked by the gate
/// @param access who may call
/// @param doc    what it is, for people
/// @param shape  what goes in and out
/// @param handler answers, once the gate let the caller in
record Route(Method method, String path, Access access, Doc doc, Shape shape, Handler handler) {
    private static final Pattern PLACE = Pattern.compile("\\{(\\w+)}");

    /// @param tag     the group it stands in
    /// @param id      unique name, `listDevices`
    /// @param summary one line
    /// @param detail  more, or ""
    record Doc(String tag, String id, String summary, String detail) {}

    /// @param query   parameters behind `?`; any other is refused
    /// @param body    what the JSON body holds, or null where there is none
    /// @param success what comes back when it works
    record Shape(List<Param> query, Schema.@Nullable Obj body, Success success) {
        Shape {
            query = List.copyOf(query);
        }
    }

    /// @param repeated whether it may be given more than once
    /// @param required whether it must be given
    record Param(String name, Schema.Text schema, boolean repeated, boolean required) {
        static Param of(String name, String doc) {
            return new Param(name, Schema.text(doc, 4096), false, false);
        }

        static Param of(String name, Schema.Text schema) {
            return new Param(name, schema, false, false);
        }
    }

    /// @param status     2xx or 3xx
    /// @param mediaTypes what the body may be; empty where there is none
    /// @param schema     what the JSON body holds, or null where it is not JSON or has no fixed shape
    record Success(
            int status,
            String doc,
            List<String> mediaTypes,
            @Nullable Schema schema) {
        Success {
            mediaTypes = List.copyOf(mediaTypes);
        }

        static Success json(int status, Schema schema) {
            return new Success(status, schema.doc(), List.of("application/json"), schema);
        }

        static Success none(int status, String doc) {
            return new Success(status, doc, List.of(), null);
        }
    }

    /// Answers one request that the gate let in. Blocks as it likes: every request has a virtual thread.
    interface Handler {
        Answer handle(Call call);
    }

    Route {
        Objects.requireNonNull(method, "method");
        Objects.requireNonNull(access, "access");
        Objects.requireNonNull(handler, "handler");
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("a path begins with '/': " + path);
        }
    }

    /// @return names of the places in the path, in order
    List<String> places() {
        return PLACE.matcher(path).results().map(found -> found.group(1)).toList();
    }

    /// @return the path as the router wants it: a client id may have slashes, so it is the rest of the path
    String pattern() {
        return path.replace("{clientId}", "{+clientId}");
    }

    /// @return whether it changes something, so that a cookie alone is no proof of will
    boolean changes() {
        return !method.equals(Method.GET);
    }

    /// @return whether `requested` is one of this route's paths, whatever its places hold
    boolean covers(String requested) {
        Matcher matcher = PLACE.matcher(path);
        StringBuilder pattern = new StringBuilder();
        int from = 0;
        while (matcher.find()) {
            pattern.append(Pattern.quote(path.substring(from, matcher.start()))).append("[^/]+");
            from = matcher.end();
        }
        pattern.append(Pattern.quote(path.substring(from)));
        return Pattern.matches(pattern.toString(), requested);
    }

    @Override
    public String toString() {
        return method.text() + " " + path;
    }
}
