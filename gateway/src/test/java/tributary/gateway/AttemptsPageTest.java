package tributary.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// `docs/attempts.md` knows what there is; its commands are run where the whole program is.
class AttemptsPageTest {
    @Test
    void everyCauseIsExplainedAndNoOther() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "attempts.md"));
        assertThat(Pattern.compile("(?m)^\\| `([a-z-]+)` \\| [^|]+ \\| [^|]+ \\|$")
                        .matcher(page)
                        .results()
                        .map(row -> row.group(1)))
                .containsExactlyElementsOf(
                        Arrays.stream(Cause.values()).map(Cause::slug).toList());
        assertThat(page)
                .contains(
                        "newest %,d".formatted(AttemptSettings.DEFAULTS.perTenantMax()),
                        "together %,d".formatted(AttemptSettings.DEFAULTS.totalMax()),
                        "one address " + RecentLines.OF_HOLDER_MAX,
                        RecentLines.NEW_A_SECOND + " new ones a second");
    }
}
