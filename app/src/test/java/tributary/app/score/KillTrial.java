package tributary.app.score;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import tributary.app.ServerProcess;

/// `kill -9` under load through all doors, with a rule, roll-ups and compaction; a fifth of the times while the server
/// still recovers from the kill before.
final class KillTrial implements Trial {
    private static final int LOAD_MILLIS_MIN = 200;
    private static final int LOAD_MILLIS_MAX = 1100;

    @Override
    public String name() {
        return "kill";
    }

    @Override
    public String what(int rounds) {
        return "`kill -9` " + rounds + " times, a fifth of them during recovery";
    }

    @Override
    public int rounds(boolean whole) {
        return whole ? 300 : 20;
    }

    @Override
    public Score run(Path work, int rounds) throws Exception {
        SplittableRandom random = new SplittableRandom(20261121);
        Path data = work.resolve("data");
        // small files often: sealing, roll-ups and compaction are under way at most kills
        String[] busy = {"--set", "lake.seal-age=2s"};
        ServerProcess server = ServerProcess.start(data, busy);
        try {
            Ledger ledger = Ledger.open(server, data);
            for (int round = 0; round < rounds; round++) {
                List<Device> devices = round % 5 == 4 ? List.of() : ledger.devices();
                try (Load _ = Load.begin(server, devices)) {
                    if (!devices.isEmpty()) {
                        TimeUnit.MILLISECONDS.sleep(random.nextInt(LOAD_MILLIS_MIN, LOAD_MILLIS_MAX));
                    }
                    server.kill();
                }
                server = ServerProcess.start(data, busy);
            }
            return ledger.compare(name(), server, Map.of("kills", rounds));
        } finally {
            server.close();
        }
    }
}
