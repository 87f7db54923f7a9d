package tributary.app.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tributary.app.backup.BackupList;
import tributary.app.backup.Restore;

/// `tributary restore /mnt/backup --data new-folder`.
@Command(
        name = "restore",
        description = {
            "Make a data folder of a backup. Checksums of all files and rows of all tables are compared.",
            "The folder must be empty; then: tributary up --data DIR"
        })
final class RestoreCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before any command runs
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "the folder of backups")
    @SuppressWarnings("NullAway.Init") // set by picocli before any command runs
    private Path folder;

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

    @Option(names = "--json", description = "print one JSON document")
    private boolean json;

    @Override
    public void run() {
        BackupList list = Restore.into(
                data.toAbsolutePath().normalize(),
                folder,
                at,
                BackupCommand.told(spec.commandLine().getErr(), "restored"));
        BackupCommand.show(spec, json, list, Map.of());
    }
}
