package tributary.app.score;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import tributary.app.Checkout;

/// A library in C out of `app/src/test/native`, compiled for a process that is started with `LD_PRELOAD`.
final class NativeLibrary {
    private NativeLibrary() {}

    /// @param work a folder for what is compiled
    static Path compile(String name, Path work) throws IOException, InterruptedException {
        Path library = work.resolve(name + ".so");
        Path source = Checkout.root().resolve("app/src/test/native/" + name + ".c");
        Process compiler = new ProcessBuilder(
                        "cc",
                        "-O2",
                        "-shared",
                        "-fPIC",
                        "-o",
                        library.toString(),
                        source.toString(),
                        "-ldl",
                        "-lpthread")
                .inheritIO()
                .start();
        if (!compiler.waitFor(60, TimeUnit.SECONDS) || compiler.exitValue() != 0) {
            throw new IllegalStateException(
                    source + " does not compile; a C compiler is needed: apt install gcc libc6-dev");
        }
        return library;
    }
}
