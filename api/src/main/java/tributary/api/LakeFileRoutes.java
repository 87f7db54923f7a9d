package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;
import static tributary.api.Schema.orNull;

import io.helidon.http.Method;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Param;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.lake.Hold;
import tributary.lake.Lake;
import tributary.lake.Side;
import tributary.lake.Snapshot;
import tributary.lake.Snapshot.DataFile;

/// The tenant's own files of the lake: what there is by table and day, and each Parquet file to take home.
///
/// A file is found by its name among those of the tenant's tables as they are now; no path is ever made of what a
/// caller says.
final class LakeFileRoutes {
    private static final String TAG = "lake";
    private static final String PARQUET = "application/vnd.apache.parquet";
    private static final String READINGS = "readings";
    private static final int FILES_MAX = 1000;
    private static final int DOWNLOADS_AT_ONCE = 4;
    private static final Pattern DAY = Pattern.compile("ts_day=(\\d{4}-\\d{2}-\\d{2})");

    private static final Schema COUNT = new Schema.Whole("how many", 0, Long.MAX_VALUE);
    private static final Schema BYTES = new Schema.Whole("of all of them", 0, Long.MAX_VALUE);

    private static final Schema.Obj DAY_OF = new Schema.Obj(
            "LakeDay",
            "The files of one day, by measuring time.",
            List.of(
                    must("day", Schema.text("the day, UTC", 10)),
                    must("files", COUNT),
                    must("rows", COUNT),
                    must("bytes", BYTES)));

    private static final Schema.Obj TABLE = new Schema.Obj(
            "LakeTable",
            "A table of the tenant.",
            List.of(
                    must("table", Schema.text("its name in SQL", 40)),
                    must("files", COUNT),
                    must("rows", COUNT),
                    must("bytes", BYTES),
                    must("hotRows", new Schema.Whole("rows that are in no file yet", 0, Long.MAX_VALUE)),
                    must("days", new Schema.ListOf("the newest first", DAY_OF, Integer.MAX_VALUE))));

    private static final Schema.Obj TABLES = new Schema.Obj(
            "LakeTables",
            "All tables.",
            List.of(
                    must("remote", new Schema.Flag("whether the files are in a bucket")),
                    must("tables", new Schema.ListOf("each of them", TABLE, Integer.MAX_VALUE))));

    private static final Schema.Obj FILE = new Schema.Obj(
            "LakeFile",
            "A Parquet file.",
            List.of(
                    must("file", Schema.text("its name", 200)),
                    must("day", Schema.text("the day, UTC", 10)),
                    must("rows", COUNT),
                    must("bytes", BYTES),
                    orNull("minTs", new Schema.Moment("the first time in it")),
                    orNull("maxTs", new Schema.Moment("the last time in it")),
                    must("minDevice", Schema.text("the first device in it", 200)),
                    must("maxDevice", Schema.text("the last device in it", 200)),
                    must("late", new Schema.Flag("whether rows of it replace earlier ones"))));

    private static final Schema.Obj FILES = new Schema.Obj(
            "LakeFiles",
            "Files of a table.",
            List.of(
                    must("files", new Schema.ListOf("by day, then by time", FILE, FILES_MAX)),
                    may("more", new Schema.Flag("that there are more than are shown"))));

    private final Lake lake;
    private final Semaphore downloads = new Semaphore(DOWNLOADS_AT_ONCE);

    LakeFileRoutes(Lake lake) {
        this.lake = lake;
    }

    List<Route> routes() {
        String files = "/api/v1/lake/tables/{table}/files";
        return List.of(
                new Route(
                        Method.GET,
                        "/api/v1/lake/tables",
                        Access.VIEWER,
                        new Doc(TAG, "listLakeTables", "List tables of the lake with the files of each day", ""),
                        new Shape(List.of(), null, Success.json(200, TABLES)),
                        this::tables),
                new Route(
                        Method.GET,
                        files,
                        Access.VIEWER,
                        new Doc(TAG, "listLakeFiles", "List the files of a table", ""),
                        new Shape(
                                List.of(Param.of(
                                        "day", Schema.shaped("only of this day, UTC", 10, "\\d{4}-\\d{2}-\\d{2}"))),
                                null,
                                Success.json(200, FILES)),
                        this::files),
                new Route(
                        Method.GET,
                        files + "/{file}",
                        Access.VIEWER,
                        new Doc(
                                TAG,
                                "getLakeFile",
                                "Download a file",
                                "As it is in the lake. Files are merged into others now and then: list them again where one"
                                        + " is gone."),
                        new Shape(List.of(), null, new Success(200, "The Parquet file.", List.of(PARQUET), null)),
                        this::download));
    }

