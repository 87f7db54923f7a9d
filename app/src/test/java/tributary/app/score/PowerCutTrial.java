package tributary.app.score;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import tributary.app.Rest;
import tributary.app.ServerProcess;

/// The power goes under load, and of what was not flushed any part is gone, in all files of the data folder at
/// once; some of the times only the process is killed, so that what it never flushed is found and served by the
/// next one before the power goes, and some of the times the power goes while the server still recovers.
final class PowerCutTrial implements Trial {
    private static final int LOAD_MILLIS_MIN = 200;
    private static final int LOAD_MILLIS_MAX = 1500;

    /// From the start of a process to somewhere in its recovery.
    private static final int RECOVERY_MILLIS_MIN = 400;

    private static final int RECOVERY_MILLIS_MAX = 2500;

    @Override
    public String name() {
        return "power-cut";
    }

    @Override
    public String what(int rounds) {
        return "the power goes " + rounds
                + " times, a fifth of them during recovery, and takes any part of what was not" + " flushed";
    }

    @Override
    public int rounds(boolean whole) {
        return whole ? 400 : 8;
    }

    @Override
    public Score run(Path work, int rounds) throws Exception {
        return run(work, rounds, Long.getLong("score.seed", 20261128L));
    }

    private Score run(Path work, int rounds, long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        Path data = work.resolve("data");
        Files.createDirectories(data);
        PowerCut power = new PowerCut(work, data);
        String[] busy = {"--set", "lake.seal-age=1s"};
        ServerProcess server = ServerProcess.start(data, power.environment(), busy);
        try {
            Ledger ledger = Ledger.open(server, data);
            TreeSet<String> registered = new TreeSet<>();
            for (int round = 0; round < rounds; round++) {
                try (Load _ = Load.begin(server, ledger.devices())) {
                    Rest.of(server).device("added-" + round);
                    registered.add("added-" + round);
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(LOAD_MILLIS_MIN, LOAD_MILLIS_MAX));
                    server.kill();
                }
                if (round % 5 == 2) {
                    // what was never flushed is in the page cache, and the next one finds it
                    server = ServerProcess.start(data, power.environment(), busy);
                    server.kill();
                }
                power.cut(random.split());
                if (round % 5 == 4) {
                    ServerProcess.killWhileItStarts(
                            data,
                            power.environment(),
                            Duration.ofMillis(random.nextInt(RECOVERY_MILLIS_MIN, RECOVERY_MILLIS_MAX)));
                    power.cut(random.split());
                }
                server = ServerProcess.start(data, power.environment(), busy);
            }
            Map<String, Object> more = new LinkedHashMap<>();
            more.put("filesChanged", power.files());
            more.put("bytesLost", power.bytes());
            more.put("namesLost", power.names());
            for (String device : registered) {
                Rest.of(server).good("GET", "/api/v1/devices/" + device, null);
            }
            return ledger.compare(name(), server, more);
        } finally {
            server.close();
        }
    }
}
