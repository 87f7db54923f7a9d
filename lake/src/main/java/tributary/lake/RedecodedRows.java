package tributary.lake;

import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.decode.EventFormat;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.model.DeviceId;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.PlatformException;
import tributary.registry.Sensors;

/// What the decoder gives of the messages of a window, in segments as the lake's thread fills them, and not shown to
/// anybody.
///
/// @param tail    holds the rows
/// @param sensors every sensor that has readings
record RedecodedRows(TenantTail tail, List<Sensors.Seen> sensors) {
    static final int ROWS_MAX = 1_000_000;
    private static final Logger LOG = LoggerFactory.getLogger(RedecodedRows.class);

    HotTail readings() {
        return tail.hot();
    }

    SideTail rejected() {
        return tail.side(Side.REJECTED);
    }

    /// Reads the log. Every message of the window has to be there, or rows would go without others that come.
    static RedecodedRows read(Lake.Redecoding what, Log log, List<Erasures.Wish> erased, int seriesMax) {
        RedecodeWindow window = RedecodeWindow.of(what);
        MessageReadings readings = new MessageReadings(seriesMax);
        TenantTail tail = new TenantTail(what.tenant(), log.partitions());
        try (LogReader reader = log.reader()) {
            for (int partition = 0; partition < what.ends().length; partition++) {
                long position = what.starts()[partition];
                reader.seek(partition, position);
                while (position < what.ends()[partition]) {
                    Batch batch = reader.next(partition);
                    if (batch == null || batch.first() > position) {
                        throw failure("the log has not all messages of the window any more");
                    }
                    for (int i = (int) (position - batch.first()); i < batch.size(); i++, position++) {
                        if (position == what.ends()[partition]) {
                            break;
                        }
                        Message message = batch.message(i);
                        if (wanted(what, window, message, batch.receivedMicros(i))
                                && !gone(erased, message, partition, position)) {
                            take(readings, what, tail, message, partition, position);
                        }
                    }
                    position = Math.max(position, Math.min(batch.end(), what.ends()[partition]));
                }
            }
        }
        return new RedecodedRows(tail, readings.drainDiscovered());
    }

    private static void take(
            MessageReadings readings,
            Lake.Redecoding what,
            TenantTail tail,
            Message message,
            int partition,
            long position) {
        readings.take(
                what.decoder(),
                tail,
                message,
                new MessageReadings.Place(
                        partition, position, 0, (of, e) -> LOG.error("the decoder failed on {} again", of, e)));
        if (tail.hot().filled() > ROWS_MAX || tail.side(Side.REJECTED).full()) {
            throw failure("the window has more rows than fit; choose a shorter one");
        }
    }

    private static PlatformException failure(String why) {
        return new PlatformException(Fault.LAKE_FAILED, why + "; nothing was changed");
    }

    private static boolean wanted(Lake.Redecoding what, RedecodeWindow window, Message message, long receivedMicros) {
        return message.tenant().equals(what.tenant()) && window.includes(receivedMicros) && !EventFormat.is(message);
    }

    /// What a device sent before it was erased is to be forgotten, and stays so.
    private static boolean gone(List<Erasures.Wish> erased, Message message, int partition, long position) {
        DeviceId device = message.device();
        return erased.stream()
                .anyMatch(wish -> (wish.device() == null || Objects.equals(wish.device(), device))
                        && partition < wish.before().length
                        && position < wish.before()[partition]);
    }
}
