package tributary.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tributary.app.Checkout;

/// The page of the command line, and the command line.
class CliPageTest {
    @Test
    void thePageHasTheFieldsOfEveryList() throws IOException {
        Map<String, List<String>> documented = new LinkedHashMap<>();
        for (String line : Files.readAllLines(Checkout.root().resolve("docs/cli.md"))) {
            if (line.startsWith("| `tributary ")) {
                String[] cells = line.replace("`", "").split("\\|");
                documented.put(cells[1].strip(), List.of(cells[2].strip().split(" ")));
            }
        }

        assertThat(documented).containsExactlyInAnyOrderEntriesOf(ListedFields.all());
    }
}
