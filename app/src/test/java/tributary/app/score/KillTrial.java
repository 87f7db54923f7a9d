package tributary.app.score;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tributary.app.Rest;
import tributary.app.ServerProcess;

/// `kill -9` under load through all doors, with a rule, roll-ups and compaction; a fifth of the times while the server
/// still recovers from the kill before, and a fifth while files are merged or rolled up.
final class KillTrial implements Trial {
    private static final int LOAD_MILLIS_MIN = 200;
    private static final int LOAD_MILLIS_MAX = 1100;

    /// From where Java has hardly begun to where a fast machine is ready.
    private static final int RECOVERY_MILLIS_MIN = 200;
    private static final int RECOVERY_MILLIS_MAX = 2500;

    private static final Duration CARE_WAIT = Duration.ofSeconds(20);
    private static final int CARE_MILLIS_MAX = 300;

    @Override
    public String name() {
        return "kill";
    }

    @Override
    public String what(int rounds) {
        return "`kill -9` " + rounds
                + " times, a fifth of them during recovery and a fifth while files are merged or rolled up";
    }

    @Override
    public int rounds(boolean whole) {
        return whole ? 300 : 20;
    }

    @Override
    public Score run(Path work, int rounds) throws Exception {
        SplittableRandom random = new SplittableRandom(20261121);
        Path data = work.resolve("data");
        // small files often, and care at once
        String[] busy = Stream.of("seal-age", "care-every", "small-age", "quiet-age")
                .flatMap(age -> Stream.of("--set", "lake." + age + "=1s"))
                .toArray(String[]::new);
        ServerProcess server = ServerProcess.start(data, busy);
        try {
            Ledger ledger = Ledger.open(server, data);
            int inCare = 0;
            for (int round = 0; round < rounds; round++) {
                if (round % 5 == 4) {
                    ServerProcess.killWhileItStarts(data, Map.of(), recovery(random), busy);
                    continue;
                }
                if (!server.alive()) {
                    server = ServerProcess.start(data, busy);
                }
                try (Load _ = Load.begin(server, ledger.devices())) {
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(LOAD_MILLIS_MIN, LOAD_MILLIS_MAX));
                    if (round % 5 == 2 && caring(server)) {
                        inCare++;
                        TimeUnit.MILLISECONDS.sleep(random.nextInt(CARE_MILLIS_MAX));
                    }
                    server.kill();
                }
            }
            server = ServerProcess.start(data, busy);
            return ledger.compare(name(), server, Map.of("kills", rounds, "killsInCare", inCare));
        } finally {
            server.close();
        }
    }

    /// Waits until care has begun with files or roll-ups.
    ///
    /// @return whether it has
    private static boolean caring(ServerProcess server) throws Exception {
        Rest rest = Rest.of(server);
        long deadline = System.nanoTime() + CARE_WAIT.toNanos();
        while (System.nanoTime() < deadline) {
            JsonNode care =
                    rest.good("GET", "/api/v1/status", null).path("lake").path("care");
            if (care.path("nextLook").isNull() && care.path("smallFiles").asLong() > 1) {
                return true;
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return false;
    }

    private static Duration recovery(SplittableRandom random) {
        return Duration.ofMillis(random.nextInt(RECOVERY_MILLIS_MIN, RECOVERY_MILLIS_MAX));
    }
}
