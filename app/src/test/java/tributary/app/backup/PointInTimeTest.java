package tributary.app.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tributary.lake.Warehouse;
import tributary.log.Batch;
import tributary.log.LogReader;
import tributary.log.LogSettings;
import tributary.log.Receipt;
import tributary.log.SegmentLog;
import tributary.model.DeviceId;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.Micros;
import tributary.model.PlatformException;
import tributary.model.TenantId;
import tributary.model.Topic;

/// What is restored as of a moment between two backups has every message until then, and none that came later.
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class PointInTimeTest {
    private static final int EACH = 400;

    @TempDir
    private Path temp;

    /// Of each message, by its text: when it was received, and where it stands.
    private final Map<String, Long> stamps = new TreeMap<>();

    private final Map<String, Place> places = new TreeMap<>();

    private record Place(int partition, long position) {}

    @Test
    void aMomentHasWhatWasReceivedUntilThen() throws Exception {
        List<String> backups = threeBackups();
        for (int step : List.of(0, 1, EACH / 2, EACH - 1)) {
            long moment = stamps.getOrDefault(name(1, step), 0L);
            Path data = temp.resolve("at-" + step);
            BackupList list = restore(data, Micros.text(moment));
            assertThat(list.name()).isEqualTo(backups.getFirst());
            assertThat(texts(data)).containsExactlyElementsOf(until(moment));
        }
    }

    @Test
    void aMessageIsTheLastThatIsThere() throws Exception {
        threeBackups();
        String last = name(2, EACH / 3);
        Place place = places.get(last);
        Path data = temp.resolve("at-message");
        restore(data, place.partition + "-" + place.position);
        assertThat(texts(data)).containsExactlyElementsOf(until(stamps.getOrDefault(last, 0L)));

        try (SegmentLog log = SegmentLog.open(LogSettings.DEFAULTS, data.resolve("log"), InstantSource.system())) {
            assertThat(log.damage()).isEmpty();
            append(log, "again", Micros.of(Instant.now()));
        }
        assertThat(texts(data)).contains("again").hasSize(1 + 2 * EACH + EACH / 3 + 1);
    }

    @Test
    void momentsThatNoTwoBackupsHoldAreRefused() throws Exception {
        List<String> backups = threeBackups();
        assertThatThrownBy(() -> restore(temp.resolve("a"), "2020-01-01T00:00:00Z"))
                .isInstanceOf(PlatformException.class)
                .hasMessageContaining("before the oldest backup, which is " + backups.getFirst());
        assertThatThrownBy(() -> restore(temp.resolve("b"), "2999-01-01T00:00:00Z"))
                .hasMessageContaining("after the newest backup, which is " + backups.getLast());
        assertThatThrownBy(() -> restore(temp.resolve("c"), "0-99999999")).hasMessageContaining("no backup has");
        assertThatThrownBy(() -> restore(temp.resolve("d"), "yesterday"))
                .hasMessageContaining("there is no backup yesterday")
                .hasMessageContaining("2026-11-28T14:00:00Z");
    }

    private BackupList restore(Path data, String at) {
        return Restore.into(data, temp.resolve("backup"), at, _ -> {});
    }

    /// Appends, makes a backup, and again; each message is stamped later than the backup before it and earlier
    /// than the one after it.
    private List<String> threeBackups() throws Exception {
        Path data = Files.createDirectories(temp.resolve("data"));
        List<String> names = new ArrayList<>();
        long stamp = Micros.of(Instant.now());
        for (int part = 0; part < 3; part++) {
            try (SegmentLog log = SegmentLog.open(LogSettings.DEFAULTS, data.resolve("log"), InstantSource.system())) {
                for (int i = 0; i < EACH; i++) {
                    stamp += 7;
                    append(log, name(part, i), stamp);
                }
                long after = stamp / 1000 + 2;
                while (Instant.now().toEpochMilli() < after) {
                    Thread.onSpinWait(); // a few milliseconds
                }
                names.add(Backup.make(data, temp.resolve("backup"), Warehouse.FOLDER, 7, _ -> {})
                        .list()
                        .name());
            }
            stamp = Math.max(stamp, Micros.of(Backup.made(names.getLast())) + 1000);
        }
        return names;
    }

    private static String name(int part, int number) {
        return "%d-%05d".formatted(part, number);
    }

    private List<String> until(long moment) {
        return stamps.entrySet().stream()
                .filter(stamp -> stamp.getValue() <= moment)
                .map(Map.Entry::getKey)
                .toList();
    }

    private void append(SegmentLog log, String text, long micros) throws InterruptedException {
        DeviceId device = new DeviceId("d" + Math.floorMod(text.hashCode(), 13));
        CountDownLatch done = new CountDownLatch(1);
        log.append(
                new Message(
                        TenantId.MAIN,
                        device,
                        new Topic("devices/" + device + "/telemetry"),
                        text.getBytes(StandardCharsets.UTF_8),
                        micros,
                        Message.Origin.MQTT,
                        "test",
                        1,
                        false,
                        MessageProperties.NONE),
                new Receipt() {
                    @Override
                    public void durable(int partition, long position) {
                        places.put(text, new Place(partition, position));
                        done.countDown();
                    }

                    @Override
                    public void refused(Fault fault, String detail) {
                        throw new AssertionError(detail);
                    }
                });
        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        stamps.put(text, micros);
    }

    /// @return the texts of all messages, sorted
    private static List<String> texts(Path data) {
        List<String> texts = new ArrayList<>();
        try (SegmentLog log = SegmentLog.open(LogSettings.DEFAULTS, data.resolve("log"), InstantSource.system());
                LogReader reader = log.reader()) {
            assertThat(log.damage()).isEmpty();
            IntStream.range(0, log.partitions()).forEach(partition -> reader.seek(partition, 0));
            for (Batch batch = reader.poll(Duration.ZERO); batch != null; batch = reader.poll(Duration.ZERO)) {
                for (int i = 0; i < batch.size(); i++) {
                    texts.add(new String(batch.message(i).payload(), StandardCharsets.UTF_8));
                }
            }
        }
        return texts.stream().sorted().toList();
    }
}
