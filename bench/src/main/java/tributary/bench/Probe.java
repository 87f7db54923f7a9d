package tributary.bench;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;
import tributary.simulator.MqttOutput;
import tributary.simulator.MqttWire;
import tributary.simulator.ServerApi;
import tributary.simulator.ServerException;
import tributary.simulator.SimulatedMessage;

/// One device that sends a reading, waits for its acknowledgement, and asks by SQL until the reading is there.
///
/// Each question is asked when the one before has its answer, so a reading is found at most one question late, and the
/// time of the question that finds it counts.
final class Probe implements AutoCloseable {
    private static final String SENSOR = "probe";

    private final ServerApi api;
    private final MqttOutput output;
    private final String device;
    private final LongSupplier nanos;
    private final Histogram questions = new Histogram(3);
    private long number;

    /// @param login of a device, which nobody else is connected as
    Probe(Target target, ServerApi api, MqttWire.Login login, LongSupplier nanos) throws InterruptedException {
        this.api = api;
        this.device = login.clientId();
        this.nanos = nanos;
        String secret = login.password();
        this.output = MqttOutput.open(target.mqtt(), Map.of(device, secret == null ? "" : secret));
    }

    /// What became of one reading, all by the same clock.
    ///
    /// @param visible when SQL had it, or 0 where it did not in time
    record Seen(long sent, long acknowledged, long visible) {}

    /// @throws ServerException where the reading is not acknowledged
    Seen send(long visibleWithinNanos) throws InterruptedException {
        number++;
        byte[] payload = ("{\"" + SENSOR + "\":" + number + "}").getBytes(StandardCharsets.UTF_8);
        long sent = nanos.getAsLong();
        output.send(new SimulatedMessage(device, device, "devices/" + device + "/telemetry", 0, payload));
        boolean answered = output.drain();
        long acknowledged = nanos.getAsLong();
        if (!answered || output.acknowledged() != number) {
            throw new ServerException(
                    ServerException.Kind.REFUSED, "reading " + number + " of " + device + " was not acknowledged");
        }
        do {
            long asked = nanos.getAsLong();
            boolean there = there();
            long now = nanos.getAsLong();
            questions.recordValue(now - asked);
            if (there) {
                return new Seen(sent, acknowledged, now);
            }
        } while (nanos.getAsLong() - acknowledged < visibleWithinNanos);
        return new Seen(sent, acknowledged, 0);
    }

    /// @return how long SQL took to answer
    Histogram questions() {
        return questions;
    }

    private boolean there() {
        return api.sql("select count(*) from readings where device = '%s' and sensor = '%s' and value = %d"
                                .formatted(device, SENSOR, number))
                        .getFirst()
                        .getFirst()
                        .asLong()
                > 0;
    }

    @Override
    public void close() {
        output.close();
    }
}
