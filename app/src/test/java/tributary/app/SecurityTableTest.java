package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// `docs/security.md` has a row for everything that is to hold against attacks, and every test that it names runs.
class SecurityTableTest {
    private static final int LAST = 47;

    @Test
    void everyRowNamesTestsThatRun() throws IOException {
        Map<String, Set<String>> tests = ConformanceTableTest.tests();
        List<Integer> numbers = new ArrayList<>();
        List<String> wrong = new ArrayList<>();
        for (String line : Files.readAllLines(Checkout.root().resolve("docs/security.md"))) {
            if (!line.matches("\\| \\d+ \\|.*")) {
                continue;
            }
            String[] cells = line.split("\\|");
            assertThat(cells).as(line).hasSize(4);
            numbers.add(Integer.parseInt(cells[1].strip()));
            List<MatchResult> named =
                    ConformanceTableTest.NAMED.matcher(cells[3]).results().toList();
            if (named.isEmpty()) {
                wrong.add(cells[1] + "names no test");
            }
            for (MatchResult test : named) {
                if (!tests.getOrDefault(test.group(1), Set.of()).contains(test.group(2))) {
                    wrong.add(cells[1] + "names " + test.group() + ", which does not run");
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(numbers)
                .doesNotHaveDuplicates()
                .containsAll(IntStream.rangeClosed(1, LAST).boxed().toList());
    }
}
