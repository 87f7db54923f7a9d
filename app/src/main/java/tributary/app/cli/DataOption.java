package tributary.app.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/// Where a server's data is, for commands that look at it or at what the server said of itself there.
final class DataOption {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "data folder of the server; default: $TRIBUTARY_DATA, else ./tributary-data",
            defaultValue = "${env:TRIBUTARY_DATA:-tributary-data}")
    @SuppressWarnings("NullAway.Init") // has a default
    private Path data;

    Path path() {
        return data;
    }
}
