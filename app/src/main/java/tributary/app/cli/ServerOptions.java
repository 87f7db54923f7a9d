package tributary.app.cli;

import picocli.CommandLine.Option;

/// What every command that talks to a server understands, but for lists: see [Listing].
final class ServerOptions extends ServerChoice {
    @Option(names = "--json", description = "print one JSON document (streams: one a line)")
    private boolean json;

    boolean json() {
        return json;
    }
}
