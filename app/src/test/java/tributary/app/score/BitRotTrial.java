package tributary.app.score;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import tributary.app.Await;
import tributary.app.ServerProcess;
import tributary.lake.FileSum;

/// One file of a whole data folder after the other is damaged, and the code of a start reads it: what is
/// missing or other than before is said, with file and place, or the folder is refused in words; nothing is
/// silently shorter.
///
/// Logs are opened alone, as a start does, most of the times; every so often the whole program is started in this
/// process.
final class BitRotTrial implements Trial {
    private static final int WHOLE_EVERY = 15;

    private static final long ENOUGH = 2_000;
    private static final Duration LONG = Duration.ofSeconds(120);

    /// Folders below the data folder that are logs.
    private static final List<String> LOGS = List.of("log", "sessions", "rules/outbox");

    @Override
    public String name() {
        return "bit-rot";
    }

    @Override
    public String what(int rounds) {
        return "a file rots, " + rounds
                + " times: bits, blocks of zeros, swapped blocks, missing ends; in logs, registry,"
                + " checkpoints, Parquet and Iceberg's files";
    }

    @Override
    public int rounds(boolean whole) {
        return whole ? 10_000 : 150;
    }

    @Override
    public Score run(Path work, int rounds) throws Exception {
        long began = System.nanoTime();
        SplittableRandom random = new SplittableRandom(Long.getLong("score.seed", 20261128L));
        Path sound = work.resolve("data");
        Score made = make(sound);
        Map<String, SortedMap<String, Integer>> records = new LinkedHashMap<>();
        for (String log : LOGS) {
            Path copy = copy(sound.resolve(log), work.resolve("try"));
            records.put(log, RottenLog.records(copy));
        }
        Path first = copy(sound, work.resolve("try"));
        RottenFolder before = RottenFolder.look(first);
        List<String> faults = new ArrayList<>(before.said());
        long lost = 0;
        long corrupt = 0;
        long said = 0;
        for (int round = 0; round < rounds; round++) {
            if (round % WHOLE_EVERY == 0) {
                Path copy = copy(sound, work.resolve("try"));
                Path file = ofAnyKind(files(copy, false), random);
                boolean parquet = file.toString().endsWith(".parquet");
                String rows = parquet ? rows(file) : "";
                Rot rot = Rot.into(file, random);
                boolean found = !FileSum.check(copy.resolve("lake")).damaged().isEmpty();
                if (parquet && !found && !rows(file).equals(rows)) {
                    corrupt++;
                    faults.add(copy.relativize(file) + ", " + rot + ": other rows, and no word about it");
                }
                RottenFolder after = RottenFolder.look(copy);
                said += after.said().isEmpty() && !found ? 0 : 1;
                if (after.said().isEmpty() && !(after.facts().equals(before.facts()))) {
                    lost++;
                    faults.add(
                            copy.relativize(file) + ", " + rot + ": " + after.facts() + " and was " + before.facts());
                }
            } else {
                String log = LOGS.get(random.nextInt(LOGS.size()));
                Path copy = copy(sound.resolve(log), work.resolve("try"));
                List<Path> files = files(copy, true);
                Path file = files.get(random.nextInt(files.size()));
                Rot rot = Rot.into(file, random);
                RottenLog after = RottenLog.look(copy, records.get(log));
                lost += after.silent();
                corrupt += after.altered();
                said += after.reported() ? 1 : 0;
                if (after.silent() + after.altered() > 0) {
                    faults.add(log + "/" + copy.relativize(file) + ", " + rot + ": " + after);
                }
            }
        }
        Map<String, Object> more = new LinkedHashMap<>();
        more.put("said", said);
        if (!faults.isEmpty()) {
            more.put("faults", faults);
        }
        return new Score(
                name(),
                made.sent(),
                made.acknowledged(),
                made.lost() + lost,
                made.duplicated(),
                made.outOfOrder(),
                made.foreign(),
                made.corrupt() + corrupt,
                made.ghost(),
                Duration.ofNanos(System.nanoTime() - began).toSeconds(),
                more);
    }

    /// A data folder with something in every kind of file, from a server that was stopped.
    private static Score make(Path data) throws Exception {
        try (ServerProcess server = ServerProcess.start(data)) {
            Ledger ledger = Ledger.open(server, data);
            try (Load _ = Load.begin(server, ledger.devices())) {
                Await.until("there is something to rot", LONG, () -> ledger.acknowledged() > ENOUGH);
            }
            Score score = ledger.compare("bit-rot", server, Map.of());
            server.stop();
            return score;
        }
    }

    /// @return what is in a Parquet file, or that it cannot be read
    private static String rows(Path file) {
        try (Connection engine = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = engine.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT count(*) || ' ' || coalesce(bit_xor(hash(f)), 0) FROM read_parquet('" + file
                                + "') f")) {
            rows.next();
            return rows.getString(1);
        } catch (SQLException e) {
            return "unreadable";
        }
    }

    /// Whatever there are most of, each kind is as likely.
    private static Path ofAnyKind(List<Path> files, SplittableRandom random) {
        Map<String, List<Path>> kinds = new TreeMap<>();
        for (Path file : files) {
            String name = file.getFileName().toString();
            String kind = name.substring(name.lastIndexOf('.') + 1) + name.startsWith("snap");
            kinds.computeIfAbsent(kind, _ -> new ArrayList<>()).add(file);
        }
        List<List<Path>> all = List.copyOf(kinds.values());
        List<Path> some = all.get(random.nextInt(all.size()));
        return some.get(random.nextInt(some.size()));
    }

    private static List<Path> files(Path folder, boolean logs) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> files = new ArrayList<>();
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                boolean ofLog =
                        LOGS.stream().anyMatch(log -> folder.relativize(file).startsWith(log));
                if (Files.size(file) > 0 && (logs || !ofLog) && !file.endsWith("lock")) {
                    files.add(file);
                }
            }
            return files;
        }
    }

    private static Path copy(Path from, Path to) throws IOException, InterruptedException {
        for (List<String> command : List.of(
                List.of("rm", "-rf", to.toString()),
                List.of("cp", "-a", "--sparse=always", from.toString(), to.toString()))) {
            if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
                throw new IOException("failed: " + command);
            }
        }
        return to;
    }
}
