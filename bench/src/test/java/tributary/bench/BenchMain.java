package tributary.bench;

import picocli.CommandLine;

/// Runs the command without the rest of the product around it.
final class BenchMain {
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Bench()).execute(arguments));
    }
}
