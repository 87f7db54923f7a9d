package tributary.lake;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.decode.Decoder;
import tributary.decode.ReadingSink;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.registry.Sensors;

/// Takes the readings of one message from the decoder and appends them to the tenant's hot tail, all or none.
///
/// Only when the decoder has returned are rows written, so that a decoder that fails half way leaves nothing behind.
/// Of the lake's thread.
final class MessageReadings implements ReadingSink {
    /// Parts of one message that are kept as rejected; the next one says how many more there were.
    static final int REJECTED_MAX = 20;
    /// Bytes of a payload kept with its first rejected part.
    static final int PAYLOAD_BYTES_MAX = 16 << 10;

    private static final int KEPT_MAX = 4096;

    private final int seriesMax;
    private final MessageRows rows = new MessageRows();
    private final ArrayList<Sensors.Seen> discovered = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();
    private int reasonsMore;

    private String[] sensor = new String[64];
    private long[] ts = new long[64];
    private double[] value = new double[64];
    private @Nullable String[] text = new @Nullable String[64];
    private Sensors.Kind[] kind = new Sensors.Kind[64];
    private int count;
    private long messages;

    /// One key of a reading within a message.
    private record Key(Series series, long ts) {}

    MessageReadings(int seriesMax) {
        this.seriesMax = seriesMax;
    }

    /// What became of one message.
    ///
    /// @param rejectedBytes bytes that the rejected parts take
    record Outcome(int readings, int rejected, int rejectedBytes) {}

    /// Decodes a message into the tenant's segments, as far as its tables do not have it yet.
    Outcome take(Decoder decoder, TenantTail tail, Message message, Place place) {
        count = 0;
        reasons.clear();
        reasonsMore = 0;
        try {
            decoder.decode(message, this);
        } catch (RuntimeException e) {
            // A bug of the decoder must not stop everybody's data: the message is kept as rejected and shown.
            place.log().bug(message, e);
            count = 0;
            reasons.clear();
            reasons.add("internal: the decoder failed on this payload ("
                    + e.getClass().getSimpleName() + "); the payload is kept, please report it");
        }
        DeviceId device = message.device();
        if (count > 0 && device == null) {
            count = 0;
            rejected(0, "the message has no device, so its values belong to nobody; publish as a device");
        }
        int readings = 0;
        if (count > 0 && device != null && tail.wantsReadings(place.partition(), place.position())) {
            readings = append(tail, device, message, place);
        }
        int rejected = 0;
        int rejectedBytes = 0;
        if (!reasons.isEmpty() && tail.wants(Side.REJECTED, place.partition(), place.position())) {
            rejectedBytes = reject(tail, message, place);
            rejected = reasons.size();
        }
        release();
        return new Outcome(readings, rejected, rejectedBytes);
    }

    /// @return why the first rejected part of the last message could not be read, or ""
    String firstReason() {
        return reasons.isEmpty() ? "" : reasons.getFirst();
    }

    /// @return sensors met for the first time since the last call
    List<Sensors.Seen> drainDiscovered() {
        List<Sensors.Seen> drained = List.copyOf(discovered);
        discovered.clear();
        return drained;
    }

    boolean hasDiscovered() {
        return !discovered.isEmpty();
    }

    /// Where a message stands, and who hears of bugs.
    record Place(int partition, long position, long nowMillis, BugLog log) {}

    /// Hears of failures of the decoder.
    interface BugLog {
        void bug(Message message, RuntimeException failure);
    }

