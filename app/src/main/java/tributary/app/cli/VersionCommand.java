package tributary.app.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tributary.app.server.Version;

/// `tributary version`.
@Command(name = "version", description = "Print the version.")
final class VersionCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before any command runs
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().getOut().println("tributary " + Version.TEXT + ", Java " + Runtime.version());
        spec.commandLine().getOut().flush();
    }
}
