package tributary.app.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/// A command line that was run in the JVM of a test: the same code as in a process of its own, without the second that
/// a process needs.
///
/// @param exit what the process would end with
public record CommandRun(int exit, String out, String err) {
    public static CommandRun of(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line =
                Commands.commandLine(arguments).setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int exit = line.execute(arguments);
        return new CommandRun(exit, out.toString(), err.toString());
    }
}
