package tributary.api;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// An error as RFC 9457 writes it: what, why, and what to do next.
///
/// @param detail  for this occurrence
/// @param flaws   every mistake in body or parameters, empty where the problem is not about these
/// @param headers go with the answer
/// @param mark    where in a statement it is, or null
record Problem(
        ProblemCode code,
        String detail,
        List<Flaw> flaws,
        Map<String, String> headers,
        @Nullable Mark mark) {
    static final String MEDIA_TYPE = "application/problem+json";

    /// One mistake in what the caller sent.
    ///
    /// @param where JSON pointer into the body, or the parameter's name
    /// @param what  what is wrong and what would be right
    record Flaw(String where, String what) {}

    /// A place in a statement.
    ///
    /// @param line    from 1
    /// @param column  the character in it, from 1
    /// @param excerpt the line
    /// @param hint    what was most likely meant, or ""
    record Mark(int line, int column, String excerpt, String hint) {}

    Problem {
        flaws = List.copyOf(flaws);
        headers = Map.copyOf(headers);
    }

    static Problem of(ProblemCode code, String detail) {
        return new Problem(code, detail, List.of(), Map.of(), null);
    }

    /// The one answer for everything that is not there, or not there for this caller.
    static Problem notFound() {
        return of(
                ProblemCode.NOT_FOUND,
                "There is nothing here that this credential may see. Look at /openapi.json for the paths there are,"
                        + " and at the id.");
    }

    static Problem flawed(ProblemCode code, List<Flaw> flaws) {
        String detail = flaws.size() == 1
                ? flaws.getFirst().where() + ": " + flaws.getFirst().what()
                : flaws.size() + " mistakes; the first: " + flaws.getFirst().where() + ": "
                        + flaws.getFirst().what();
        return new Problem(code, detail, flaws, Map.of(), null);
    }

    Problem with(String header, String value) {
        Map<String, String> more = new TreeMap<>(headers);
        more.put(header, value);
        return new Problem(code, detail, flaws, more, mark);
    }

    Problem marked(Mark place) {
        return new Problem(code, detail, flaws, headers, place);
    }

    Problem retryAfter(Duration wait) {
        return with(
                "Retry-After", Long.toString(Math.max(1, wait.plusMillis(999).toSeconds())));
    }

    ObjectNode json() {
        ObjectNode node = Json.object();
        node.put("type", code.type());
        node.put("title", code.title());
        node.put("status", code.status());
        node.put("detail", detail);
        if (!flaws.isEmpty()) {
            ArrayNode errors = node.putArray("errors");
            flaws.forEach(flaw -> errors.addObject().put("where", flaw.where()).put("what", flaw.what()));
        }
        Mark place = mark;
        if (place != null) {
            ObjectNode position = node.putObject("position");
            position.put("line", place.line()).put("column", place.column()).put("excerpt", place.excerpt());
            if (!place.hint().isEmpty()) {
                node.put("suggestion", place.hint());
            }
        }
        return node;
    }
}
