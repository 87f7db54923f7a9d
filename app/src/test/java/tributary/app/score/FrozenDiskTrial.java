package tributary.app.score;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tributary.app.Await;
import tributary.app.ServerProcess;

/// A disk that stands still under load: nothing is acknowledged without a flush, who asks whether the server lives is
/// answered, and when the disk goes on everything goes on within seconds.
final class FrozenDiskTrial implements Trial {
    private static final int FROZEN_SECONDS = 6;
    private static final Duration BACK = Duration.ofSeconds(5);
    private static final long PING_MILLIS_MAX = 2000;

    /// Answers whose flush was over when the disk stopped, and which were still on their way.
    private static final int ON_THE_WAY_MILLIS = 500;

    @Override
    public String name() {
        return "frozen-disk";
    }

    @Override
    public String what(int rounds) {
        return "no flush returns for " + FROZEN_SECONDS + " s, " + rounds
                + " times: no acknowledgement, pings answered within " + PING_MILLIS_MAX / 1000 + " s, back within "
                + BACK.toSeconds() + " s";
    }

    @Override
    public int rounds(boolean whole) {
        return whole ? 50 : 2;
    }

    @Override
    public Score run(Path work, int rounds) throws Exception {
        Path data = work.resolve("data");
        Files.createDirectories(data);
        DiskFault disk = new DiskFault(work, data);
        try (ServerProcess server = ServerProcess.start(data, disk.environment())) {
            Ledger ledger = Ledger.open(server, data);
            long slowestPing = 0;
            long without = 0;
            long slowestBack = 0;
            for (int round = 0; round < rounds; round++) {
                try (Load _ = Load.begin(server, ledger.devices());
                        Pinger pinger = new Pinger(server, ledger.devices().getFirst())) {
                    TimeUnit.SECONDS.sleep(1);
                    disk.freeze();
                    TimeUnit.MILLISECONDS.sleep(ON_THE_WAY_MILLIS);
                    long before = ledger.acknowledged();
                    for (int second = 0; second < FROZEN_SECONDS; second++) {
                        slowestPing = Math.max(slowestPing, pinger.millis());
                        TimeUnit.SECONDS.sleep(1);
                    }
                    long after = ledger.acknowledged();
                    without += after - before;
                    long healed = System.nanoTime();
                    disk.heal();
                    Await.until("it goes on", BACK, () -> ledger.acknowledged() > after);
                    slowestBack = Math.max(slowestBack, (System.nanoTime() - healed) / 1_000_000);
                } finally {
                    disk.heal();
                }
            }
            Map<String, Object> more = new LinkedHashMap<>();
            more.put("acknowledgedWhileFrozen", without);
            more.put("slowestPingMillis", slowestPing);
            more.put("slowestBackMillis", slowestBack);
            if (without > 0 || slowestPing > PING_MILLIS_MAX) {
                throw new AssertionError("while no flush returned: " + more);
            }
            return ledger.compare(name(), server, more);
        }
    }
}
