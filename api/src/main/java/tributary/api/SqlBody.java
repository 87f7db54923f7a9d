package tributary.api;

import static tributary.api.Schema.may;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tributary.model.TenantId;
import tributary.query.QueryEngine;
import tributary.query.QueryEngine.QueryLimits;
import tributary.query.QueryException;
import tributary.query.RowFormat;
import tributary.query.Rows;
import tributary.query.Statement;

/// What requests that run a statement have in common: parameters, limits, the format, and errors that show their place.
final class SqlBody {
    static final int STATEMENT_LENGTH_MAX = 64 * 1024;
    static final Schema.Text STATEMENT = Schema.name(
            "one SELECT over readings, devices, sensors, messages, rejected, events and the views of device types",
            STATEMENT_LENGTH_MAX);
    static final Route.Param FORMAT =
            Route.Param.of("format", Schema.oneOf("what comes back; without it the Accept header decides", formats()));
    static final Route.Param PARAMETER =
            new Route.Param("p", Schema.text("the value of a parameter as name=value, a text", 4096), true, false);
    static final Schema PARAMETERS = new Schema.FreeObject(
            "values for :name in the statement: texts, numbers, true, false or null; they are bound and never SQL");
    static final List<String> MEDIA_TYPES =
            Arrays.stream(RowFormat.values()).map(RowFormat::mediaType).toList();
    private static final int EXCERPT_MAX = 200;

    private SqlBody() {}

    static List<Schema.Field> limits(Duration timeoutMax) {
        return List.of(
                may("parameters", PARAMETERS),
                may("id", Schema.text("what the query is called while it runs, to look at it and to cancel it", 64)),
                may("timeoutMs", new Schema.Whole("how long it may run, 30000", 1, timeoutMax.toMillis())),
                may("rowsMax", new Schema.Whole("more rows than this are an error", 1, Long.MAX_VALUE)));
    }

    static QueryLimits limits(Call call) {
        long timeoutMillis = call.body()
                .path("timeoutMs")
                .asLong(QueryLimits.DEFAULTS.timeout().toMillis());
        long rowsMax = call.body().path("rowsMax").asLong(QueryLimits.DEFAULTS.rowsMax());
        return new QueryLimits(Duration.ofMillis(timeoutMillis), rowsMax);
    }

    /// @return values of a JSON object by name
    static Map<String, Object> parameters(JsonNode object) {
        Map<String, Object> values = new TreeMap<>();
        object.properties().forEach(field -> values.put(field.getKey(), value(field.getKey(), field.getValue())));
        return values;
    }

    /// @return texts of `p=name=value`
    static Map<String, Object> parameters(Call call) {
        Map<String, Object> values = new TreeMap<>();
        for (String pair : call.queries("p")) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw Flaws.parameter("p", "must be name=value", pair);
            }
            values.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return values;
    }

    private static Object value(String name, JsonNode node) {
        if (node.isNull()) {
            return Statement.Nothing.NULL;
        }
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        if (node.isIntegralNumber() && node.canConvertToLong()) {
            return node.longValue();
        }
        if (node.isNumber()) {
            return node.doubleValue();
        }
        if (node.isString()) {
            return node.stringValue();
        }
        throw Flaws.field("parameters/" + name, "must be a text, a number, true, false or null");
    }

    /// Runs the statement and streams its rows.
    static Answer rows(Call call, QueryEngine query, Statement statement, QueryLimits limits) {
        RowFormat format = format(call);
        TenantId tenant = call.tenant();
        Rows rows;
        try {
            rows = query.sql(tenant, statement, limits);
        } catch (QueryException e) {
            throw marked(e, statement.text());
        }
        return new Answer.Streamed(format.mediaType(), false, out -> {
            try (rows) {
                rows.writeTo(format, out);
            } catch (QueryException e) {
                throw marked(e, statement.text());
            }
        });
    }

    /// @return the problem with the line of the statement in which it is
    private static ProblemException marked(QueryException e, String text) {
        Problem problem = Exchange.problem(e, "a statement");
        if (e.line() == 0) {
            return new ProblemException(problem);
        }
        List<String> lines = text.lines().toList();
        String line = e.line() <= lines.size() ? lines.get(e.line() - 1) : "";
        String excerpt = line.length() > EXCERPT_MAX ? line.substring(0, EXCERPT_MAX) : line;
        return new ProblemException(problem.marked(new Problem.Mark(e.line(), e.column(), excerpt, e.hint())));
    }

    /// The parameter decides, else the first type in Accept that we have.
    static RowFormat format(Call call) {
        Optional<String> asked = call.query("format");
        if (asked.isPresent()) {
            return RowFormat.valueOf(asked.get().toUpperCase(Locale.ROOT));
        }
        String accept = call.asked().accept();
        if (accept.isBlank()) {
            return RowFormat.JSON;
        }
        for (String range : accept.split(",")) {
            String type = range.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
            if (type.equals("*/*") || type.equals("application/*")) {
                return RowFormat.JSON;
            }
            for (RowFormat format : RowFormat.values()) {
                if (format.mediaType().split(";", 2)[0].equals(type)) {
                    return format;
                }
            }
        }
        throw new ProblemException(
                ProblemCode.NOT_ACCEPTABLE,
                "Rows come as " + String.join(", ", MEDIA_TYPES) + "; or say ?format=" + String.join("|", formats())
                        + ".");
    }

    private static String[] formats() {
        return Arrays.stream(RowFormat.values())
                .map(format -> format.name().toLowerCase(Locale.ROOT))
                .toArray(String[]::new);
    }

    /// @return the fields of `first` and `more`
    static List<Schema.Field> both(List<Schema.Field> first, List<Schema.Field> more) {
        List<Schema.Field> all = new ArrayList<>(first);
        all.addAll(more);
        return all;
    }
}
