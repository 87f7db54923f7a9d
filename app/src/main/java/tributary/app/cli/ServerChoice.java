package tributary.app.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// Which server a command talks to, and where what it says goes.
abstract sealed class ServerChoice permits ServerOptions, Listing {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli before any command runs
    private CommandSpec spec;

    @Mixin
    private final DataOption data = new DataOption();

    @Option(names = "--server", paramLabel = "URL", description = "another server than the one on the data folder")
    private @Nullable URI server;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description = "API key for --server; default: $TRIBUTARY_KEY",
            defaultValue = "${env:TRIBUTARY_KEY}")
    private @Nullable String key;

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description = "PEM file with the authority to trust for an https --server; default: the system's")
    private @Nullable Path ca;

    @Option(
            names = {"-v", "--verbose"},
            description = "print each REST call as a curl line on stderr")
    private boolean verbose;

    ServerClient client() {
        if (server == null) {
            return ServerClient.of(data.path(), this::trace);
        }
        if (key == null) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--server needs an API key", "--key KEY, or TRIBUTARY_KEY in the environment");
        }
        return new ServerClient(server, key, ca == null ? null : Trust.of(ca), this::trace);
    }

    /// @return where MQTT of the server on the data folder is
    InetSocketAddress mqtt() {
        if (server != null) {
            return new InetSocketAddress(server.getHost(), 1883);
        }
        try {
            JsonNode found =
                    ServerClient.JSON.readTree(Files.readString(data.path().resolve("server.json")));
            URI uri = URI.create(found.path("mqtt").asString());
            return new InetSocketAddress(uri.getHost(), uri.getPort());
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.CANNOT_CONNECT,
                    "no server runs on the data folder " + data.path(),
                    "tributary up      starts one");
        }
    }

    Path data() {
        return data.path();
    }

    /// @return where data goes
    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /// @return where hints and progress go
    PrintWriter err() {
        return spec.commandLine().getErr();
    }

    private void trace(String line) {
        if (verbose) {
            err().println(line);
            err().flush();
        }
    }
}
