package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The packaged program has every library that it needs. A library that the tests of this module ask for in their own
/// scope would be left out, and be missed only when something is sent to another broker.
class LibrariesIT {
    private static final Pattern NAME = Pattern.compile("`([a-z0-9-_]+)`");

    @Test
    void everyLibraryOfTheProductIsPackaged() throws IOException {
        List<String> jars;
        try (Stream<Path> files = Files.list(Checkout.root().resolve("app/target/lib"))) {
            jars = files.map(file -> file.getFileName().toString()).toList();
        }
        List<String> missing = new ArrayList<>();
        for (String library : product()) {
            if (jars.stream().noneMatch(jar -> jar.matches(Pattern.quote(library) + "-\\d.*\\.jar"))) {
                missing.add(library);
            }
        }
        assertThat(missing).isEmpty();
        assertThat(jars).as("and no test's").noneMatch(jar -> jar.startsWith("junit") || jar.startsWith("artemis"));
    }

    private static List<String> product() throws IOException {
        String page = Files.readString(Checkout.root().resolve("docs/dependencies.md"));
        String table = page.substring(page.indexOf("## In the product"), page.indexOf("## In the portal"));
        return table.lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("\\|")[1])
                .flatMap(cell -> NAME.matcher(cell).results())
                .map((MatchResult name) -> name.group(1))
                .toList();
    }
}
