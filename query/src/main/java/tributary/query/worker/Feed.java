package tributary.query.worker;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import tributary.lake.Side;
import tributary.query.wire.Frame;
import tributary.query.wire.SmallTable;
import tributary.query.wire.Tables;
import tributary.query.wire.Views;

/// Keeps the tables that queries see as main says they are now.
///
/// Sealed rows stay in their files; hot rows are copied into a table a segment in the schema `feed`, which no query can
/// name; the view `readings` joins them. Views change in one transaction, so that a query sees all of a moment or
/// none of it. One thread.
final class Feed implements AutoCloseable {
    static final String HOT_COLUMNS = "device VARCHAR, sensor VARCHAR, ts TIMESTAMP, value DOUBLE, text VARCHAR,"
            + " received TIMESTAMP, part INTEGER, position BIGINT, late BOOLEAN";
    static final String COLUMNS = "device, sensor, ts, value, text, received, part, position";

    private final Engine.Session session;
    private final Set<Long> hot = new HashSet<>();
    private volatile Tables tables = Tables.NONE;
    private volatile Views views = Views.NONE;
    private final Map<Side, SideView> sides = new EnumMap<>(Side.class);

    Feed(Engine.Session session) throws EngineException {
        this.session = session;
        session.run("CREATE SCHEMA feed");
        session.run("CREATE TABLE feed.no_readings(" + HOT_COLUMNS + ")");
        // Times are UTC without a zone, as in every table: a condition on `ts` then needs no conversion of each row.
        for (String now : List.of("now", "get_current_timestamp")) {
            session.run("CREATE MACRO main." + now + "() AS CAST(transaction_timestamp() AS TIMESTAMP)");
        }
        for (String statement : ReadPlan.standIn()) {
            session.run(statement);
        }
        for (String statement : SlotTables.standIns()) {
            session.run(statement);
        }
        for (SmallTable small : SmallTable.values()) {
            session.run("CREATE TABLE feed." + small.table() + "(" + small.columns() + ")");
        }
        for (Side side : Side.values()) {
            SideView view = new SideView(side);
            session.run(view.nothing());
            for (String statement : view.standsIn()) {
                session.run(statement);
            }
            sides.put(side, view);
        }
        show(Tables.NONE);
        session.run(SmallTable.DEVICES.publish());
        session.run(SmallTable.SENSORS.publish());
        session.run(SmallTable.ALERTS.publish());
    }

    /// Adds rows of a hot segment.
    void hot(Frame frame) throws EngineException {
        HotRows rows = HotRows.of(frame);
        String table = "hot_" + rows.segment();
        if (hot.add(rows.segment())) {
            session.run("CREATE TABLE feed." + table + "(" + HOT_COLUMNS + ")");
        }
        session.append(table, rows);
    }

    /// Adds rows of a small table; the last frame of them makes them visible.
    void rows(Frame frame) throws EngineException {
        SmallRows rows = SmallRows.of(frame);
        if (rows.first()) {
            session.run("CREATE OR REPLACE TABLE feed." + rows.table().table() + "("
                    + rows.table().columns() + ")");
        }
        session.append(rows.table().table(), rows.cells());
        if (rows.last()) {
            session.run(rows.table().publish());
        }
    }

    /// Adds rows of a hot segment of a table beside readings.
    void side(Frame frame) throws EngineException {
        ByteBuffer in = frame.read();
        SideView view = view(Side.values()[in.get()]);
        long segment = in.getLong();
        int rows = in.getInt();
        in.getInt(); // the length of all cells
        view.add(session, segment, new CellRows(view.shape(), rows, in));
    }

    /// Takes what views of device types there are; a statement gets them as it needs them.
    void views(Views next) {
        views = next;
    }

    /// Any thread.
    Views views() {
        return views;
    }

    /// Any thread.
    Tables shown() {
        return tables;
    }

    private SideView view(Side side) {
        return Objects.requireNonNull(sides.get(side), "every side is there");
    }

    /// Makes `next` what queries see.
    void tables(Tables next) throws EngineException {
        show(next);
        tables = next;
        Set<Long> kept = next.hot().stream().map(Tables.Hot::id).collect(Collectors.toSet());
        for (Long gone : hot.stream().filter(id -> !kept.contains(id)).toList()) {
            session.run("DROP TABLE feed.hot_" + gone);
            hot.remove(gone);
        }
        for (Side side : Side.values()) {
            view(side).keep(session, next.side(side.ordinal()).segments());
        }
    }

