package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.log.Receipt;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.MessageProperties.UserProperty;
import tributary.model.TenantId;
import tributary.model.Topic;

/// The table `messages`: what was published, as it was published.
class MessagesTableTest {
    private static final TenantId MAIN = TenantId.MAIN;
    private static final byte[] NOT_TEXT = {0, (byte) 0xFF, 'a'};

    @TempDir
    private Path folder;

    private static Message message(String device, byte[] payload, MessageProperties properties) {
        return new Message(
                MAIN,
                device == null ? null : new DeviceId(device),
                new Topic("plant/door"),
                payload,
                TimeUnit.MILLISECONDS.toMicros(InstantSource.system().millis()),
                Message.Origin.MQTT,
                "client-1",
                2,
                true,
                properties);
    }

    private static MessageProperties everything() {
        return new MessageProperties(
                "text/plain",
                "plant/answers",
                new byte[] {1, (byte) 0x80},
                3600,
                true,
                List.of(
                        new UserProperty("site", "no\"rth\\"),
                        new UserProperty("tag", "a"),
                        new UserProperty("tag", "\u00fc\n")));
    }

    @Test
    void everythingThatWasSaidIsKeptHotInFilesAndOverARestart() {
        World world = new World(folder, 2, 10);
        List<Map<String, String>> hot;
        try (IcebergLake lake = world.open()) {
            world.log.append(
                    message("a", "gr\u00fc\u00df".getBytes(StandardCharsets.UTF_8), everything()), Receipt.NONE);
            world.log.append(message(null, NOT_TEXT, MessageProperties.NONE), Receipt.NONE);
            world.log.append(message("b", new byte[0], MessageProperties.NONE), Receipt.NONE);
            world.log.append(message("c", new byte[] {(byte) 0xC3}, MessageProperties.NONE), Receipt.NONE);
            world.awaitVisible(lake);
            hot = SideContents.of(lake.snapshot(MAIN), Side.MESSAGES);
            assertThat(hot).hasSize(4);
            assertThat(hot)
                    .anySatisfy(row -> assertThat(row)
                            .containsEntry("device", "a")
                            .containsEntry("topic", "plant/door")
                            .containsEntry("payload", "6772C3BCC39F")
                            .containsEntry("content_type", "text/plain")
                            .containsEntry("qos", "2")
                            .containsEntry("retain", "true")
                            .containsEntry(
                                    "user_properties", "{\"site\":\"no\\\"rth\\\\\",\"tag\":[\"a\",\"\u00fc\\u000a\"]}")
                            .containsEntry("response_topic", "plant/answers")
                            .containsEntry("correlation_data", "0180")
                            .containsEntry("expiry_seconds", "3600")
                            .containsEntry("origin", "mqtt")
                            .containsEntry("publisher", "client-1"));
            assertThat(hot)
                    .anySatisfy(row -> assertThat(row)
                            .containsEntry("payload", "00FF61")
                            .doesNotContainKeys("device", "content_type", "user_properties", "expiry_seconds"));
        }
        try (IcebergLake lake = world.open()) {
            Snapshot sealed = lake.snapshot(MAIN);
            assertThat(sealed.side(Side.MESSAGES).hot()).isEmpty();
            assertThat(SideContents.of(sealed, Side.MESSAGES)).containsExactlyInAnyOrderElementsOf(hot);
            assertThat(sealed.side(Side.MESSAGES).files())
                    .singleElement()
                    .matches(file -> file.rows() == 4 && file.minTsMicros() <= file.maxTsMicros());
        }
    }

