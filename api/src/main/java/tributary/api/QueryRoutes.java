package tributary.api;

import static tributary.api.Schema.must;

import io.helidon.http.Method;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tributary.api.Route.Doc;
import tributary.api.Route.Param;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.model.DeviceId;
import tributary.query.QueryEngine;
import tributary.query.QueryEngine.QueryLimits;
import tributary.query.QueryEngine.Sampling;
import tributary.query.QueryEngine.SeriesName;
import tributary.query.QueryEngine.SeriesRequest;
import tributary.query.RowFormat;
import tributary.query.Rows;
import tributary.query.Statement;

/// SQL and series. Rows stream through: memory stays flat whatever the size of the answer.
final class QueryRoutes {
    private static final int SERIES_MAX = 1000;
    private static final int POINTS_MAX = 200_000;
    private static final int POINTS_PER_COLUMN = 4;

    static final Schema.Obj ROWS = new Schema.Obj(
            "Rows",
            "The rows of an answer; the other formats carry the same.",
            List.of(
                    must(
                            "columns",
                            new Schema.ListOf(
                                    "in order",
                                    new Schema.Obj(
                                            "Column",
                                            "A column.",
                                            List.of(
                                                    must("name", Schema.text("its name", 1024)),
                                                    must("type", Schema.text("its SQL type", 1024)))),
                                    10_000)),
                    must(
                            "rows",
                            new Schema.ListOf(
                                    "each a list of values in the order of the columns",
                                    new Schema.ListOf("values", new Schema.Anything("a value"), 10_000),
                                    Integer.MAX_VALUE)),
                    must("rowCount", new Schema.Whole("how many rows", 0, Long.MAX_VALUE))));

    private final QueryEngine query;
    private final Duration timeoutMax;
    private final InstantSource clock;

    QueryRoutes(QueryEngine query, Duration timeoutMax, InstantSource clock) {
        this.query = query;
        this.timeoutMax = timeoutMax;
        this.clock = clock;
    }

    List<Route> routes() {
        Success rows = new Success(200, "The rows, streamed.", SqlBody.MEDIA_TYPES, ROWS);
        Schema.Obj body = new Schema.Obj(
                "SqlQuery",
                "A statement to run.",
                SqlBody.both(List.of(must("sql", SqlBody.STATEMENT)), SqlBody.limits(timeoutMax)));
        return List.of(
                new Route(
                        Method.POST,
                        "/api/v1/sql",
                        Access.VIEWER,
                        new Doc("query", "sql", "Run a SELECT", sqlDetail()),
                        new Shape(List.of(SqlBody.FORMAT), body, rows),
                        this::sql),
                new Route(
                        Method.GET,
                        "/api/v1/sql",
                        Access.VIEWER,
                        new Doc("query", "sqlByLink", "Run a SELECT that stands in the address", sqlDetail()),
                        new Shape(
                                List.of(
                                        new Param("q", SqlBody.STATEMENT, false, true),
                                        SqlBody.PARAMETER,
                                        SqlBody.FORMAT),
                                null,
                                rows),
                        this::sqlByLink),
                new Route(
                        Method.GET,
                        "/api/v1/series",
                        Access.DEVICE,
                        new Doc(
                                "query",
                                "series",
                                "Read series, raw or down-sampled",
                                "With 'every' one value a bucket; with 'points' the first, least, greatest"
                                        + " and last point of"
                                        + " each slice, so that charts lose no spike; with neither every point."),
                        new Shape(seriesParams(), null, rows),
                        this::series));
    }

    private static String sqlDetail() {
        return "Tables and views: see sqlSchema. :name stands for a parameter; EXPLAIN in front asks what the"
                + " statement costs. A failure before the first byte is a problem with the place in the statement; a"
                + " later one cuts the connection.";
    }

