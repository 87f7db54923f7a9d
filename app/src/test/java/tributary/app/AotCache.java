package tributary.app;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What Java learns from a run of the packaged program, made once a build: with it the hundreds of processes of these
/// tests start as those of `./tributary` do, in half the time. Where it cannot be made they start without.
final class AotCache {
    /// For every process, so that what was learnt fits it.
    static final List<String> FLAGS = List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "-Xlog:disable",
            "-Xlog:all=off");

    private static final int MAKE_MINUTES_MAX = 5;
    private static final Path LIBRARY = Checkout.root().resolve("app/target/lib");
    private static final Path FILE = Checkout.root().resolve("app/target/aot/tests.aot");

    private static boolean looked;

    private AotCache() {}

    /// @return every jar of the program in the order of names: what was learnt is only used with the same class path
    static String classPath() {
        return jars("");
    }

    /// @return what makes Java use the file, or nothing
    static synchronized List<String> flag() {
        try {
            if (!looked && !fresh()) {
                make();
            }
            looked = true;
            return fresh() ? List.of("-XX:AOTCache=" + FILE) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while Java learnt", e);
        }
    }

    private static void make() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("sh", ".mvn/aot.sh", FILE.toString(), classPath()));
        command.add(Stream.of("jackson-", "jline-", "picocli-", "snakeyaml-", "tributary-")
                .map(AotCache::jars)
                .collect(Collectors.joining(File.pathSeparator)));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(FLAGS);
        Process making = new ProcessBuilder(command)
                .directory(Checkout.root().toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!making.waitFor(MAKE_MINUTES_MAX, TimeUnit.MINUTES)) {
            making.destroy();
        }
    }

    private static boolean fresh() throws IOException {
        if (!Files.exists(FILE)) {
            return false;
        }
        try (Stream<Path> jars = Files.list(LIBRARY)) {
            return jars.noneMatch(
                    jar -> jar.toFile().lastModified() >= FILE.toFile().lastModified());
        }
    }

    private static String jars(String start) {
        try (Stream<Path> jars = Files.list(LIBRARY)) {
            return jars.map(Path::toString)
                    .filter(jar -> jar.endsWith(".jar"))
                    .filter(jar -> Path.of(jar).getFileName().toString().startsWith(start))
                    .sorted()
                    .collect(Collectors.joining(File.pathSeparator));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
