package tributary.app.score;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tributary.app.Await;
import tributary.app.ServerProcess;

/// The whole process stands still and goes on, as a virtual machine that is moved does, under load.
final class PauseTrial implements Trial {
    private static final int SECONDS_SHORT = 5;
    private static final int SECONDS_WHOLE = 45;

    private int seconds = SECONDS_SHORT;

    @Override
    public String name() {
        return "pause";
    }

    @Override
    public String what(int rounds) {
        return "the process is stopped for " + seconds + " s and goes on, " + rounds + " times";
    }

    @Override
    public int rounds(boolean whole) {
        seconds = whole ? SECONDS_WHOLE : SECONDS_SHORT;
        return whole ? 10 : 2;
    }

    @Override
    public Score run(Path work, int rounds) throws Exception {
        Path data = work.resolve("data");
        try (ServerProcess server = ServerProcess.start(data)) {
            Ledger ledger = Ledger.open(server, data);
            for (int round = 0; round < rounds; round++) {
                try (Load _ = Load.begin(server, ledger.devices())) {
                    TimeUnit.SECONDS.sleep(1);
                    signal("-STOP", server);
                    TimeUnit.SECONDS.sleep(seconds);
                    signal("-CONT", server);
                    long before = ledger.acknowledged();
                    Await.until("it goes on", Duration.ofSeconds(60), () -> ledger.acknowledged() > before);
                }
            }
            return ledger.compare(name(), server, Map.of("pausedSeconds", rounds * seconds));
        }
    }

    private static void signal(String signal, ServerProcess server) throws IOException, InterruptedException {
        new ProcessBuilder("kill", signal, Long.toString(server.pid())).start().waitFor();
    }
}
