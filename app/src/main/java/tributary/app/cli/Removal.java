package tributary.app.cli;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What every `rm NAME` has: it asks, removes and says so.
final class Removal {
    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Parameters(paramLabel = "NAME", description = "its name, as the list shows it")
    private String name = "";

    @Option(names = "--yes", description = "do not ask")
    private boolean yes;

    /// @param question with `%s` for the name
    /// @param path     of what has names, without one
    /// @param said     once it is gone, behind "removed NAME"
    void of(String question, String path, String said) {
        Confirm.ask(question.formatted(name), yes, server.err());
        server.client().delete(path + "/" + ServerClient.piece(name));
        server.err().println("removed " + name + said);
    }

    /// Likewise, with nothing more to say.
    void of(String question, String path) {
        of(question, path, "");
    }
}
