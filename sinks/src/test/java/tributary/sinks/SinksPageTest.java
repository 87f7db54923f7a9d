package tributary.sinks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.sinks.amqp.AmqpType;
import tributary.sinks.folder.BucketType;
import tributary.sinks.folder.FolderType;
import tributary.sinks.http.NtfyType;
import tributary.sinks.http.SearchType;
import tributary.sinks.http.SlackType;
import tributary.sinks.http.WebhookType;
import tributary.sinks.kafka.KafkaType;
import tributary.sinks.mail.MailType;
import tributary.sinks.mqtt.MqttType;
import tributary.sinks.postgres.PostgresType;

/// The page on sinks has every field of every type with its default, and no other.
class SinksPageTest {
    private static final List<SinkType> TYPES = List.of(
            new WebhookType(),
            new NtfyType(),
            new SlackType(),
            new FolderType(),
            new BucketType(),
            new MqttType(),
            new KafkaType(),
            new AmqpType(),
            new SearchType(),
            new PostgresType(),
            new MailType());

    @TempDir
    Path folder;

    private static Map<String, String> table(String heading) throws IOException {
        String page = Files.readString(Path.of("..", "docs", "sinks.md"));
        int begin = page.indexOf("\n" + heading + "\n");
        assertThat(begin).as(heading).isPositive();
        int end = page.indexOf("\n#", begin + heading.length() + 1);
        Map<String, String> fields = new TreeMap<>();
        page.substring(begin, end)
                .lines()
                .filter(line -> line.startsWith("| `") || line.startsWith("| secret `"))
                .map(line -> line.split("\\|"))
                .forEach(cells -> fields.put(
                        cells[1].strip().replace("`", ""), cells[2].strip().replace("`", "")));
        return fields;
    }

    @Test
    void everyFieldOfEveryTypeIsOnThePageWithItsDefault() throws IOException {
        Map<String, String> common = table("## Fields of all types");
        for (SinkType type : TYPES) {
            Map<String, String> known = Harness.fields(type, folder);
            Map<String, String> shown = table("## " + type.name());
            TreeSet<String> own = new TreeSet<>(known.keySet());
            own.removeAll(common.keySet());
            assertThat(shown.keySet()).as(type.name()).isEqualTo(own);
            shown.forEach((field, fallback) -> {
                if (!fallback.equals("-") && !fallback.contains("<")) {
                    assertThat(known.get(field)).as(type.name() + " " + field).isEqualTo(fallback);
                }
            });
            common.forEach((field, fallback) -> {
                if (!fallback.equals("by type")) {
                    assertThat(known.get(field)).as(type.name() + " " + field).isEqualTo(fallback);
                }
            });
        }
    }
}
