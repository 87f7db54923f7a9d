package tributary.app.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tributary.app.server.DataFolder;
import tributary.bucket.BucketSettings;
import tributary.lake.FileSum;
import tributary.lake.LakeMove;
import tributary.lake.Warehouse;
import tributary.model.PlatformException;

/// `tributary lake move --to s3://fleet-data/history`, and back with `--to folder`; `tributary lake check`.
@Command(
        name = "lake",
        description = "Move the lake between the data folder and a bucket, and check its files.",
        subcommands = {LakeCommand.Move.class, LakeCommand.Check.class})
final class LakeCommand {
    private LakeCommand() {}

    @Command(
            name = "check",
            description = {
                "Read every file of history in the data folder and compare it with the checksum in its name.",
                "A server may run meanwhile. Exit code 7 where a file is not as it was written."
            })
    static final class Check implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // set by picocli before any command runs
        private CommandSpec spec;

        @Mixin
        private final DataOption data = new DataOption();

        @Override
        public Integer call() {
            PrintWriter out = spec.commandLine().getOut();
            try {
                FileSum.Checked found = FileSum.check(data.path().resolve("lake"));
                found.damaged().forEach(out::println);
                if (!found.damaged().isEmpty()) {
                    out.println("  Restore a backup that has them into another folder (tributary restore) and compare;"
                            + " what is in other files is sound. What each kind of file is for: docs/lake.md.");
                }
                out.printf(
                        "%,d files are as they were written, %,d are damaged%s%n",
                        found.checked(),
                        found.damaged().size(),
                        found.without() == 0 ? "" : ", %,d are older than checksums".formatted(found.without()));
                out.flush();
                return (found.damaged().isEmpty() ? ExitCode.OK : ExitCode.CHECK_FOUND_PROBLEMS).number();
            } catch (IOException e) {
                throw new CommandFailure(
                        ExitCode.FAILED,
                        "the files of " + data.path() + " cannot be looked through: " + e.getMessage(),
                        "run it as the user that runs the server");
            }
        }
    }

    @Command(
            name = "move",
            description = {
                "Copy the lake to another place, compare everything, and make that the lake.",
                "The server must be stopped. What was cut off goes on with the same command; the old lake stays as it is."
            })
    static final class Move implements Runnable {
        private static final String FOLDER = "folder";
        private static final int BAR = 30;
        private static final int SHOWN_DIGITS = 16;

        @Spec
        @SuppressWarnings("NullAway.Init") // set by picocli before any command runs
        private CommandSpec spec;

        @Option(
                names = "--to",
                paramLabel = "PLACE",
                required = true,
                description = "s3://bucket/prefix, or 'folder' for the data folder")
        @SuppressWarnings("NullAway.Init") // required
        private String to;

        @Mixin
        private final DataOption data = new DataOption();

        @Mixin
        private final BucketOptions settings = new BucketOptions();

        @Option(names = "--json", description = "print one JSON document")
        private boolean json;

        @Override
        public void run() {
            if (!Files.isDirectory(data.path().resolve("lake"))) {
                throw new CommandFailure(
                        ExitCode.NOT_FOUND,
                        data.path() + " has no lake",
                        "--data DIR      names the server's data folder");
            }
            boolean home = to.equals(FOLDER);
            Warehouse bucket = settings.bucket(data.path(), home ? null : to);
            try (DataFolder folder = taken()) {
                Path lake = folder.path().resolve("lake");
                Map<String, LakeMove.Moved> moved =
                        LakeMove.run(lake, home ? bucket : Warehouse.FOLDER, home ? Warehouse.FOLDER : bucket, bar());
                show(moved);
                hints(home, bucket, lake);
            } catch (IOException e) {
                throw new CommandFailure(ExitCode.FAILED, "the data folder cannot be left: " + e.getMessage(), "");
            }
        }

        private DataFolder taken() {
            try {
                return DataFolder.open(data.path());
            } catch (PlatformException e) {
                if (Files.exists(data.path().resolve("server.json"))) {
                    throw new CommandFailure(
                            ExitCode.CONFLICT,
                            "a server works on " + data.path() + ", and its lake moves only while none does",
                            "stop it, and type the same again");
                }
                throw e;
            }
        }

        private Consumer<LakeMove.Progress> bar() {
            PrintWriter err = spec.commandLine().getErr();
            if (System.console() == null || !System.console().isTerminal()) {
                return _ -> {};
            }
            return now -> {
                double done = now.allBytes() == 0 ? 1 : (double) now.bytes() / now.allBytes();
                int full = (int) Math.round(done * BAR);
                err.print("\r\033[K[%s%s] %3.0f %%  %,d of %,d files, %,d of %,d MB  %s%s"
                        .formatted(
                                "#".repeat(full),
                                ".".repeat(BAR - full),
                                done * 100,
                                now.files(),
                                now.allFiles(),
                                now.bytes() >> 20,
                                now.allBytes() >> 20,
                                now.table(),
                                now.files() == now.allFiles() ? "\n" : ""));
                err.flush();
            };
        }

        private void show(Map<String, LakeMove.Moved> moved) {
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(ServerClient.JSON.writeValueAsString(Map.of("place", to, "tables", moved)));
                return;
            }
            Table table = new Table("TABLE", "ROWS", "FILES", "BYTES", "SHA-256 OF ALL");
            moved.forEach((name, one) -> table.row(
                    name,
                    "%,d".formatted(one.rows()),
                    "%,d".formatted(one.files()),
                    "%,d".formatted(one.bytes()),
                    one.sha256().substring(0, SHOWN_DIGITS)));
            table.print(out);
        }

        private void hints(boolean home, Warehouse warehouse, Path lake) {
            PrintWriter err = spec.commandLine().getErr();
            BucketSettings bucket = warehouse.bucket();
            String location = bucket == null ? "" : bucket.location();
            err.println("Every file was compared with its original, and the rows of every table.");
            if (home) {
                err.println("The lake is in the data folder now. Take these out of the settings, and start:");
                err.println("  lake.warehouse, lake.catalog, lake.catalog-user, lake.catalog-password-file");
                err.println("The old one is as it was. When you want it no more:");
                err.println("  aws s3 rm --recursive " + location + "/");
                err.println("  in " + warehouse.catalog().replaceFirst("\\?.*", "")
                        + ": DROP TABLE iceberg_tables, iceberg_namespace_properties");
            } else {
                err.println("The lake is in the bucket now. Put these into the server's settings and start it:");
                err.println("  lake.warehouse: " + location);
                err.println("  lake.catalog: " + warehouse.catalog().replaceFirst("\\?.*", ""));
                err.println("  and the keys lake.s3-* and lake.catalog-* of this move");
                err.println("The old one is as it was. When you want it no more (bash):");
                err.println("  " + LakeMove.removal(lake));
            }
            err.flush();
        }
    }
}
