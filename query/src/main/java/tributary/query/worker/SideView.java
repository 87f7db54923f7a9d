package tributary.query.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import tributary.lake.Side;
import tributary.query.wire.Tables;

/// One table beside readings as queries see it: its files, and a table a segment of hot rows.
final class SideView {
    private final Side side;
    private final String names;
    private final Set<Long> segments = ConcurrentHashMap.newKeySet();

    SideView(Side side) {
        this.side = Objects.requireNonNull(side, "side");
        this.names = side.columns().stream().map(Side.Column::name).collect(Collectors.joining(", "));
    }

    /// Adds rows of a segment.
    void add(Engine.Session session, long segment, CellRows rows) throws EngineException {
        if (segments.add(segment)) {
            session.run("CREATE TABLE feed." + table(segment) + columns());
        }
        session.append(table(segment), rows);
    }

    /// @return a letter a column for [CellRows]
    String shape() {
        return side.columns().stream().map(column -> letter(column.type())).collect(Collectors.joining());
    }

    /// @return the statement for a table without rows, which is there from the beginning on
    String nothing() {
        return "CREATE TABLE feed.no_" + side.table() + columns();
    }

    /// @return a relation that looks like the table, for a plan only
    String standIn() {
        return convenient("SELECT " + names + " FROM " + ReadPlan.standIn(side.table()));
    }

    /// @return statements that make what [#standIn] is made of: the least value and null in every column, and the
    /// greatest where there is one
    List<String> standsIn() {
        List<Side.Column> columns = side.columns();
        return List.of(
                "CREATE TABLE " + ReadPlan.standIn(side.table()) + columns(),
                "INSERT INTO " + ReadPlan.standIn(side.table()) + " VALUES "
                        + row(columns, type -> least(type)) + ", " + row(columns, type -> greatest(type)) + ", "
                        + row(columns, _ -> "NULL"));
    }

    private static String row(List<Side.Column> columns, Function<Side.Type, String> value) {
        return columns.stream().map(column -> value.apply(column.type())).collect(Collectors.joining(", ", "(", ")"));
    }

    private static String least(Side.Type type) {
        return switch (type) {
            case TEXT, BYTES -> "''";
            case TIME -> "'-infinity'";
            case INTEGER -> "-2147483648";
            case WHOLE -> "-9223372036854775808";
            case FLAG -> "false";
        };
    }

    private static String greatest(Side.Type type) {
        return switch (type) {
            case TEXT -> "chr(1114111)";
            case BYTES -> "'\\xFF\\xFF\\xFF\\xFF'::BLOB";
            case TIME -> "'infinity'";
            case INTEGER -> "2147483647";
            case WHOLE -> "9223372036854775807";
            case FLAG -> "true";
        };
    }

    /// @return the statement that makes `now` what queries see
    String shown(Tables.Beside now) {
        return "CREATE OR REPLACE VIEW main." + side.table() + " AS " + relation(now);
    }

    /// @return a relation of all rows
    String relation(Tables.Beside now) {
        List<String> parts = new ArrayList<>();
        if (!now.files().isEmpty()) {
            parts.add("SELECT " + names + " FROM "
                    + Feed.scan(now.files().stream().map(Tables.Sealed::path).toList()));
        }
        for (Long segment : now.segments()) {
            if (segments.contains(segment)) {
                parts.add("SELECT " + names + " FROM feed." + table(segment));
            }
        }
        String all = parts.isEmpty()
                ? "SELECT " + names + " FROM feed.no_" + side.table()
                : String.join(" UNION ALL ", parts);
        return convenient(all);
    }

    /// Drops segments that are in files by now.
    void keep(Engine.Session session, List<Long> living) throws EngineException {
        for (Long gone : segments.stream().filter(id -> !living.contains(id)).toList()) {
            session.run("DROP TABLE feed." + table(gone));
            segments.remove(gone);
        }
    }

    /// Adds what people want and files do not hold.
    private String convenient(String all) {
        return switch (side) {
            case REJECTED, EVENTS -> all;
            case MESSAGES ->
                "SELECT device, topic, received, payload, TRY(decode(payload)) AS text, content_type, qos, retain,"
                        + " CAST(user_properties AS JSON) AS user_properties, response_topic, correlation_data,"
                        + " expiry_seconds, origin, publisher, part, position FROM (" + all + ")";
        };
    }

    private String table(long segment) {
        return side.table() + "_" + segment;
    }

    private String columns() {
        return side.columns().stream()
                .map(column -> column.name() + " " + sql(column.type()))
                .collect(Collectors.joining(", ", "(", ")"));
    }

    private static String sql(Side.Type type) {
        return switch (type) {
            case TEXT -> "VARCHAR";
            case BYTES -> "BLOB";
            case TIME -> "TIMESTAMP";
            case INTEGER -> "INTEGER";
            case WHOLE -> "BIGINT";
            case FLAG -> "BOOLEAN";
        };
    }

    private static String letter(Side.Type type) {
        return switch (type) {
            case TEXT -> "T";
            case BYTES -> "B";
            case TIME -> "M";
            case INTEGER -> "I";
            case WHOLE -> "L";
            case FLAG -> "F";
        };
    }
}
