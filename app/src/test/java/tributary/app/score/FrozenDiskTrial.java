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
    private static final Duration BACK_WHOLE = Duration.ofSeconds(5);
    private static final Duration PING_WHOLE = Duration.ofSeconds(2);

    /// A build's machine is busy and may pause. A ping that waited for the disk would not be answered at all: that goes
    /// on only behind them.
    private static final Duration BACK_SHORT = Duration.ofSeconds(60);

    private static final Duration PING_SHORT = Duration.ofSeconds(15);

    /// Answers whose flush was over when the disk stopped, and which are still on their way, come for so long at most.
    private static final Duration ON_THE_WAY = Duration.ofSeconds(30);

    /// Nothing was on its way any more where nothing came for so long.
    private static final int STILL_MILLIS = 500;

    private Duration back = BACK_SHORT;
    private Duration ping = PING_SHORT;

    @Override
    public String name() {
        return "frozen-disk";
    }

    @Override
    public String what(int rounds) {
        return "no flush returns for " + FROZEN_SECONDS + " s, " + rounds
                + " times: no acknowledgement, pings answered within " + ping.toSeconds() + " s, back within "
                + back.toSeconds() + " s";
    }

    @Override
    public int rounds(boolean whole) {
        back = whole ? BACK_WHOLE : BACK_SHORT;
        ping = whole ? PING_WHOLE : PING_SHORT;
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
                    long before = still(ledger);
                    for (int second = 0; second < FROZEN_SECONDS; second++) {
                        slowestPing = Math.max(slowestPing, pinger.millis());
                        TimeUnit.SECONDS.sleep(1);
                    }
                    long after = ledger.acknowledged();
                    without += after - before;
                    long healed = System.nanoTime();
                    disk.heal();
                    Await.until("it goes on", back, () -> ledger.acknowledged() > after);
                    slowestBack = Math.max(slowestBack, (System.nanoTime() - healed) / 1_000_000);
                } finally {
                    disk.heal();
                }
            }
            Map<String, Object> more = new LinkedHashMap<>();
            more.put("acknowledgedWhileFrozen", without);
            more.put("slowestPingMillis", slowestPing);
            more.put("slowestBackMillis", slowestBack);
            if (without > 0 || slowestPing > ping.toMillis()) {
                throw new AssertionError("while no flush returned: " + more);
            }
            return ledger.compare(name(), server, more);
        }
    }

    /// @return how many were acknowledged, once no more are; without end where acknowledgements need no flush
    private static long still(Ledger ledger) throws InterruptedException {
        long end = System.nanoTime() + ON_THE_WAY.toNanos();
        long before = -1;
        long now = ledger.acknowledged();
        while (now != before) {
            if (System.nanoTime() > end) {
                throw new AssertionError("acknowledgements still come " + ON_THE_WAY.toSeconds()
                        + " s after the last flush that returned");
            }
            before = now;
            TimeUnit.MILLISECONDS.sleep(STILL_MILLIS);
            now = ledger.acknowledged();
        }
        return now;
    }
}
