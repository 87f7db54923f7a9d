package tributary.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;

/// The outbox as the records of a log of one partition.
final class LogOutbox implements Outbox {
    private static final int PARCELS_MAX = 4096;
    private static final Topic TOPIC = new Topic("step");

    private final Log log;
    private final long bytesMax;

    LogOutbox(Log log, long bytesMax) {
        this.log = log;
        this.bytesMax = bytesMax;
    }

    /// @param bytes a [StepRecord]
    /// @return the record of the log that holds it
    static Message record(byte[] bytes, long millis) {
        return new Message(
                TenantId.MAIN,
                null,
                TOPIC,
                bytes,
                TimeUnit.MILLISECONDS.toMicros(millis),
                Message.Origin.PLATFORM,
                "",
                0,
                false,
                MessageProperties.NONE);
    }

    @Override
    public OutboxReader reader(String name) {
        boolean known = log.readerNames().contains(name);
        LogReader reader = log.reader(name);
        boolean opened = false;
        try {
            if (!known) {
                long end = log.end(0);
                reader.seek(0, end);
                reader.commit(0, end);
            }
            opened = true;
            return new Reader(reader);
        } finally {
            if (!opened) {
                reader.close(); // whoever tries again opens it anew
            }
        }
    }

    @Override
    public OutboxReader reader() {
        return new Reader(log.reader());
    }

    @Override
    public long end() {
        return Positions.first(log.end(0));
    }

    @Override
    public long bytes() {
        return log.stats().bytes();
    }

    @Override
    public long bytesMax() {
        return bytesMax;
    }

    private static final class Reader implements OutboxReader {
        private final LogReader reader;
        private @Nullable Batch batch;
        private int index;
        private long position;

        Reader(LogReader reader) {
            this.reader = reader;
            this.position = Positions.first(reader.position(0));
        }

        @Override
        public List<Parcel> poll(Duration wait) {
            List<Parcel> parcels = new ArrayList<>();
            long deadline = System.nanoTime() + wait.toNanos();
            while (parcels.isEmpty()) {
                Batch at = batch;
                if (at == null || index >= at.size()) {
                    at = reader.poll(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
                    batch = at;
                    index = 0;
                    if (at == null) {
                        return parcels;
                    }
                }
                while (index < at.size() && parcels.size() < PARCELS_MAX) {
                    long record = at.first() + index;
                    List<Parcel> of = new ArrayList<>();
                    StepRecord.read(at.message(index++).payload()).parcels(record, of);
                    for (Parcel parcel : of) {
                        if (parcel.position() >= position) {
                            parcels.add(parcel);
                        }
                    }
                    position = Math.max(position, Positions.first(record + 1));
                }
            }
            return parcels;
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public void seek(long to) {
            reader.seek(0, Positions.record(to));
            batch = null;
            index = 0;
            position = Math.max(to, Positions.first(reader.position(0)));
        }

        @Override
        public void commit(long to) {
            reader.commit(0, Positions.record(to));
        }

        @Override
        public void close() {
            reader.close();
        }
    }
}
