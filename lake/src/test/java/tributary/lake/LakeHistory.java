package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Event;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.model.TenantId;

/// The history of one lake, from its seed: readings, repeated ones, late ones, rows that go into files, care, wishes to
/// erase, restarts and crashes in any order. What is seen is compared with [LakeModel] in between and at the end.
final class LakeHistory {
    private static final TenantId[] TENANTS = {new TenantId("acme"), new TenantId("beta")};
    private static final String[] DEVICES = {"pump-one", "pump-two", "pump-three"};
    private static final long DAY = SegmentOrder.DAY_MICROS;

    private final SplittableRandom random;
    private final World world;
    private final LakeModel model;
    private final int tenants;
    private final Set<Sight> seen = EnumSet.noneOf(Sight.class);
    private final StringBuilder story = new StringBuilder();
    private final Map<TenantId, String[]> last = new HashMap<>();
    private final boolean messages;
    private final int days;
    private boolean crashed;
    private IcebergLake lake;

    /// What a history came across.
    enum Sight {
        REPEATED,
        CARED_FOR,
        ERASURE_UNDER_WAY,
        ERASED_AND_SENT_AGAIN,
        ERASED_WITH_ALL,
        ERASED_EVERYWHERE,
        STEP_FAILED,
        CRASHED,
        CLOSED,
        ROLLED_UP,
        LATE_ROW_IN_A_FILE
    }

    LakeHistory(long seed, Path folder) {
        this.random = new SplittableRandom(seed);
        this.world = new World(folder, 1 + random.nextInt(3), 1 + random.nextInt(8));
        this.model = new LakeModel(world.log);
        this.tenants = 1 + random.nextInt(4) / 3;
        world.today();
        this.days = 1 + random.nextInt(3);
        this.messages = random.nextInt(3) == 0;
        world.keep(new LakeSettings.Sides(messages, Duration.ofDays(36_500), 128L << 20));
        this.lake = open();
    }

    /// @return what it came across
    Set<Sight> run() throws Exception {
        try {
            int lives = 1 + random.nextInt(2);
            for (int life = 0; life < lives; life++) {
                for (int i = 3 + random.nextInt(18); i > 0; i--) {
                    act();
                }
                if (random.nextBoolean()) {
                    check();
                }
                end();
                lake = open();
            }
            finish();
            return seen;
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("after" + story, e);
        } finally {
            lake.abandon();
        }
    }

    private IcebergLake open() {
        if (random.nextBoolean()) {
            world.sealEvery(5 + random.nextInt(60));
        } else {
            world.sealAtOnce();
        }
        // Without a pause between two looks a snapshot needs time to be read.
        boolean always = random.nextInt(4) == 0;
        world.careAtOnce(1_500L << 3 * random.nextInt(3), always);
        world.keepSnapshots(always ? Duration.ofMinutes(15) : Duration.ofMillis(1));
        int[] left = {random.nextInt(4) == 0 ? 1 + random.nextInt(40) : -1};
        story.append(" open");
        return world.open(step -> {
            boolean fails;
            synchronized (left) {
                fails = left[0] >= 0 && left[0]-- == 0;
            }
            if (fails) {
                synchronized (seen) {
                    seen.add(Sight.STEP_FAILED);
                }
                throw new PlatformException(Fault.LAKE_FAILED, "the test lets it fail: " + step);
            }
        });
    }

    private void end() {
        if (random.nextInt(3) == 0) {
            story.append(" crash");
            seen.add(Sight.CRASHED);
            crashed = true;
            lake.abandon();
        } else {
            story.append(" close");
            seen.add(Sight.CLOSED);
            lake.close();
        }
    }

    private void act() throws Exception {
        TenantId tenant = TENANTS[random.nextInt(tenants)];
        switch (random.nextInt(24)) {
            case 0, 1 -> {
                story.append(" care");
                seen.add(Sight.CARED_FOR);
                world.awaitVisible(lake);
                lake.careNow();
            }
            case 2 -> check();
            case 3, 4 -> erase(tenant);
            case 5, 6 -> world.happens(World.event(tenant, device(), Event.Kind.values()[random.nextInt(5)]));
            case 7, 8, 9 -> repeat(tenant);
            case 10 -> {
                story.append(" forget");
                world.awaitVisible(lake);
                world.log.forget();
            }
            default -> send(tenant);
        }
    }

