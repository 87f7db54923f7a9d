package tributary.bench;

import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/// Tells who waits how far a run is.
final class Notes {
    private Notes() {}

    static void say(@Nullable CommandSpec spec, String text) {
        if (spec != null) {
            PrintWriter err = spec.commandLine().getErr();
            err.println(text);
            err.flush();
        }
    }
}