    /// @return the files of the tenant's table, or empty where there is no such table
    private static Optional<List<DataFile>> table(Snapshot snapshot, String table) {
        if (table.equals(READINGS)) {
            return Optional.of(snapshot.readings());
        }
        for (Side side : Side.values()) {
            if (side.table().equals(table)) {
                return Optional.of(snapshot.side(side).files());
            }
        }
        return Optional.empty();
    }

    private Answer tables(Call call) {
        Snapshot snapshot = lake.snapshot(call.tenant());
        ObjectNode answer = Json.object().put("remote", lake.remote());
        ArrayNode tables = answer.putArray("tables");
        tables.add(table(
                READINGS,
                snapshot.readings(),
                snapshot.hot().stream().mapToLong(Snapshot.HotSegment::rows).sum()));
        for (Side side : Side.values()) {
            Snapshot.SideTable table = snapshot.side(side);
            long hot =
                    table.hot().stream().mapToLong(Snapshot.SideSegment::rows).sum();
            tables.add(table(side.table(), table.files(), hot));
        }
        return Answer.ok(answer);
    }

    private static ObjectNode table(String name, List<DataFile> files, long hotRows) {
        ObjectNode node = sums(Json.object().put("table", name), files).put("hotRows", hotRows);
        Map<String, List<DataFile>> byDay = new TreeMap<>(Comparator.reverseOrder());
        files.forEach(
                file -> byDay.computeIfAbsent(day(file), _ -> new ArrayList<>()).add(file));
        ArrayNode days = node.putArray("days");
        byDay.forEach((day, of) -> days.add(sums(Json.object().put("day", day), of)));
        return node;
    }

    private static ObjectNode sums(ObjectNode node, List<DataFile> files) {
        return node.put("files", files.size())
                .put("rows", sum(files, DataFile::rows))
                .put("bytes", sum(files, DataFile::bytes));
    }

    private static long sum(List<DataFile> files, ToLongFunction<DataFile> of) {
        return files.stream().mapToLong(of).sum();
    }

    /// Files are parted by day; the folder says which.
    private static String day(DataFile file) {
        Matcher day = DAY.matcher(file.path().toString());
        return day.find() ? day.group(1) : "";
    }

    private Answer files(Call call) {
        Optional<List<DataFile>> found = table(lake.snapshot(call.tenant()), call.place("table"));
        if (found.isEmpty()) {
            return Answer.notFound();
        }
        String wanted = call.query("day").orElse("");
        List<DataFile> files = found.get().stream()
                .filter(file -> wanted.isEmpty() || day(file).equals(wanted))
                .sorted(Comparator.comparing(LakeFileRoutes::day)
                        .thenComparing(DataFile::minTsMicros)
                        .thenComparing(LakeFileRoutes::name))
                .toList();
        ObjectNode answer = Json.object();
        ArrayNode all = answer.putArray("files");
        files.stream().limit(FILES_MAX).forEach(file -> all.add(json(file)));
        if (files.size() > FILES_MAX) {
            answer.put("more", true);
        }
        return Answer.ok(answer);
    }

    private static ObjectNode json(DataFile file) {
        boolean timed = file.rows() > 0 && file.minTsMicros() <= file.maxTsMicros();
        return Json.object()
                .put("file", name(file))
                .put("day", day(file))
                .put("rows", file.rows())
                .put("bytes", file.bytes())
                .put("minTs", timed ? Json.time(file.minTsMicros()) : null)
                .put("maxTs", timed ? Json.time(file.maxTsMicros()) : null)
                .put("minDevice", file.minDevice())
                .put("maxDevice", file.maxDevice())
                .put("late", file.hasLate());
    }

    private static String name(DataFile file) {
        return String.valueOf(file.path().getFileName());
    }

    private Answer download(Call call) {
        Optional<Path> path = table(lake.snapshot(call.tenant()), call.place("table")).stream()
                .flatMap(List::stream)
                .filter(file -> name(file).equals(call.place("file")))
                .map(DataFile::path)
                .findFirst();
        if (path.isEmpty()) {
            return Answer.notFound();
        }
        return new Answer.Streamed(PARQUET, false, out -> send(path.get(), out));
    }

    private void send(Path path, OutputStream out) throws IOException {
        if (!downloads.tryAcquire()) {
            throw new ProblemException(Problem.of(
                            ProblemCode.QUERY_BUSY,
                            DOWNLOADS_AT_ONCE + " files are downloaded already. Try again in a moment.")
                    .retryAfter(Duration.ofSeconds(1)));
        }
        try (Hold _ = lake.hold(List.of(path))) {
            Files.copy(path, out);
        } catch (NoSuchFileException _) {
            throw new ProblemException(Problem.notFound());
        } finally {
            downloads.release();
        }
    }
}