    private int append(TenantTail tail, DeviceId id, Message message, Place place) {
        DeviceSeries device = tail.deviceOrNew(id.value());
        HotTail hot = tail.hot();
        HotTail.Origin origin = new HotTail.Origin(place.partition(), place.position(), message.receivedMicros());
        messages++;
        int firstRow = hot.filled();
        Map<Key, Integer> rowOf = null;
        synchronized (device) {
            device.heard(message.receivedMicros());
            for (int i = 0; i < count; i++) {
                Series series = device.find(sensor[i]);
                if (series == null) {
                    series = create(tail, device, message, i);
                    if (series == null) {
                        continue;
                    }
                }
                boolean late = ts[i] <= series.reachedTs();
                if (late && series.touchedBy == messages) {
                    rowOf = rowOf == null ? rowsSince(hot, firstRow) : rowOf;
                }
                Integer same = rowOf == null ? null : rowOf.get(new Key(series, ts[i]));
                if (same != null) {
                    hot.replace(same, value[i], text[i]);
                } else {
                    // not before there is a row: a segment without any is never sealed, and would hold the log
                    hot.begins(place.partition(), place.position(), place.nowMillis());
                    int row = hot.append(series, ts[i], value[i], text[i], origin);
                    if (late) {
                        hot.flagLate(row);
                    }
                    if (rowOf != null) {
                        rowOf.put(new Key(series, ts[i]), row);
                    }
                }
                series.touchedBy = messages;
                series.newest(ts[i], value[i], text[i], message.receivedMicros(), place.position());
            }
        }
        hot.publish();
        return hot.filled() - firstRow;
    }

    private @Nullable Series create(TenantTail tail, DeviceSeries device, Message message, int i) {
        if (tail.seriesCount() >= seriesMax) {
            rejected(0, "the tenant has %d sensors, the most that lake.series-max allows".formatted(seriesMax));
            return null;
        }
        tail.countSeries();
        discovered.add(new Sensors.Seen(
                message.tenant(),
                new DeviceId(device.device()),
                sensor[i],
                kind[i],
                Instant.EPOCH.plus(message.receivedMicros(), ChronoUnit.MICROS)));
        return device.add(sensor[i], kind[i]);
    }

    private static Map<Key, Integer> rowsSince(HotTail hot, int firstRow) {
        Map<Key, Integer> rows = new HashMap<>();
        for (int row = firstRow; row < hot.filled(); row++) {
            rows.put(new Key(hot.series(hot.place(row)), hot.ts(row)), row);
        }
        return rows;
    }

    /// @return bytes that the rows take
    private int reject(TenantTail tail, Message message, Place place) {
        if (reasonsMore > 0) {
            reasons.add("and %d more parts of this message".formatted(reasonsMore));
        }
        SideTail rejected = tail.side(Side.REJECTED);
        SideTail.Origin origin = new SideTail.Origin(place.partition(), place.position(), place.nowMillis());
        int bytes = 0;
        int payloadBytes = PAYLOAD_BYTES_MAX;
        for (String reason : reasons) {
            bytes += rows.rejected(rejected, message, payloadBytes, reason, origin);
            payloadBytes = 0;
        }
        return bytes;
    }

    /// A message of a great many readings must not keep its arrays for ever.
    private void release() {
        if (ts.length > KEPT_MAX) {
            sensor = new String[64];
            ts = new long[64];
            value = new double[64];
            text = new @Nullable String[64];
            kind = new Sensors.Kind[64];
        }
    }

    @Override
    public void number(String sensor, long tsMicros, double value) {
        add(sensor, tsMicros, value, null, Sensors.Kind.NUMBER);
    }

    /// The digits are beside the number, as the word is of a boolean.
    @Override
    public void whole(String sensor, long tsMicros, double value, String digits) {
        add(sensor, tsMicros, value, digits, Sensors.Kind.NUMBER);
    }

    @Override
    public void text(String sensor, long tsMicros, String value) {
        add(sensor, tsMicros, Double.NaN, value, Sensors.Kind.TEXT);
    }

    @Override
    public void bool(String sensor, long tsMicros, boolean value) {
        add(sensor, tsMicros, value ? 1 : 0, value ? "true" : "false", Sensors.Kind.BOOLEAN);
    }

    @Override
    public void rejected(int index, String reason) {
        if (reasons.size() < REJECTED_MAX) {
            reasons.add(reason);
        } else {
            reasonsMore++;
        }
    }

    private void add(String sensorPath, long tsMicros, double number, @Nullable String words, Sensors.Kind of) {
        if (count == ts.length) {
            sensor = Arrays.copyOf(sensor, 2 * count);
            ts = Arrays.copyOf(ts, 2 * count);
            value = Arrays.copyOf(value, 2 * count);
            text = Arrays.copyOf(text, 2 * count);
            kind = Arrays.copyOf(kind, 2 * count);
        }
        sensor[count] = sensorPath;
        ts[count] = tsMicros;
        value[count] = number;
        text[count] = words;
        kind[count] = of;
        count++;
    }
}
