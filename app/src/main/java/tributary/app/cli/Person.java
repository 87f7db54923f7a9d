package tributary.app.cli;

import java.io.Console;
import org.jspecify.annotations.Nullable;

/// The person at the terminal, where there is one.
final class Person {
    private Person() {}

    /// @return whether somebody reads standard output and can answer
    static boolean present() {
        return console() != null;
    }

    /// @return the terminal, or null where input or output is a pipe or a file
    @SuppressWarnings("SystemConsoleNull") // null where the runtime image lacks its terminal module
    static @Nullable Console console() {
        Console console = System.console();
        return console != null && console.isTerminal() ? console : null;
    }
}
