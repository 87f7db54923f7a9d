package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// House rules that a robot can see; each message names what to use instead.
class TidyTest {
    private static final int FILE_LINES_MAX = 500;
    private static final int LINE_LENGTH_MAX = 120;

    /// What product code does not use.
    ///
    /// @param pattern what is looked for in a line without its strings and comments
    /// @param instead what to use
    /// @param exempt  path pieces where it is right
    private record Ban(Pattern pattern, String instead, List<String> exempt) {
        static Ban of(String pattern, String instead, String... exempt) {
            return new Ban(Pattern.compile(pattern), instead, List.of(exempt));
        }
    }

    private static final List<Ban> BANS = List.of(
            Ban.of("\\bInstant\\.now\\(\\)", "an InstantSource given to the constructor"),
            Ban.of("\\bSystem\\.currentTimeMillis\\(", "an InstantSource given to the constructor"),
            Ban.of("\\bThread\\.sleep\\(", "a wait on what you wait for, with a deadline"),
            Ban.of("\\bnew Thread\\(", "Thread.ofPlatform().name(...) or Thread.ofVirtual().name(...)"),
            Ban.of("\\bSystem\\.exit\\(", "an exit code returned to Main", "app/", "query/"),
            Ban.of(
                    "\\bSystem\\.(out|err)\\b",
                    "a logger, or the command's own writer",
                    "app/",
                    "bench/",
                    "simulator/",
                    "query/"),
            Ban.of("\\bvar [a-z]\\w* =", "the type: types are documentation"),
            Ban.of(
                    "\\bMath\\.random\\(|\\bnew Random\\(\\)|ThreadLocalRandom",
                    "a RandomGenerator given to the constructor"),
            Ban.of("\\bprintStackTrace\\(", "a logger with the exception", "app/"),
            Ban.of(
                    "\\bObject(In|Out)putStream\\b",
                    "JSON: whoever writes Java objects can run code where they are read"),
            Ban.of("@author", "the history: there are no author tags"));

    private static final Pattern EMPTY_NOUN = Pattern.compile(
            "^(?:public )?(?:sealed |final |abstract |non-sealed )*(?:class|interface|record|enum) "
                    + "(\\w*(?:Impl|Util|Utils|Manager|Helper|Helpers)|(?:Base|Default|Abstract)[A-Z]\\w*)\\b",
            Pattern.MULTILINE);

    @Test
    void productCodeUsesNothingThatIsBanned() throws IOException {
        List<String> breaches = new ArrayList<>();
        for (Path file : Checkout.productSources()) {
            String path = relative(file);
            int number = 0;
            for (String line : Files.readAllLines(file)) {
                number++;
                String code =
                        line.replaceAll("\"(?:[^\"\\\\]|\\\\.)*\"", "\"\"").replaceAll("//.*", "");
                for (Ban ban : BANS) {
                    if (ban.pattern().matcher(code).find()
                            && ban.exempt().stream().noneMatch(path::startsWith)) {
                        breaches.add(
                                "%s:%d   %s is banned, use %s".formatted(path, number, code.strip(), ban.instead()));
                    }
                }
            }
        }
        assertThat(breaches).isEmpty();
    }

    @Test
    void noTypeHasANameThatSaysNothing() throws IOException {
        List<String> breaches = new ArrayList<>();
        for (Path file : Checkout.productSources()) {
            EMPTY_NOUN
                    .matcher(Files.readString(file))
                    .results()
                    .forEach(m -> breaches.add(relative(file) + "   " + m.group(1) + ": name what differs"));
        }
        assertThat(breaches).isEmpty();
    }

    @Test
    void filesAndLinesAreShortEnoughToRead() throws IOException {
        List<String> breaches = new ArrayList<>();
        List<Path> all = new ArrayList<>(Checkout.productSources());
        all.addAll(Checkout.testSources());
        for (Path file : all) {
            List<String> lines = Files.readAllLines(file);
            boolean product = relative(file).contains("src/main");
            if (product && lines.size() > FILE_LINES_MAX) {
                breaches.add("%s has %d lines, limit %d: which part has a name of its own?"
                        .formatted(relative(file), lines.size(), FILE_LINES_MAX));
            }
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                if (line.length() > LINE_LENGTH_MAX
                        && !line.contains("\"\"\"")
                        && !line.strip().startsWith("\"")
                        && product) {
                    breaches.add("%s:%d has %d characters, limit %d"
                            .formatted(relative(file), i + 1, line.length(), LINE_LENGTH_MAX));
                }
            }
        }
        assertThat(breaches).isEmpty();
    }

    private static String relative(Path file) {
        return Checkout.root().relativize(file).toString();
    }
}
