package tributary.app.score;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import tributary.app.Await;
import tributary.app.Rest;
import tributary.app.ServerProcess;

/// More than there is room for: first connections beyond the files that the process may have, then a crowd that
/// comes back at once after the server died, with little memory and one tenant that wants more than its rate
/// beside one that does not. New ones are refused, old ones served, and when the crowd is gone everything is as
/// before without anybody's hand.
final class OverloadTrial implements Trial {
    private static final int FILES = 256;
    private static final int SOCKETS = 600;
    private static final int RATE = 300;
    private static final Duration LONG = Duration.ofSeconds(180);
    private static final List<String> MEMORY = List.of("-Xmx128m", "-XX:MaxDirectMemorySize=64m");

    @Override
    public String name() {
        return "overload";
    }

    @Override
    public String what(int rounds) {
        return "%,d sockets with room for %d files; then %,d connections that come back at once after a kill, 128 MB of heap, a tenant over its rate of %d/s beside a quiet one"
                .formatted(SOCKETS, FILES, rounds, RATE);
    }

    @Override
    public int rounds(boolean whole) {
        return whole ? 17_000 : 1_000;
    }

    @Override
    public Score run(Path work, int rounds) throws Exception {
        Path data = work.resolve("data");
        Map<String, Object> more = new LinkedHashMap<>();
        Ledger ledger;
        try (ServerProcess server = ServerProcess.limited(data, FILES, MEMORY)) {
            ledger = Ledger.open(server, data);
            few(server, ledger);
        }
        ServerProcess server = ServerProcess.limited(data, 20_000, MEMORY, crowded(rounds));
        try {
            List<Pinger> first = crowd(server, ledger, rounds);
            try (Load _ = Load.begin(server, ledger.devices())) {
                grows(ledger, "it serves beside the crowd");
                server.kill();
            }
            for (Pinger one : first) {
                one.close();
            }
            server = ServerProcess.limited(data, 20_000, MEMORY, crowded(rounds));
            try (Load _ = Load.begin(server, ledger.devices())) {
                List<Pinger> again = crowd(server, ledger, rounds);
                grows(ledger, "it serves when the crowd is back");
                more.put("backAtOnce", again.size());
                for (Pinger one : again) {
                    one.close();
                }
                grows(ledger, "it serves when the crowd is gone");
            }
            return ledger.compare(name(), server, more);
        } finally {
            server.close();
        }
    }

    /// The crowd has one device's credential, and the device's own load comes beside it.
    private static String[] crowded(int count) {
        return new String[] {"--set", "intake.tenant-rate=" + RATE, "--set", "broker.sessions-per-device=" + (count + 1)
        };
    }

    /// More sockets than the process may have files: who is in is served meanwhile, and who comes afterwards is let in.
    private static void few(ServerProcess server, Ledger ledger) throws Exception {
        List<Socket> sockets = new ArrayList<>();
        try (Load _ = Load.begin(server, ledger.devices());
                Pinger inside = new Pinger(server, ledger.devices().getFirst(), "inside")) {
            grows(ledger, "it serves before the sockets");
            for (int i = 0; i < SOCKETS; i++) {
                sockets.add(new Socket("127.0.0.1", server.mqttPort())); // the system takes them, whoever waits behind
            }
            grows(ledger, "it serves beside more sockets than it may have files");
            inside.millis();
            for (Socket socket : sockets) {
                socket.close();
            }
            sockets.clear();
            Await.until("a newcomer is let in by itself again", LONG, () -> {
                try (Pinger newcomer = new Pinger(server, ledger.devices().getFirst(), "newcomer")) {
                    return newcomer.millis() >= 0;
                } catch (IOException e) {
                    return false;
                }
            });
            Await.until("its API answers again", LONG, () -> {
                try {
                    return Rest.of(server).call("GET", "/api/v1/status", null).status() == 200;
                } catch (IOException e) {
                    return false;
                }
            });
            grows(ledger, "it serves after the sockets");
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    /// So many connections at once; whoever is turned away comes again, until all are in and answered.
    private static List<Pinger> crowd(ServerProcess server, Ledger ledger, int count) throws Exception {
        Pinger[] all = new Pinger[count];
        AtomicInteger in = new AtomicInteger();
        List<Thread> threads = IntStream.range(0, count)
                .mapToObj(i -> Thread.ofVirtual().start(() -> {
                    long end = System.nanoTime() + LONG.toNanos();
                    while (all[i] == null && System.nanoTime() < end) {
                        try {
                            all[i] = new Pinger(server, ledger.devices().getFirst(), "crowd-" + i);
                            all[i].millis();
                            in.incrementAndGet();
                        } catch (IOException e) {
                            all[i] = null;
                            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
                        }
                    }
                }))
                .toList();
        for (Thread thread : threads) {
            thread.join();
        }
        if (in.get() < count) {
            throw new AssertionError(
                    "of %d connections %d were let in within %d s".formatted(count, in.get(), LONG.toSeconds()));
        }
        return List.of(all);
    }

    /// Every device, of either tenant, is acknowledged more.
    private static void grows(Ledger ledger, String what) throws Exception {
        Map<Device, Integer> before = new LinkedHashMap<>();
        ledger.devices().forEach(device -> before.put(device, device.acknowledged.size()));
        Await.until(
                what,
                LONG,
                () -> before.entrySet().stream()
                        .allMatch(entry -> entry.getKey().acknowledged.size() > entry.getValue()));
    }
}
