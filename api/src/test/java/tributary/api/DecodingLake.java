package tributary.api;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tributary.decode.PayloadDecoder;
import tributary.decode.ReadingSink;
import tributary.lake.Lake;
import tributary.lake.Snapshot;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.TenantId;

/// Last values straight from the log, decoded anew at each question; no files.
final class DecodingLake implements Lake {
    /// What a test says that the tables of tenants are.
    final Map<TenantId, Snapshot> snapshots = new ConcurrentHashMap<>();

    private final Log log;

    DecodingLake(Log log) {
        this.log = log;
    }

    /// Takes the wish; there are no files to rewrite.
    @Override
    public Erasure erase(TenantId tenant, @Nullable DeviceId device) {
        return new Erasure("1", tenant, device, 0, Phase.WAITING, 0);
    }

    @Override
    public Snapshot snapshot(TenantId tenant) {
        return snapshots.getOrDefault(tenant, Snapshot.empty(tenant));
    }

    @Override
    public List<LatestValue> latest(TenantId tenant, DeviceId device) {
        Map<String, LatestValue> values = new TreeMap<>();
        PayloadDecoder decoder = new PayloadDecoder();
        try (LogReader reader = log.reader()) {
            for (int partition = 0; partition < log.partitions(); partition++) {
                reader.seek(partition, log.start(partition));
            }
            for (Batch batch = reader.poll(Duration.ZERO); batch != null; batch = reader.poll(Duration.ZERO)) {
                for (int i = 0; i < batch.size(); i++) {
                    Message message = batch.message(i);
                    if (message.tenant().equals(tenant) && device.equals(message.device())) {
                        decoder.decode(message, new Keeper(device, message.receivedMicros(), values));
                    }
                }
            }
        }
        return new ArrayList<>(values.values());
    }

    @Override
    public Optional<Rhythm> rhythm(TenantId tenant, DeviceId device) {
        return latest(tenant, device).stream()
                .max(Comparator.comparingLong(LatestValue::receivedMicros))
                .map(newest -> new Rhythm(device, newest.receivedMicros(), 0));
    }

    @Override
    public List<Rhythm> rhythms(TenantId tenant) {
        return List.of();
    }

    @Override
    public long visibleUpTo(int partition) {
        return log.end(partition);
    }

    @Override
    public LakeStats stats() {
        return new LakeStats(0, 0, 0, 0, 0, 0, 0, 0);
    }

    @Override
    public void close() {}

    private record Keeper(DeviceId device, long received, Map<String, LatestValue> values) implements ReadingSink {
        @Override
        public void number(String sensor, long tsMicros, double value) {
            values.put(sensor, new LatestValue(device, sensor, tsMicros, value, null, received));
        }

        @Override
        public void text(String sensor, long tsMicros, String value) {
            values.put(sensor, new LatestValue(device, sensor, tsMicros, Double.NaN, value, received));
        }

        @Override
        public void bool(String sensor, long tsMicros, boolean value) {
            values.put(
                    sensor,
                    new LatestValue(device, sensor, tsMicros, value ? 1 : 0, Boolean.toString(value), received));
        }

        @Override
        public void rejected(int index, String reason) {}
    }
}