    /// @return a relation of the readings whose files `wanted` keeps
    static String readings(Tables now, Predicate<Tables.Sealed> wanted) {
        return readings(now, wanted, wanted);
    }

    /// @param replacing keeps files whose late rows may replace rows of those files
    /// @return a relation of the readings whose files `wanted` keeps
    static String readings(Tables now, Predicate<Tables.Sealed> wanted, Predicate<Tables.Sealed> replacing) {
        return relation(
                now.readings().stream().filter(wanted).toList(),
                now.readings().stream().filter(replacing).toList(),
                now.hot());
    }

    @Override
    public void close() {
        session.close();
    }

    private void show(Tables next) throws EngineException {
        session.run("BEGIN");
        boolean done = false;
        try {
            // Files that are not here yet cannot be named in a view: each query makes its own.
            Tables here = next.remote() ? next.hotOnly() : next;
            session.run("CREATE OR REPLACE VIEW main.readings AS "
                    + relation(here.readings(), here.readings(), here.hot()));
            for (Side side : Side.values()) {
                session.run(view(side).shown(here.side(side.ordinal())));
            }
            session.run("COMMIT");
            done = true;
        } finally {
            if (!done) {
                session.run("ROLLBACK");
            }
        }
    }

    private static String relation(
            List<Tables.Sealed> files, List<Tables.Sealed> replacing, List<Tables.Hot> segments) {
        String all = union(files, segments);
        List<Tables.Sealed> lateFiles =
                replacing.stream().filter(Tables.Sealed::late).toList();
        List<Tables.Hot> lateHot = segments.stream().filter(Tables.Hot::late).toList();
        String rows = "SELECT " + COLUMNS + " FROM (" + all + ") AS r";
        if (lateFiles.isEmpty() && lateHot.isEmpty()) {
            return rows;
        }
        return rows + " WHERE NOT EXISTS (SELECT 1 FROM (" + union(lateFiles, lateHot) + ") AS l WHERE l.late"
                + " AND l.device = r.device AND l.sensor = r.sensor AND l.ts = r.ts AND l.part = r.part"
                + " AND l.position > r.position)";
    }

    private static String union(List<Tables.Sealed> files, List<Tables.Hot> segments) {
        StringBuilder all = new StringBuilder();
        if (!files.isEmpty()) {
            all.append("SELECT ")
                    .append(COLUMNS)
                    .append(", late FROM ")
                    .append(scan(files.stream().map(Tables.Sealed::path).toList()));
        }
        for (Tables.Hot segment : segments) {
            all.append(all.isEmpty() ? "" : " UNION ALL ").append("SELECT ").append(COLUMNS);
            all.append(", late FROM feed.hot_").append(segment.id());
        }
        return all.isEmpty() ? "SELECT " + COLUMNS + ", late FROM feed.no_readings" : all.toString();
    }

    /// Any thread.
    ///
    /// @return a relation of the table whose files `wanted` keeps
    String side(Side side, Tables now, Predicate<Tables.Sealed> wanted) {
        Tables.Beside beside = now.side(side.ordinal());
        return view(side)
                .relation(
                        new Tables.Beside(beside.files().stream().filter(wanted).toList(), beside.segments()));
    }

    /// Any thread.
    ///
    /// @return a relation that looks like the table, for a plan only
    String standIn(Side side) {
        return view(side).standIn();
    }

    static String scan(List<String> paths) {
        return paths.stream()
                .map(Quoting::literal)
                .collect(Collectors.joining(", ", "read_parquet([", "], hive_partitioning=false)"));
    }

    /// @return whether the file may hold rows of the devices and the time
    static boolean mayHold(Tables.Sealed file, Set<String> devices, long fromMicros, long toMicros) {
        return file.maxTsMicros() >= fromMicros
                && file.minTsMicros() < toMicros
                && mayHold(file.minDevice(), file.maxDevice(), devices);
    }

    /// @return whether any of `devices` is from `min` to `max`
    static boolean mayHold(String min, String max, Set<String> devices) {
        return devices.stream().anyMatch(device -> compare(min, device) <= 0 && compare(device, max) <= 0);
    }

    /// Files are sorted by the bytes of UTF-8, which Java's own order of texts is not.
    static int compare(String left, String right) {
        return Arrays.compareUnsigned(left.getBytes(StandardCharsets.UTF_8), right.getBytes(StandardCharsets.UTF_8));
    }
}
