package tributary.app.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tributary.app.server.Version;

/// `tributary version`.
@Command(name = "version", description = "Print the version.")
final class VersionCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before any command runs
    private CommandSpec spec;

    @Option(names = "--json", description = "print one JSON document")
    private boolean json;

    @Override
    public void run() {
        String java = Runtime.version().toString();
        spec.commandLine()
                .getOut()
                .println(
                        json
                                ? "{\"version\":\"" + Version.TEXT + "\",\"java\":\"" + java + "\"}"
                                : "tributary " + Version.TEXT + ", Java " + java);
        spec.commandLine().getOut().flush();
    }
}