    private String device() {
        return DEVICES[random.nextInt(DEVICES.length)];
    }

    private void send(TenantId tenant) {
        List<String> lines = new ArrayList<>();
        for (int i = random.nextInt(5); i >= 0; i--) {
            long ts = random.nextInt(days) * DAY + random.nextInt(12);
            String value = switch (random.nextInt(5)) {
                case 0 -> "\"text" + random.nextInt(100) + "\"";
                case 1 -> Boolean.toString(random.nextBoolean());
                default -> Integer.toString(random.nextInt(1000));
            };
            lines.add("s" + random.nextInt(3) + " " + ts + " " + value);
        }
        if (random.nextInt(10) == 0) {
            lines.add("rubbish");
        }
        lines.addFirst(device());
        last.put(tenant, lines.toArray(String[]::new));
        send(tenant, lines.toArray(String[]::new));
    }

    private void repeat(TenantId tenant) {
        String[] before = last.get(tenant);
        if (before != null) {
            seen.add(Sight.REPEATED);
            send(tenant, before);
        }
    }

    private void send(TenantId tenant, String[] deviceAndLines) {
        story.append(' ').append(tenant).append(List.of(deviceAndLines));
        String[] lines = new String[deviceAndLines.length - 1];
        System.arraycopy(deviceAndLines, 1, lines, 0, lines.length);
        for (LakeModel.Wish wish : model.wishes()) {
            if (wish.tenant().equals(tenant) && deviceAndLines[0].equals(wish.device())) {
                seen.add(Sight.ERASED_AND_SENT_AGAIN);
            }
        }
        world.send(tenant, deviceAndLines[0], lines);
    }

    private void erase(TenantId tenant) {
        @Nullable String device = random.nextInt(6) == 0 ? null : device();
        story.append(" erase ").append(tenant).append('/').append(device);
        if (device == null) {
            seen.add(Sight.ERASED_WITH_ALL);
        }
        String id =
                lake.erase(tenant, device == null ? null : new DeviceId(device)).id();
        model.erase(id, tenant, device);
    }

    /// Everything that was wished is done; the files that are left say what the model says, to engines that
    /// know nothing of us as well.
    private void finish() throws Exception {
        world.awaitVisible(lake);
        world.log.forget();
        lake.close(); // what is in memory is in files
        world.careAtOnce(1 << 20, false);
        world.keepSnapshots(Duration.ofMillis(1));
        world.sealAtOnce();
        lake = world.open();
        // A crash leaves files that nothing names, and these are waited for an hour.
        Lake.Phase goal = crashed || seen.contains(Sight.STEP_FAILED) ? Lake.Phase.EXPIRING : Lake.Phase.DONE;
        world.awaitVisible(lake);
        for (int round = 0; !open(goal).isEmpty(); round++) {
            assertThat(round)
                    .as("rounds of care, wishes %s, trouble %s", wishes(), lake.trouble())
                    .isLessThan(100);
            lake.careNow();
            Thread.sleep(5); // snapshots of the round before may go only when they were followed that long ago
        }
        story.append(" finished");
        check();
        lake.close();
        Set<String> done = model.wishes().stream().map(LakeModel.Wish::id).collect(Collectors.toSet());
        for (int t = 0; t < tenants; t++) {
            Map<String, String> expected = model.readings(TENANTS[t], done).sure();
            assertThat(IcebergView.rows(world, TENANTS[t]))
                    .as("an engine that reads Iceberg, tenant %s", TENANTS[t])
                    .isEqualTo(expected);
            if (goal == Lake.Phase.DONE) {
                assertNoFileNamesTheErased(TENANTS[t], done);
            }
        }
    }

