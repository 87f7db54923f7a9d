package tributary.app;

import tributary.app.cli.Commands;

/// Where the process begins. Exit codes are [tributary.app.cli.ExitCode].
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(Commands.run(arguments));
    }
}
