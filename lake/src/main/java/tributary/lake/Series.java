package tributary.lake;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Sensors;

/// One sensor of one device: its newest reading, and its place in the segment that is being filled.
///
/// The newest reading is written by the lake's thread and read by others under the lock of [DeviceSeries]. The rest
/// belongs to the lake's thread alone.
final class Series {
    final DeviceSeries owner;
    final String sensor;
    final Sensors.Kind kind;

    /// Measuring time of the newest reading so far, [Long#MIN_VALUE] before the first.
    long newestTs = Long.MIN_VALUE;
    double value;

    /// Measuring time up to which readings come into the tables beside the log's way, [Long#MIN_VALUE] where none do.
    long raisedTs = Long.MIN_VALUE;

    @Nullable
    String text;

    long receivedMicros;

    /// Where it stands in its partition of the log, -1 where it came out of files.
    long position = -1;

    /// The segment that `place` is of.
    long segment = -1;
    int place;
    /// Number of the message, since start, that last touched this series.
    long touchedBy = -1;

    Series(DeviceSeries owner, String sensor, Sensors.Kind kind) {
        this.owner = owner;
        this.sensor = sensor;
        this.kind = kind;
    }

    String device() {
        return owner.device();
    }

    /// @return the measuring time up to which the tables may have a reading; one that is not newer may replace it
    long reachedTs() {
        return Math.max(newestTs, raisedTs);
    }

    /// @return what the registry is told of it
    Sensors.Seen seen(TenantId tenant) {
        Instant at = Instant.EPOCH.plus(receivedMicros, ChronoUnit.MICROS);
        return new Sensors.Seen(tenant, new DeviceId(owner.device()), sensor, kind, at);
    }

    /// Takes a reading over as the newest where it is; one of equal time replaces.
    void newest(long ts, double value, @Nullable String text, long receivedMicros, long position) {
        if (ts >= newestTs) {
            this.newestTs = ts;
            this.value = value;
            this.text = text;
            this.receivedMicros = receivedMicros;
            this.position = position;
        }
    }
}
