package tributary.app.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tributary.app.backup.Backup;
import tributary.app.backup.BackupList;
import tributary.app.backup.FolderVersion;
import tributary.app.server.Configuration;
import tributary.app.server.Version;
import tributary.lake.BucketCopy;
import tributary.lake.LakePlace;
import tributary.lake.Warehouse;

/// `tributary backup /mnt/backup`: a copy of the data folder, while the server runs.
@Command(
        name = "backup",
        description = {
            "Copy everything that a data folder keeps, while its server runs or does not.",
            "What the folder of backups has already is not copied again. It runs on the server's own machine, as its user."
        })
final class BackupCommand implements Runnable {
    private static final long TOLD_EVERY = 64L << 20;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before any command runs
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "the folder of backups; made where it is missing")
    @SuppressWarnings("NullAway.Init") // set by picocli before any command runs
    private Path folder;

    @Mixin
    private final DataOption data = new DataOption();

    @Option(names = "--keep", paramLabel = "N", description = "so many backups stay; default: 7", defaultValue = "7")
    private int keep;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "the server's settings in YAML, where its lake is in a bucket; default: tributary.yaml where it exists")
    private @Nullable Path config;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "any setting of docs/config.md: lake.warehouse, lake.catalog, ...")
    private Map<String, String> set = new LinkedHashMap<>();

    @Option(
            names = "--without-lake",
            description = "leave out a lake that is in a bucket, which then has its own backup")
    private boolean withoutLake;

    @Option(names = "--json", description = "print one JSON document")
    private boolean json;

    @Override
    public void run() {
        if (keep < 1) {
            throw new CommandFailure(ExitCode.USAGE, "--keep must be 1 or more, was " + keep, "");
        }
        if (!Files.isDirectory(data.path().resolve("log"))) {
            throw new CommandFailure(
                    ExitCode.NOT_FOUND, data.path() + " is no data folder", "--data DIR      names the one to copy");
        }
        FolderVersion.of(data.path(), Version.TEXT);
        String elsewhere = elsewhere();
        Warehouse lake = elsewhere == null || withoutLake ? Warehouse.FOLDER : bucket(elsewhere);
        Backup.Made made = Backup.make(
                data.path(), folder, lake, keep, told(spec.commandLine().getErr(), "copied"));
        show(spec, json, made.list(), Map.of("copied", made.copied()));
    }

    /// @return how the bucket is reached, as the server's settings say
    private Warehouse bucket(String elsewhere) {
        if (config != null && !config.toFile().canRead()) {
            throw new CommandFailure(ExitCode.NOT_FOUND, "cannot read " + config, "");
        }
        Map<String, String> flags = new LinkedHashMap<>(set);
        flags.put("data", data.path().toString());
        Path file = config == null ? Path.of("tributary.yaml") : config;
        Warehouse lake = Configuration.read(file, System.getenv(), flags).lake().warehouse();
        String place = BucketCopy.place(lake);
        if (place.isEmpty() || elsewhere.startsWith("s3:") && !place.equals(elsewhere)) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "the lake is in " + elsewhere + ", and the settings name " + (place.isEmpty() ? "no bucket" : place)
                            + ": no backup was made",
                    "--config FILE       names the server's settings, with lake.warehouse and lake.catalog\n"
                            + "  --without-lake      copies log, registry, keys and all else of the data folder");
        }
        return lake;
    }

    /// @return the bucket that the lake is in, or null where it is in the data folder
    private @Nullable String elsewhere() {
        Path lake = data.path().resolve("lake");
        try {
            String bucket = LakePlace.bucket(lake);
            boolean copies = Files.isDirectory(lake.resolve("bucket")) && !Files.exists(lake.resolve("catalog.db"));
            return bucket == null && copies ? "a bucket" : bucket;
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "it cannot be read where the lake is: " + e.getMessage(), "");
        }
    }

    /// @return what shows on a terminal how far it is
    static LongConsumer told(PrintWriter err, String what) {
        long[] next = {TOLD_EVERY};
        boolean terminal = System.console() != null && System.console().isTerminal();
        return bytes -> {
            if (terminal && bytes >= next[0]) {
                next[0] = bytes + TOLD_EVERY;
                err.print("\r%s %,d MB ".formatted(what, bytes >> 20));
                err.flush();
            }
        };
    }

    static void show(CommandSpec spec, boolean json, BackupList list, Map<String, Long> more) {
        long rows = list.rows().values().stream().mapToLong(Long::longValue).sum();
        if (json) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("backup", list.name());
            answer.put("files", list.files().size());
            answer.put("bytes", list.bytes());
            answer.putAll(more);
            answer.put("rows", list.rows());
            spec.commandLine().getOut().println(ServerClient.JSON.writeValueAsString(answer));
        } else {
            String copied =
                    more.containsKey("copied") ? ", of which %,d KB were new".formatted(more.get("copied") >> 10) : "";
            spec.commandLine()
                    .getErr()
                    .println("%s: %,d files, %,d KB%s; %,d rows in the lake's files"
                            .formatted(list.name(), list.files().size(), list.bytes() >> 10, copied, rows));
        }
    }
}