    private void assertNoFileNamesTheErased(TenantId tenant, Set<String> done) throws IOException {
        Set<String> there = new TreeSet<>();
        for (Side side : Side.values()) {
            model.rows(tenant, side, done).sure().keySet().forEach(row -> there.add(row.split(" ")[0]));
        }
        for (LakeModel.Wish wish : model.wishes()) {
            String device = wish.device();
            if (wish.tenant().equals(tenant) && device != null && !there.contains(device)) {
                seen.add(Sight.ERASED_EVERYWHERE);
                try (Stream<Path> files = Files.walk(world.folder.resolve(tenant.value()))) {
                    for (Path file : files.filter(Files::isRegularFile).toList()) {
                        assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                                .as(file.toString())
                                .doesNotContain(device);
                    }
                }
            }
        }
    }

    private List<Lake.Erasure> wishes() {
        return Stream.of(TENANTS)
                .flatMap(tenant -> lake.erasures(tenant).stream())
                .toList();
    }

    /// @return wishes that are not as far
    private Set<String> open(Lake.Phase goal) {
        Set<String> open = new TreeSet<>();
        wishes().stream().filter(wish -> wish.phase().compareTo(goal) < 0).forEach(wish -> open.add(wish.id()));
        return open;
    }

    private void check() {
        story.append(" check");
        world.awaitVisible(lake);
        Set<String> open = open(Lake.Phase.EXPIRING);
        if (!open.isEmpty()) {
            seen.add(Sight.ERASURE_UNDER_WAY);
        }
        Set<String> done = model.wishes().stream()
                .map(LakeModel.Wish::id)
                .filter(id -> !open.contains(id))
                .collect(Collectors.toSet());
        for (int t = 0; t < tenants; t++) {
            TenantId tenant = TENANTS[t];
            Snapshot snapshot = lake.snapshot(tenant);
            try (Hold _ = World.hold(lake, snapshot)) {
                check(tenant, snapshot, done);
            }
            LakeModel.Contents readings = model.readings(tenant, done);
            for (String device : DEVICES) {
                if (readings.possible().keySet().stream().noneMatch(row -> row.startsWith(device + " "))) {
                    assertThat(newest(tenant, device))
                            .as("newest values of %s/%s", tenant, device)
                            .isEqualTo(LakeModel.newest(readings.sure(), device));
                }
            }
        }
    }

    private Set<String> newest(TenantId tenant, String device) {
        return lake.latest(tenant, new DeviceId(device)).stream()
                .map(latest -> "%s %d %s"
                        .formatted(
                                latest.sensor(),
                                latest.tsMicros(),
                                latest.text() == null ? Double.toString(latest.value()) : latest.text()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private void check(TenantId tenant, Snapshot snapshot, Set<String> done) {
        Map<String, String> rows = World.rows(snapshot);
        compare("readings of " + tenant, rows, model.readings(tenant, done));
        assertThat(RollupContents.of(snapshot))
                .as("roll-ups of %s", tenant)
                .isEqualTo(RollupContents.expected(snapshot, rows));
        if (!snapshot.rolled().isEmpty()) {
            seen.add(Sight.ROLLED_UP);
        }
        if (snapshot.readings().stream().anyMatch(Snapshot.DataFile::hasLate)) {
            seen.add(Sight.LATE_ROW_IN_A_FILE);
        }
        for (Side side : Side.values()) {
            Map<String, String> found = new TreeMap<>();
            for (Map<String, String> row : SideContents.of(snapshot, side)) {
                String place = "%s %s %s".formatted(row.get("device"), row.get("part"), row.get("position"));
                int number = 0;
                while (found.put(place + " " + number, "") != null) {
                    number++;
                }
            }
            boolean kept = side != Side.MESSAGES || messages;
            compare(
                    "%s of %s".formatted(side, tenant),
                    found,
                    kept ? model.rows(tenant, side, done) : new LakeModel.Contents(Map.of(), Map.of()));
        }
    }

    private static void compare(String what, Map<String, String> rows, LakeModel.Contents expected) {
        Map<String, String> allowed = new TreeMap<>(expected.sure());
        expected.possible().forEach((key, value) -> {
            if (rows.containsKey(key)) {
                allowed.put(key, value);
            }
        });
        assertThat(rows).as(what).isEqualTo(allowed);
    }
}
