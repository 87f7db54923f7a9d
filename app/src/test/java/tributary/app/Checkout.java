package tributary.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The checkout that these tests run in.
public final class Checkout {
    private Checkout() {}

    /// @return the folder with the launcher in it
    public static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs/layout.md"))) {
            folder = folder.getParent();
            if (folder == null) {
                throw new IllegalStateException("these tests run inside a checkout; docs/layout.md was not found above "
                        + Path.of("").toAbsolutePath());
            }
        }
        return folder;
    }

    /// @return every `.java` file below a `src/main/java`
    static List<Path> productSources() throws IOException {
        return sources("src/main/java");
    }

    /// @return every `.java` file below a `src/test/java`
    static List<Path> testSources() throws IOException {
        return sources("src/test/java");
    }

    private static List<Path> sources(String kind) throws IOException {
        try (Stream<Path> files = Files.walk(root())) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> file.toString().contains("/" + kind + "/"))
                    .filter(file -> !file.toString().contains("/target/"))
                    .sorted()
                    .toList();
        }
    }
}
