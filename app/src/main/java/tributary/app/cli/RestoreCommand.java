package tributary.app.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tributary.app.backup.BackupList;
import tributary.app.backup.Restore;
import tributary.lake.LakeMove;
import tributary.lake.Warehouse;
import tributary.model.PlatformException;

/// `tributary restore /mnt/backup --data new-folder`.
@Command(
        name = "restore",
        description = {
            "Make a data folder of a backup. Checksums of all files and rows of all tables are compared.",
            "The folder must be empty; then: tributary up --data DIR",
            "With --lake the history goes into a bucket, by settings as a server has them."
        })
final class RestoreCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before any command runs
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "the folder of backups")
    @SuppressWarnings("NullAway.Init") // set by picocli before any command runs
    private Path backup;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            required = true,
            description = "the data folder to make; empty or not there")
    @SuppressWarnings("NullAway.Init") // required
    private Path data;

    @Option(
            names = "--at",
            paramLabel = "WHEN",
            description = {
                "which backup, by its name; default: the newest. Or a moment between two backups: a time",
                "(2026-11-28T14:00:00Z), or the last message, as partition-position (0-1234)"
            })
    private @Nullable String at;

    @Option(
            names = "--lake",
            paramLabel = "PLACE",
            description = "s3://bucket/prefix, an empty place for the lake; default: the data folder")
    private @Nullable String lake;

    @Mixin
    private final BucketOptions settings = new BucketOptions();

    @Option(names = "--json", description = "print one JSON document")
    private boolean json;

    @Override
    public void run() {
        Path folder = data.toAbsolutePath().normalize();
        // Settings that are wrong are told before hours of copying.
        Warehouse bucket = lake == null ? Warehouse.FOLDER : settings.bucket(folder, lake);
        BackupList list = Restore.into(
                folder, backup, at, BackupCommand.told(spec.commandLine().getErr(), "restored"));
        if (bucket.bucket() != null) {
            move(folder.resolve("lake"), bucket);
        }
        BackupCommand.show(spec, json, list, Map.of());
    }

    /// Moves the lake that was restored, and leaves nothing of it in the folder: the backup has it.
    private void move(Path restored, Warehouse bucket) {
        if (!Files.exists(restored.resolve("catalog.db"))) {
            throw new CommandFailure(
                    ExitCode.FAILED,
                    "all of the backup is in " + data + ", and it has no lake that could go to " + lake,
                    "tributary up --data DIR   starts a server on it");
        }
        try {
            LakeMove.run(restored, Warehouse.FOLDER, bucket, _ -> {});
        } catch (PlatformException e) {
            throw new CommandFailure(
                    ExitCode.FAILED,
                    "all of the backup is in " + data + ", its lake too; only then: " + e.getMessage(),
                    "tributary lake move --to " + lake + " --data " + data
                            + "   goes on, with the same --config and --set");
        }
        LakeMove.forget(restored);
    }
}
