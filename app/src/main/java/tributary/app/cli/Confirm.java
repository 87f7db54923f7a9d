package tributary.app.cli;

import java.io.Console;
import java.io.PrintWriter;

/// Asks before something is destroyed.
final class Confirm {
    private Confirm() {}

    /// Returns where the answer is yes.
    ///
    /// @throws CommandFailure where it is no, or where nobody can be asked
    static void ask(String question, boolean yes, PrintWriter err) {
        if (yes) {
            return;
        }
        Console console = Person.console();
        if (console == null) {
            throw new CommandFailure(ExitCode.USAGE, question + " Nobody can be asked here.", "--yes      says yes");
        }
        err.print(question + " [y/N] ");
        err.flush();
        String answer = console.readLine();
        if (answer == null || !answer.strip().equalsIgnoreCase("y")) {
            throw new CommandFailure(ExitCode.FAILED, "nothing was changed", "");
        }
    }
}
