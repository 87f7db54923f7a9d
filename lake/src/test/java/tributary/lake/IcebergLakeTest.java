package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.decode.PayloadDecoder;
import tributary.log.Receipt;
import tributary.model.DeviceId;
import tributary.model.Event;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;

class IcebergLakeTest {
    private static final TenantId MAIN = TenantId.MAIN;
    private static final long DAY = 86_400_000_000L;

    @TempDir
    Path folder;

    @Test
    void whatTheLogHasIsSeenHotThenInFilesAndAfterReopening() {
        World world = new World(folder, 2, 3);
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "boiler-7", "temp 1000 21.5", "door.open 1000 true", "state 1000 \"warm\"");
            world.send(MAIN, "boiler-7", "temp 2000 22");
            world.send(MAIN, "pump-1", "rpm " + 3 * DAY + " 900");
            world.awaitVisible(lake);
            Snapshot hot = lake.snapshot(MAIN);
            assertThat(hot.readings()).isEmpty();
            assertThat(World.rows(hot)).isEqualTo(world.expected(MAIN)).hasSize(5);
        }
        try (IcebergLake lake = world.open()) {
            Snapshot sealed = lake.snapshot(MAIN);
            assertThat(sealed.hot()).isEmpty();
            assertThat(sealed.readings()).as("one file a day").hasSize(2);
            assertThat(sealed.readings()).noneMatch(Snapshot.DataFile::hasLate);
            assertThat(World.rows(sealed)).isEqualTo(world.expected(MAIN));
            world.send(MAIN, "boiler-7", "temp 4000 23");
            world.awaitVisible(lake);
            assertThat(World.rows(lake.snapshot(MAIN)))
                    .isEqualTo(world.expected(MAIN))
                    .hasSize(6);
        }
    }

    @Test
    void rowsOfAMessageAreFoundInMemoryAndThenInTheirFile() {
        World world = new World(folder, 1, 10);
        Lake.Sought sought = new Lake.Sought("boiler-7", 0, 1, 1_700_000_000_002_000L, 0, 10_000);
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "boiler-7", "temp 1000 21.5");
            world.send(MAIN, "boiler-7", "temp 2000 22", "rpm 2000 900", "nonsense");
            world.awaitVisible(lake);
            assertThat(lake.whereabouts(MAIN, sought))
                    .containsExactlyInAnyOrder(
                            new Lake.Kept("readings", "", 2),
                            new Lake.Kept("rejected", "", 1),
                            new Lake.Kept("messages", "", 1));
            assertThat(lake.whereabouts(new TenantId("other"), sought)).isEmpty();
        }
        try (IcebergLake lake = world.open()) {
            List<Lake.Kept> kept = lake.whereabouts(MAIN, sought);
            assertThat(kept)
                    .extracting(Lake.Kept::table, Lake.Kept::rows)
                    .containsExactlyInAnyOrder(
                            Tuple.tuple("readings", 2L), Tuple.tuple("rejected", 1L), Tuple.tuple("messages", 1L));
            assertThat(kept)
                    .allMatch(found -> Files.exists(folder.resolve(found.file()))
                            && !found.file().isEmpty());
        }
    }

    @Test
    void theExampleOfTheReadmeRuns() {
        World world = new World(folder, 1, 1);
        MemoryLog log = world.log;
        Message boiler = new Message(
                MAIN,
                new DeviceId("boiler-7"),
                new Topic("devices/boiler-7/telemetry"),
                "{\"temperature\": 21.5}".getBytes(StandardCharsets.UTF_8),
                1_700_000_000_000_000L,
                Message.Origin.HTTP,
                "test",
                1,
                false,
                MessageProperties.NONE);
        log.append(boiler, Receipt.NONE);
        List<String> used = new ArrayList<>();
        LakeInputs inputs = new LakeInputs(log, new PayloadDecoder(), world.sensors, InstantSource.system());
        try (IcebergLake lake = IcebergLake.open(folder, LakeSettings.DEFAULTS, inputs)) {
            world.awaitVisible(lake);
            Snapshot snapshot = lake.snapshot(MAIN);
            for (Snapshot.HotSegment hot : snapshot.hot()) {
                used.add(hot.device(0) + " " + hot.sensor(0) + " " + hot.value(0));
            }
            assertThat(lake.latest(MAIN, new DeviceId("boiler-7"))).hasSize(1);
        }
        assertThat(used).containsExactly("boiler-7 temperature 21.5");
    }

    @Test
    void aSnapshotTakenBeforeASealStaysAsItWas() {
        World world = new World(folder, 1, 10);
        world.sealEvery(2);
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "x 1 1");
            world.awaitVisible(lake);
            Snapshot before = lake.snapshot(MAIN);
            world.send(MAIN, "a", "x 2 2");
            World.await(() -> lake.snapshot(MAIN).readings().size() == 1);
            assertThat(World.rows(before)).containsOnlyKeys("a x 1");
            assertThat(World.rows(lake.snapshot(MAIN))).containsOnlyKeys("a x 1", "a x 2");
        }
    }

    @Test
    void theLastReadingOfASensorIsKnownAfterReopeningWithAndWithoutTheCheckpoint() throws Exception {
        World world = new World(folder, 2, 3);
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "x 5 1", "s 5 \"on\"");
            world.send(MAIN, "a", "x 4 2", "b 1 true");
            world.awaitVisible(lake);
            assertThat(lake.latest(MAIN, new DeviceId("a")))
                    .extracting(Lake.LatestValue::sensor, Lake.LatestValue::tsMicros, Lake.LatestValue::value)
                    .contains(Tuple.tuple("x", 5L, 1.0));
        }
        List<Lake.LatestValue> first;
        try (IcebergLake lake = world.open()) {
            first = lake.latest(MAIN, new DeviceId("a"));
            assertThat(first).hasSize(3);
        }
        Path checkpoint = folder.resolve("main").resolve("newest.bin");
        byte[] bytes = Files.readAllBytes(checkpoint);
        bytes[30] ^= 1;
        Files.write(checkpoint, bytes);
        try (IcebergLake lake = world.open()) {
            assertThat(lake.latest(MAIN, new DeviceId("a"))).containsExactlyInAnyOrderElementsOf(first);
        }
        Files.delete(checkpoint);
        try (IcebergLake lake = world.open()) {
            assertThat(lake.latest(MAIN, new DeviceId("a"))).containsExactlyInAnyOrderElementsOf(first);
        }
    }

    @Test
    void whatCannotBeDecodedIsKeptWithItsReason() {
        World world = new World(folder, 1, 10);
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "x 1 1", "rubbish");
            world.send(MAIN, "a", "bug");
            world.send(MAIN, "a", "x 2 2");
            world.awaitVisible(lake);
            Snapshot hot = lake.snapshot(MAIN);
            List<Map<String, String>> rejected = SideContents.of(hot, Side.REJECTED);
            assertThat(rejected).hasSize(2);
            assertThat(rejected.get(0)).containsEntry("reason", "not three words: rubbish");
            assertThat(rejected.get(1).get("reason")).startsWith("internal: the decoder failed");
            assertThat(rejected.get(1)).containsEntry("payload", "627567");
            assertThat(World.rows(hot)).containsOnlyKeys("a x 1", "a x 2");
            assertThat(lake.stats().rejected()).isEqualTo(2);
        }
        try (IcebergLake lake = world.open()) {
            Snapshot sealed = lake.snapshot(MAIN);
            assertThat(sealed.side(Side.REJECTED).hot()).isEmpty();
            assertThat(sealed.side(Side.REJECTED).files()).singleElement().matches(file -> file.rows() == 2);
            assertThat(SideContents.of(sealed, Side.REJECTED))
                    .extracting(row -> row.get("payload"))
                    .containsExactly("78203120310A72756262697368", "627567");
        }
    }

    @Test
    void eventsAreRowsOfTheirOwnHotAndSealed() {
        World world = new World(folder, 1, 10);
        List<String> expected =
                List.of("a connected mqtt through gw: because 'x' 3", "null started null through null: null 1");
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "x 1 1");
            world.happens(World.event(MAIN, "a", Event.Kind.CONNECTED));
            world.happens(World.event(MAIN, null, Event.Kind.STARTED));
            world.awaitVisible(lake);
            Snapshot hot = lake.snapshot(MAIN);
            assertThat(World.events(hot)).isEqualTo(expected);
            assertThat(SideContents.of(hot, Side.EVENTS)).hasSize(2);
            assertThat(World.rows(hot)).containsOnlyKeys("a x 1");
            assertThat(SideContents.of(hot, Side.REJECTED)).isEmpty();
        }
        try (IcebergLake lake = world.open()) {
            Snapshot sealed = lake.snapshot(MAIN);
            assertThat(sealed.side(Side.EVENTS).hot()).isEmpty();
            assertThat(sealed.side(Side.EVENTS).files()).hasSize(1);
            assertThat(World.events(sealed)).isEqualTo(expected);
            assertThat(lake.visibleUpTo(0)).isEqualTo(3);
        }
    }

    @Test
    void eventsAloneAreSealedWhenTheyAreOldAndLetTheLogGo() {
        World world = new World(folder, 1, 10);
        world.settings = new LakeSettings(
                world.settings.sealRows(),
                Duration.ofMillis(100),
                Duration.ofMillis(100),
                world.settings.hotRowsMax(),
                world.settings.seriesMax(),
                world.settings.duckMemoryBytes(),
                world.settings.keepSnapshots(),
                world.settings.checkpointEvery());
        try (IcebergLake lake = world.open()) {
            world.happens(World.event(MAIN, "a", Event.Kind.CONNECTED));
            World.await(() -> lake.snapshot(MAIN).side(Side.EVENTS).files().size() == 1);
            world.happens(World.event(MAIN, "a", Event.Kind.DISCONNECTED));
            World.await(() -> lake.snapshot(MAIN).side(Side.EVENTS).files().size() == 2);
            assertThat(World.events(lake.snapshot(MAIN))).hasSize(2);
        }
    }

    @Test
    void aReadingSentAgainReplacesTheOldOneAcrossFilesAndOtherEnginesAgree() throws Exception {
        World world = new World(folder, 1, 10);
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "x 1 1", "x 2 2", "x 2 3");
            world.awaitVisible(lake);
            assertThat(lake.snapshot(MAIN).hot().getFirst().rows())
                    .as("one row a key of a message")
                    .isEqualTo(2);
        }
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "x 1 10");
            world.awaitVisible(lake);
            assertThat(World.rows(lake.snapshot(MAIN)))
                    .containsEntry("a x 1", "10.0")
                    .containsEntry("a x 2", "3.0");
        }
        try (IcebergLake lake = world.open()) {
            assertThat(lake.snapshot(MAIN).readings())
                    .extracting(Snapshot.DataFile::hasLate)
                    .containsExactlyInAnyOrder(false, true);
            assertThat(World.rows(lake.snapshot(MAIN))).isEqualTo(world.expected(MAIN));
        }
        assertThat(IcebergView.rows(folder, MAIN)).isEqualTo(world.expected(MAIN));
    }

    @Test
    void whatComesOutOfOrderWithinOneSegmentIsNotLateInItsFile() {
        World world = new World(folder, 1, 10);
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "x 5 1");
            world.send(MAIN, "a", "x 3 1");
            world.send(MAIN, "a", "x 3 2");
            world.awaitVisible(lake);
            assertThat(lake.snapshot(MAIN).hot().getFirst().hasLate()).isTrue();
        }
        try (IcebergLake lake = world.open()) {
            assertThat(lake.snapshot(MAIN).readings())
                    .singleElement()
                    .matches(file -> !file.hasLate() && file.rows() == 2);
        }
    }

    @Test
    void aDiskThatRefusesKeepsRowsHotAndTheLogUnread() throws Exception {
        World world = new World(folder, 1, 1);
        world.settings = new LakeSettings(
                2,
                Duration.ofHours(1),
                Duration.ofHours(1),
                4,
                1000,
                128L << 20,
                Duration.ofMinutes(15),
                Duration.ofMinutes(5));
        Files.createDirectories(folder.resolve("main"));
        Path inTheWay = Files.writeString(folder.resolve("main/readings"), "a file where a folder belongs");
        try (IcebergLake lake = world.open()) {
            for (int i = 0; i < 20; i++) {
                world.send(MAIN, "a", "x " + i + " " + i);
            }
            World.await(() -> lake.trouble().isPresent() && lake.visibleUpTo(0) == 4);
            assertThat(lake.trouble()).get().asString().contains("tenant main").contains("cannot");
            assertThat(World.rows(lake.snapshot(MAIN))).hasSize(4);
            assertThat(lake.stats().lagRecords()).isEqualTo(16);
            Files.delete(inTheWay);
            world.awaitVisible(lake);
            assertThat(World.rows(lake.snapshot(MAIN))).isEqualTo(world.expected(MAIN));
            World.await(() -> lake.trouble().isEmpty());
        }
        assertThat(IcebergView.rows(folder, MAIN)).isEqualTo(world.expected(MAIN));
    }

    @Test
    void aLakeIsReadyOnceItsTablesAreReadHoweverLongThatTakes() throws Exception {
        World world = new World(folder, 1, 1);
        Path inTheWay = Files.createDirectories(folder.resolve("catalog.db"));
        try (IcebergLake lake = world.open()) {
            World.await(() -> lake.trouble().isPresent());
            assertThat(lake.ready()).isFalse();

            Files.delete(inTheWay);

            World.await(lake::ready);
            assertThat(lake.trouble()).isEmpty();
        }
    }

    @Test
    void theLogIsToldWhatIsInFilesAndNothingBeyond() {
        World world = new World(folder, 1, 1);
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "x 1 1");
            world.awaitVisible(lake);
            lake.abandon();
        }
        assertThat(world.log.committed("lake", 0)).isZero();
        try (IcebergLake lake = world.open()) {
            world.awaitVisible(lake);
        }
        assertThat(world.log.committed("lake", 0)).isEqualTo(1);
    }

    @Test
    void tenantsNeverSeeEachOther() {
        World world = new World(folder, 2, 7);
        world.sealEvery(20);
        try (IcebergLake lake = world.open()) {
            for (int i = 0; i < 300; i++) {
                world.send(new TenantId("tenant-" + i % 10), "same-device", "x " + i + " " + i);
            }
            world.awaitVisible(lake);
            for (int t = 0; t < 10; t++) {
                TenantId tenant = new TenantId("tenant-" + t);
                assertThat(World.rows(lake.snapshot(tenant)))
                        .isEqualTo(world.expected(tenant))
                        .hasSize(30);
                assertThat(lake.snapshot(tenant).readings())
                        .allMatch(file -> file.path().startsWith(folder.resolve(tenant.value())));
            }
            assertThat(lake.snapshot(new TenantId("nobody")).hot()).isEmpty();
        }
    }

    @Test
    void newSensorsReachTheRegistryEvenWhereItIsAwayAtFirst() {
        World world = new World(folder, 1, 10);
        world.sensors.failures = 2;
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "x 1 1", "s 1 \"on\"", "b 1 true");
            World.await(() -> world.sensors.told.size() == 3);
        }
        assertThat(world.sensors.told).containsExactly("main a b BOOLEAN", "main a s TEXT", "main a x NUMBER");
    }

    @Test
    void aTenantsSensorsAreLimited() {
        World world = new World(folder, 1, 10);
        try (IcebergLake lake = world.open()) {
            for (int i = 0; i < 1002; i++) {
                world.send(MAIN, "a", "x" + i + " 1 1");
            }
            world.awaitVisible(lake);
            assertThat(SideContents.of(lake.snapshot(MAIN), Side.REJECTED))
                    .hasSize(2)
                    .allMatch(row -> row.get("reason").contains("lake.series-max"));
        }
    }

    @Test
    void messagesOfWhichNoReadingIsTakenDoNotHoldTheLog() {
        World world = new World(folder, 1, 10);
        try (IcebergLake lake = world.open()) {
            for (int i = 0; i < 1000; i++) {
                world.send(MAIN, "a", "x" + i + " 1 1");
            }
            world.awaitVisible(lake);
        }
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "one-more 1 1");
            world.send(MAIN, "a", "another 1 1");
            world.awaitVisible(lake);
        }
        assertThat(world.log.committed("lake", 0)).isEqualTo(1_002);
    }

    @Test
    void aSnapshotSeesWholeMessagesOnly() {
        World world = new World(folder, 1, 5);
        world.sealEvery(400);
        try (IcebergLake lake = world.open()) {
            Thread sender = Thread.ofPlatform().start(() -> {
                for (int i = 1; i <= 1_000; i++) {
                    world.send(MAIN, "a", "x " + i + " 1", "y " + i + " 1", "z " + i + " 1");
                }
            });
            long seen = 0;
            while (sender.isAlive() || lake.visibleUpTo(0) < 1_000) {
                Snapshot snapshot = lake.snapshot(MAIN);
                long hot = snapshot.hot().stream()
                        .mapToLong(Snapshot.HotSegment::rows)
                        .sum();
                long sealed = snapshot.readings().stream()
                        .mapToLong(Snapshot.DataFile::rows)
                        .sum();
                assertThat((hot + sealed) % 3).isZero();
                assertThat(hot + sealed).as("never less than before").isGreaterThanOrEqualTo(seen);
                seen = hot + sealed;
            }
            assertThat(World.rows(lake.snapshot(MAIN))).hasSize(3_000);
        }
    }
}
