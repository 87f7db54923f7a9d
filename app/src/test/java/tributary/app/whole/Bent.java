package tributary.app.whole;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.app.whole.Plant.Station;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.log.Receipt;
import tributary.model.DeviceId;
import tributary.model.Disk;
import tributary.model.DiskFile;
import tributary.model.Message;
import tributary.model.TenantId;

/// Mistakes between stations: what stands between a station and what it lives on, and does not do all of it.
final class Bent {
    private Bent() {}

    /// @return the disk that has what rules remember
    static Disk state(Disk real, Plant plant) {
        return plant.station() == Station.RULES ? new Careless(real, plant.flaw()) : real;
    }

    /// @return what the lake reads the log with
    static LogReader lakeReader(LogReader real, Plant plant) {
        return plant.is(Station.LAKE, "COMMITS_WHAT_IT_READ") ? new Forgetful(real) : real;
    }

    /// Tells receipts before the disk has what they are for.
    record Hasty(Log rest) implements Log {
        @Override
        public void append(Message message, Receipt receipt) {
            receipt.durable(0, rest.end(0));
            rest.append(message, Receipt.NONE);
        }

        @Override
        public void beginSegments() {
            rest.beginSegments();
        }

        @Override
        public int partitions() {
            return rest.partitions();
        }

        @Override
        public int partitionOf(TenantId tenant, @Nullable DeviceId device, String publisher) {
            return rest.partitionOf(tenant, device, publisher);
        }

        @Override
        public boolean congested() {
            return rest.congested();
        }

        @Override
        public void whenRelieved(Runnable action) {
            rest.whenRelieved(action);
        }

        @Override
        public LogReader reader(String name) {
            return rest.reader(name);
        }

        @Override
        public LogReader reader() {
            return rest.reader();
        }

        @Override
        public long end(int partition) {
            return rest.end(partition);
        }

        @Override
        public long start(int partition) {
            return rest.start(partition);
        }

        @Override
        public long positionAt(int partition, Instant time) {
            return rest.positionAt(partition, time);
        }

        @Override
        public List<Damage> damage() {
            return rest.damage();
        }

        @Override
        public Set<String> readerNames() {
            return rest.readerNames();
        }

        @Override
        public LogStats stats() {
            return rest.stats();
        }

        @Override
        public void close() {
            rest.close();
        }
    }

    /// Does not flush, or keeps nothing of a name.
    private record Careless(Disk rest, String flaw) implements Disk {
        @Override
        public List<String> list(String folder) throws IOException {
            boolean forgets = flaw.equals("FORGETS_REPUBLISHED");
            return rest.list(folder).stream()
                    .filter(name -> !forgets || !name.equals("republished"))
                    .filter(name -> !flaw.equals("FORGETS_CHECKPOINT") || !name.equals("checkpoint"))
                    .toList();
        }

        @Override
        public void makeFolder(String folder) throws IOException {
            rest.makeFolder(folder);
        }

        @Override
        public DiskFile create(String path) throws IOException {
            DiskFile real = rest.create(path);
            return flaw.equals("CHECKPOINT_NOT_FORCED") ? new Unforced(real) : real;
        }

        @Override
        public DiskFile open(String path) throws IOException {
            return rest.open(path);
        }

        @Override
        public void delete(String path) throws IOException {
            rest.delete(path);
        }

        @Override
        public void rename(String from, String to) throws IOException {
            rest.rename(from, to);
        }

        @Override
        public void forceFolder(String folder) throws IOException {
            if (!flaw.equals("NAME_NOT_FORCED")) {
                rest.forceFolder(folder);
            }
        }

        @Override
        public String describe(String path) {
            return rest.describe(path);
        }
    }

    private record Unforced(DiskFile rest) implements DiskFile {
        @Override
        public void write(ByteBuffer bytes, long offset) throws IOException {
            rest.write(bytes, offset);
        }

        @Override
        public int read(ByteBuffer into, long offset) throws IOException {
            return rest.read(into, offset);
        }

        @Override
        public void force() {
            // the mistake
        }

        @Override
        public void truncate(long size) throws IOException {
            rest.truncate(size);
        }

        @Override
        public long size() throws IOException {
            return rest.size();
        }

        @Override
        public void close() throws IOException {
            rest.close();
        }
    }

    /// Says that all is in files as soon as it was read.
    private record Forgetful(LogReader rest) implements LogReader {
        @Override
        public @Nullable Batch poll(Duration wait) {
            Batch batch = rest.poll(wait);
            if (batch != null) {
                rest.commit(batch.partition(), batch.end());
            }
            return batch;
        }

        @Override
        public @Nullable Batch next(int partition) {
            return rest.next(partition);
        }

        @Override
        public long position(int partition) {
            return rest.position(partition);
        }

        @Override
        public void seek(int partition, long position) {
            rest.seek(partition, position);
        }

        @Override
        public void commit(int partition, long position) {
            rest.commit(partition, position);
        }

        @Override
        public void close() {
            rest.close();
        }
    }
}
