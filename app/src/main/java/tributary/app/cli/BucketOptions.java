package tributary.app.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tributary.app.server.Configuration;
import tributary.lake.Warehouse;

/// The settings by which a command reaches the bucket that a lake comes from or goes to.
final class BucketOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "the server's settings in YAML; default: tributary.yaml where it exists")
    private @Nullable Path config;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "any setting of docs/config.md: lake.catalog, lake.s3-endpoint, ...")
    private Map<String, String> set = new LinkedHashMap<>();

    /// @param place where the lake is to be, or null for the one that the settings name
    Warehouse bucket(Path data, @Nullable String place) {
        Map<String, String> flags = new LinkedHashMap<>(set);
        flags.put("data", data.toString());
        if (place != null) {
            flags.put("lake.warehouse", place);
        }
        if (config != null && !config.toFile().canRead()) {
            throw new CommandFailure(ExitCode.NOT_FOUND, "cannot read " + config, "");
        }
        Path file = config == null ? Path.of("tributary.yaml") : config;
        Warehouse bucket =
                Configuration.read(file, System.getenv(), flags).lake().warehouse();
        if (bucket.bucket() == null) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "the settings name no bucket for the lake",
                    "--config FILE, or --set lake.warehouse=s3://... --set lake.catalog=jdbc:postgresql://...");
        }
        return bucket;
    }
}