    private static List<Param> seriesParams() {
        return List.of(
                new Param(
                        "series",
                        Schema.name("a series as device:sensor; up to " + SERIES_MAX + " of them", 1200),
                        true,
                        true),
                Param.of("from", "first moment, inclusive, -1h where not said; " + Times.MOMENT_DOC),
                Param.of("to", "last moment, exclusive, now where not said"),
                Param.of("every", "width of a bucket; " + Times.LENGTH_DOC),
                Param.of("agg", Schema.oneOf("what stands for a bucket, avg where not said", aggregates())),
                Param.of(
                        "points",
                        new Schema.Text(
                                "a whole number: at most so many points a series", 0, 7, "[1-9]\\d*", List.of())),
                SqlBody.FORMAT);
    }

    private Answer sql(Call call) {
        Statement statement = new Statement(
                call.text("sql", ""), SqlBody.parameters(call.body().path("parameters")), call.text("id", ""));
        return SqlBody.rows(call, query, statement, SqlBody.limits(call));
    }

    private Answer sqlByLink(Call call) {
        Statement statement = new Statement(call.query("q").orElse(""), SqlBody.parameters(call), "");
        return SqlBody.rows(call, query, statement, QueryLimits.DEFAULTS);
    }

    private Answer series(Call call) {
        RowFormat format = SqlBody.format(call);
        Set<SeriesName> names = new LinkedHashSet<>();
        for (String text : call.queries("series")) {
            Optional<SeriesName> name = name(call, text);
            if (name.isEmpty()) {
                return Answer.notFound();
            }
            names.add(name.get());
        }
        if (names.isEmpty() || names.size() > SERIES_MAX) {
            throw Flaws.parameter("series", "must be given 1 to " + SERIES_MAX + " times", names.size() + " of them");
        }
        Instant now = clock.instant();
        Instant from = Times.moment("from", call.query("from").orElse("-1h"), now);
        Instant to = Times.moment("to", call.query("to").orElse("now"), now);
        if (!from.isBefore(to)) {
            throw Flaws.parameter("from", "must be before 'to' (" + to + ")", from.toString());
        }
        SeriesRequest request = new SeriesRequest(new ArrayList<>(names), from, to, sampling(call));
        return rows(format, query.series(call.tenant(), request, QueryLimits.DEFAULTS));
    }

    /// Device ids may hold ':', so the longest part before one that is a device of the caller's counts.
    private static Optional<SeriesName> name(Call call, String text) {
        for (int colon = text.lastIndexOf(':'); colon > 0; colon = text.lastIndexOf(':', colon - 1)) {
            String device = text.substring(0, colon);
            if (colon + 1 < text.length() && call.sees(device)) {
                return Optional.of(new SeriesName(new DeviceId(device), text.substring(colon + 1)));
            }
        }
        return Optional.empty();
    }

    private static Sampling sampling(Call call) {
        Optional<String> every = call.query("every");
        Optional<String> points = call.query("points");
        if (every.isPresent() && points.isPresent()) {
            throw Flaws.parameter("points", "must not stand beside 'every': one or the other", points.get());
        }
        if (call.query("agg").isPresent() && every.isEmpty()) {
            throw Flaws.parameter(
                    "agg",
                    "needs 'every', the width of a bucket",
                    call.query("agg").get());
        }
        if (every.isPresent()) {
            String aggregate = call.query("agg").orElse("avg").toUpperCase(Locale.ROOT);
            return new Sampling.Bucket(Times.length("every", every.get()), QueryEngine.Aggregate.valueOf(aggregate));
        }
        if (points.isPresent()) {
            int count = Integer.parseInt(points.get());
            if (count < POINTS_PER_COLUMN || count > POINTS_MAX) {
                throw Flaws.parameter(
                        "points", "must be from " + POINTS_PER_COLUMN + " to " + POINTS_MAX, points.get());
            }
            return new Sampling.M4(count / POINTS_PER_COLUMN);
        }
        return new Sampling.Raw();
    }

    private static Answer rows(RowFormat format, Rows rows) {
        return new Answer.Streamed(format.mediaType(), false, out -> {
            try (rows) {
                rows.writeTo(format, out);
            }
        });
    }

    private static String[] aggregates() {
        return Arrays.stream(QueryEngine.Aggregate.values())
                .map(aggregate -> aggregate.name().toLowerCase(Locale.ROOT))
                .toArray(String[]::new);
    }
}
