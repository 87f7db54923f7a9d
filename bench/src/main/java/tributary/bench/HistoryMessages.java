package tributary.bench;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tributary.simulator.MqttWire;

/// Some devices of a history, step by step, as one gateway publishes them: packets that are made once, and numbers that
/// are written into them.
final class HistoryMessages implements MqttMessages {
    private static final int TS_DIGITS = 13;
    private static final int VALUE_CHARS = 6;

    private final History history;
    private final int first;
    private final List<MqttWire.Publish> packets = new ArrayList<>();

    /// Where each value begins in a payload.
    private final int[] values = new int[History.SENSORS.size()];

    private final int tsAt;

    /// @param first of the devices, from 0
    /// @param count how many
    HistoryMessages(MqttDialect.Setup setup, History history, int first, int count) {
        this.history = history;
        this.first = first;
        StringBuilder json = new StringBuilder("{\"ts\":");
        tsAt = json.length();
        json.repeat('1', TS_DIGITS);
        for (int sensor = 0; sensor < values.length; sensor++) {
            json.append(",\"").append(History.SENSORS.get(sensor)).append("\":");
            values[sensor] = json.length();
            json.append("100.00");
        }
        byte[] payload = json.append('}').toString().getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < count; i++) {
            String topic = "devices/" + history.device(first + i) + "/telemetry";
            packets.add(MqttWire.publish(setup.version(), setup.qos(), topic, payload));
        }
    }

    @Override
    public void encode(ByteBuf out, long number, int packetId) {
        int index = (int) (number % packets.size());
        long step = number / packets.size();
        MqttWire.Publish publish = packets.get(index);
        byte[] packet = publish.packet();
        digits(packet, publish.payloadOffset() + tsAt + TS_DIGITS - 1, TS_DIGITS, history.millis(step));
        for (int sensor = 0; sensor < values.length; sensor++) {
            int value = History.hundredths(first + index, sensor, step);
            int last = publish.payloadOffset() + values[sensor] + VALUE_CHARS - 1;
            digits(packet, last, 2, value % 100);
            digits(packet, last - 3, 3, value / 100);
        }
        publish.name(packetId);
        out.writeBytes(packet);
    }

    @Override
    public int bytes() {
        return packets.getFirst().packet().length;
    }

    private static void digits(byte[] target, int last, int count, long value) {
        long rest = value;
        for (int i = last; i > last - count; i--) {
            target[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }
}
