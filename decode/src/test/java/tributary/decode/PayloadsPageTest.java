package tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Every example of `docs/payloads.md` gives the readings that the page shows.
class PayloadsPageTest {
    private static final Pattern EXAMPLE =
            Pattern.compile("```payload(-hex)? (\\S+) (\\S+)\n(.*?)\n```\n```readings\n(.*?)\n```", Pattern.DOTALL);

    @Test
    void everyExampleGivesTheReadingsThatThePageShows() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "payloads.md"));
        Matcher example = EXAMPLE.matcher(page);
        int count = 0;
        while (example.find()) {
            byte[] payload = example.group(1) == null
                    ? Heard.utf8(example.group(4))
                    : HexFormat.of().parseHex(example.group(4).replace(" ", ""));
            Heard heard = Heard.of(new PayloadDecoder(), example.group(3), example.group(2), payload);
            List<String> said = new ArrayList<>(heard.readings);
            heard.rejections.forEach(rejection -> said.add("rejected " + rejection));
            assertThat(said)
                    .as(example.group(4))
                    .containsExactly(example.group(5).split("\n"));
            count++;
        }
        assertThat(count).as("examples found").isEqualTo(7);
        assertThat(page.split("```payload", -1)).as("each has its readings").hasSize(count + 1);
    }

    @Test
    void limitsOfThePageAreThoseOfTheCode() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "payloads.md"));
        assertThat(page)
                .contains("| nesting | " + JsonScanner.DEPTH_MAX + " levels |")
                .contains("| readings in one message | %,d |".formatted(Draft.READINGS_MAX))
                .contains("| path of a sensor | " + SensorPath.BYTES_MAX + " bytes")
                .contains("| text value | %,d bytes".formatted(Draft.TEXT_BYTES_MAX));
    }
}