    @Test
    void ofManyPagesEachRowIsFoundAndALargePayloadHasItsOwn() {
        World world = new World(folder, 1, 10);
        try (IcebergLake lake = world.open()) {
            for (int i = 0; i < 3_000; i++) {
                byte[] payload = new byte[i == 1_500 ? 2_000_000 : i % 700];
                Arrays.fill(payload, (byte) ('a' + i % 26));
                world.log.append(message("d" + i % 7, payload, MessageProperties.NONE), Receipt.NONE);
            }
            world.awaitVisible(lake);
            assertSizes(lake.snapshot(MAIN));
        }
        try (IcebergLake lake = world.open()) {
            assertSizes(lake.snapshot(MAIN));
        }
    }

    private static void assertSizes(Snapshot snapshot) {
        List<Map<String, String>> rows = SideContents.of(snapshot, Side.MESSAGES);
        assertThat(rows).hasSize(3_000);
        for (Map<String, String> row : rows) {
            int i = Integer.parseInt(row.get("position"));
            assertThat(row.get("payload")).hasSize(2 * (i == 1_500 ? 2_000_000 : i % 700));
            assertThat(row).containsEntry("device", "d" + i % 7);
        }
    }

    @Test
    void nothingIsKeptWhereItIsSwitchedOffAndOthersGoOn() {
        World world = new World(folder, 1, 10);
        world.keep(new LakeSettings.Sides(false, Duration.ofDays(1), 128L << 20));
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "x 1 1", "rubbish");
            world.awaitVisible(lake);
            assertThat(SideContents.of(lake.snapshot(MAIN), Side.MESSAGES)).isEmpty();
            assertThat(SideContents.of(lake.snapshot(MAIN), Side.REJECTED)).hasSize(1);
        }
        assertThat(folder.resolve("main/messages")).doesNotExist();
    }

    @Test
    void messagesOlderThanTheirTimeGoAndTheTableGoesOnWhereItStood() throws Exception {
        World world = new World(folder, 1, 10);
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "x 1 1"); // received in 2023
            world.awaitVisible(lake);
        }
        world.keep(new LakeSettings.Sides(true, Duration.ofDays(1), 128L << 20));
        try (IcebergLake lake = world.open()) {
            world.log.append(message("b", "new".getBytes(), MessageProperties.NONE), Receipt.NONE);
            world.awaitVisible(lake);
            lake.careNow();
        }
        try (IcebergLake lake = world.open()) {
            assertThat(SideContents.of(lake.snapshot(MAIN), Side.MESSAGES))
                    .singleElement()
                    .satisfies(row -> assertThat(row).containsEntry("device", "b"));
            assertThat(World.rows(lake.snapshot(MAIN))).containsOnlyKeys("a x 1");
        }
        try (LakeCatalog catalog = LakeCatalog.open(folder)) {
            LakeCatalog.Kind kind = LakeCatalog.Kind.of(Side.MESSAGES);
            assertThat(new LakeTable(catalog.table(MAIN, kind), kind, catalog.store()).positions())
                    .containsExactly(2);
            new LakeTable(catalog.table(MAIN, kind), kind, catalog.store()).expire(Long.MAX_VALUE);
        }
        try (Stream<Path> files = Files.walk(folder.resolve("main/messages/data"))) {
            assertThat(files.filter(Files::isRegularFile))
                    .as("old files are gone from the disk")
                    .hasSize(1);
        }
    }

    @Test
    void aLakeWithLittleRoomForThemStillTakesAll() {
        World world = new World(folder, 1, 50);
        world.keep(new LakeSettings.Sides(true, Duration.ofDays(1), 1 << 20));
        try (IcebergLake lake = world.open()) {
            for (int i = 0; i < 400; i++) {
                world.log.append(message("d", new byte[20_000], MessageProperties.NONE), Receipt.NONE);
            }
            world.awaitVisible(lake);
            Snapshot snapshot = lake.snapshot(MAIN);
            assertThat(snapshot.side(Side.MESSAGES).hot()).hasSizeLessThan(60);
        }
        try (IcebergLake lake = world.open()) {
            assertThat(SideContents.of(lake.snapshot(MAIN), Side.MESSAGES)).hasSize(400);
        }
    }
}
