package tributary.app.score;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tributary.app.Rest;
import tributary.app.ServerProcess;

/// A flush fails, once, and what it was to flush is zeros after the power cut that follows: on every kind of file that
/// is written while messages come in, at the first, second, ... n-th flush of such a file.
final class FailedFlushTrial implements Trial {
    /// Parts of paths in a data folder.
    private static final List<String> KINDS = List.of(
            "/log/p", "/log/readers", "/lake/", "registry.db", "/sessions/", "/rules/checkpoint", "/rules/outbox");

    /// Before the fault and after it.
    private static final int LOAD_MILLIS = 300;

    /// Some files are written every few seconds.
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Override
    public String name() {
        return "failed-flush";
    }

    @Override
    public String what(int rounds) {
        return "a flush fails and what was not flushed is zeros after a power cut: " + rounds + " times, on files of "
                + KINDS.size() + " kinds in turn";
    }

    @Override
    public int rounds(boolean whole) {
        return whole ? 700 : 7;
    }

    @Override
    public Score run(Path work, int rounds) throws Exception {
        Path data = work.resolve("data");
        ServerProcess first = ServerProcess.start(data);
        Ledger ledger = Ledger.open(first, data);
        first.kill();
        DiskFault disk = new DiskFault(work, data);
        long zeroed = 0;
        long ended = 0;
        Map<String, Long> failed = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            String kind = KINDS.get(round % KINDS.size());
            long before = disk.failed();
            try (ServerProcess server = ServerProcess.start(data, disk.environment(), "--set", "lake.seal-age=1s");
                    Load _ = Load.begin(server, ledger.devices())) {
                TimeUnit.MILLISECONDS.sleep(LOAD_MILLIS);
                disk.fail(kind, 1 + round / KINDS.size());
                touch(server, ledger.devices().getFirst());
                long end = System.nanoTime() + PATIENCE.toNanos();
                while (disk.failed() == before && server.alive() && System.nanoTime() < end) {
                    TimeUnit.MILLISECONDS.sleep(10);
                }
                TimeUnit.MILLISECONDS.sleep(LOAD_MILLIS);
                ended += server.alive() ? 0 : 1;
                server.kill();
            } finally {
                disk.heal();
            }
            zeroed += disk.loseWhatWasNotFlushed();
            failed.merge(kind, disk.failed() - before, Long::sum);
        }
        try (ServerProcess server = ServerProcess.start(data)) {
            Map<String, Object> more = new LinkedHashMap<>();
            if (failed.containsValue(0L)) {
                throw new AssertionError("of a kind of file no flush failed: " + failed);
            }
            more.put("failed", failed);
            more.put("zeroedBytes", zeroed);
            more.put("serverEndedItself", ended);
            return ledger.compare(name(), server, more);
        }
    }

    /// So that there is something to write in the registry and about sessions; how that ends is not what is counted.
    private static void touch(ServerProcess server, Device device) throws InterruptedException {
        try {
            Rest.of(server).call("PATCH", "/api/v1/devices/" + device.id, Map.of("labels", Map.of("at", "now")));
            Mqtt5BlockingClient client = Mqtt5Client.builder()
                    .serverHost("127.0.0.1")
                    .serverPort(server.mqttPort())
                    .identifier("listener")
                    .simpleAuth()
                    .username(device.id)
                    .password(device.token.getBytes(StandardCharsets.UTF_8))
                    .applySimpleAuth()
                    .buildBlocking();
            client.connectWith().cleanStart(false).sessionExpiryInterval(3600).send();
            client.subscribeWith()
                    .topicFilter("devices/me/alarm")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send();
        } catch (IOException | RuntimeException e) {
            // refused, or the server ended: both are good answers to a disk that fails
        }
    }
}
