package tributary.lake;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tributary.decode.Decoder;
import tributary.model.DeviceId;
import tributary.model.TenantId;

/// History: every reading of a tenant, in open Parquet and Iceberg files plus the hot tail that is not sealed yet.
///
/// A reader of the log of its own. What it shows at any moment is exactly the readings of a prefix of each partition:
/// none missing, none twice, a reading that was sent again replaced.
public interface Lake extends AutoCloseable {
    /// @return the tenant's tables now; stays readable for at least ten minutes
    Snapshot snapshot(TenantId tenant);

    /// Makes sure that files of a snapshot are where their paths say until what it gives is closed. Needed where the
    /// lake is [#remote]; else nothing is to be done.
    default Hold hold(Collection<Path> files) throws IOException {
        return Hold.NOTHING;
    }

    /// @return whether files of snapshots are elsewhere until they are held
    default boolean remote() {
        return false;
    }

    /// @return how many bytes can be held at once
    default long holdBytesMax() {
        return Long.MAX_VALUE;
    }

    /// In memory: the last value of each sensor of the device, by sensor path.
    List<LatestValue> latest(TenantId tenant, DeviceId device);

    /// In memory: how regularly the device is heard; empty where it never sent a reading. Waits for nothing, so it is
    /// empty too until the tables that a start found have been read.
    Optional<Rhythm> rhythm(TenantId tenant, DeviceId device);

    /// In memory: the same of all devices of the tenant, in no order.
    List<Rhythm> rhythms(TenantId tenant);

    /// @return the position of `partition` before which everything is visible in snapshots
    long visibleUpTo(int partition);

    /// @return whether the tables that a start found have been read; until then [#snapshot] waits for them
    default boolean ready() {
        return true;
    }

    /// @return what keeps the lake from its work and what is being done about it, for people; empty where all is well
    default Optional<String> trouble() {
        return Optional.empty();
    }

    /// @return figures for metrics and `status`
    LakeStats stats();

    /// @return what care of the files did and has to do
    default CareStats care() {
        return CareStats.NONE;
    }

    /// Erasures of one tenant that may be under way.
    int ERASURES_OPEN_MAX = 1_000;

    /// Takes the wish that what a device sent until now be erased; it survives crashes until it is done.
    ///
    /// @param device null for all of the tenant
    default Erasure erase(TenantId tenant, @Nullable DeviceId device) {
        throw new UnsupportedOperationException("this lake erases nothing");
    }

    /// @return the tenant's erasures that are under way, and those done in the last months; the oldest first
    default List<Erasure> erasures(TenantId tenant) {
        return List.of();
    }

    /// Decodes the messages of a past window again, and puts what that gives in the place of what `readings` and
    /// `rejected` have of them: all of it or nothing, whenever the process dies. Roll-ups and newest values follow.
    /// Blocks as long as it takes.
    ///
    /// @throws tributary.model.PlatformException where it cannot be done; then nothing was changed
    default Redecoded redecode(Redecoding what) throws InterruptedException {
        throw new UnsupportedOperationException("this lake decodes nothing again");
    }

    /// Which messages: those of a tenant that were received from one moment to another, within stretches of the log.
    ///
    /// @param fromMicros the first moment
    /// @param toMicros   the first moment behind
    /// @param starts     by partition: the first position
    /// @param ends       by partition: the first position behind; the lake has read so far
    /// @param decoder    for this call alone
    record Redecoding(TenantId tenant, long fromMicros, long toMicros, long[] starts, long[] ends, Decoder decoder) {
        public Redecoding {
            starts = starts.clone();
            ends = ends.clone();
        }
    }

    /// @param readings that the decoder gave
    /// @param rejected parts of messages that could not be decoded
    record Redecoded(long readings, long rejected) {}

    /// Looks for the rows of one message in the tenant's tables. Reads files, so it takes a moment.
    ///
    /// @return in which tables they are, and where; empty where there are none, or not yet
    default List<Kept> whereabouts(TenantId tenant, Sought sought) {
        return List.of();
    }

    /// A message whose rows are looked for.
    ///
    /// @param device      that it is of, or ""
    /// @param position    in its partition of the log
    /// @param minTsMicros least measuring time of its readings
    /// @param maxTsMicros greatest measuring time of its readings
    record Sought(
            String device, int partition, long position, long receivedMicros, long minTsMicros, long maxTsMicros) {}

    /// Rows of a message.
    ///
    /// @param table `readings`, or that of a [Side]
    /// @param file  below the lake's folder, or "" while they are in memory, beside the log
    record Kept(String table, String file, long rows) {}

    /// Seals and commits what is hot, then releases everything.
    @Override
    void close();

    /// The newest reading of a sensor, by measuring time.
    ///
    /// @param text the value as text, the digits of a whole number that no double is equal to, or null where it
    ///             is any other number
    record LatestValue(
            DeviceId device,
            String sensor,
            long tsMicros,
            double value,
            @Nullable String text,
            long receivedMicros) {
        /// @return whether it is a number, and neither a text nor a boolean
        public boolean isNumber() {
            return text == null || !Double.isNaN(value) && !text.equals("true") && !text.equals("false");
        }
    }

    /// How regularly a device is heard.
    ///
    /// @param lastMicros     when its newest message with readings came, microseconds since 1970 UTC
    /// @param intervalMicros what usually lies between two of them; 0 until that is known, a few messages
    ///                       after each start
    record Rhythm(DeviceId device, long lastMicros, long intervalMicros) {
        /// A shorter silence is never called one: networks and batteries have their moods.
        private static final long PATIENCE_MICROS = 10_000_000;

        /// @return how many messages should have come since the last one and did not
        public long missed(long nowMicros) {
            long silence = nowMicros - lastMicros;
            return intervalMicros == 0 || silence < PATIENCE_MICROS ? 0 : silence / intervalMicros;
        }
    }

    /// @param readings  readings decoded since start
    /// @param rejected  parts of payloads rejected since start
    /// @param hotRows   rows not sealed yet
    /// @param files     data files of all tenants
    /// @param bytes     bytes in them
    /// @param rows      rows in them
    /// @param commits   commits since start
    /// @param lagRecords log records not visible yet
    record LakeStats(
            long readings,
            long rejected,
            long hotRows,
            long files,
            long bytes,
            long rows,
            long commits,
            long lagRecords) {}

    /// How far an erasure is.
    enum Phase {
        /// Rows that are still in memory go into files.
        WAITING,
        /// Files are rewritten without the rows.
        REWRITING,
        /// No query sees the rows; files that had them wait for queries that began before.
        EXPIRING,
        /// No file of the lake has them; the log forgets the messages when their time is over.
        LOG,
        /// They are nowhere.
        DONE
    }

    /// @param device        null for all of the tenant
    /// @param wishedMillis  rows that came before are erased
    /// @param changedMillis when it came into its phase
    record Erasure(
            String id,
            TenantId tenant,
            @Nullable DeviceId device,
            long wishedMillis,
            Phase phase,
            long changedMillis) {}

    /// @param smallFiles    files below half of the target size
    /// @param waiting       files that are to be rewritten now
    /// @param merges        merges since start
    /// @param mergedBytes   bytes of the files that were rewritten in them
    /// @param removedFiles  files that retention or the disk's limit took out since start
    /// @param orphans       files deleted since start because no snapshot named them
    /// @param lastMillis    when the last merge ended, 0 before the first
    /// @param nextMillis    when it is looked for work next, 0 while it works
    /// @param snapshots     snapshots of all tables that can be read
    /// @param rolledDays    days of readings that are rolled up as they are now
    /// @param rollupsDue    days that are over and not, or not any more
    /// @param erasures      erasures under way
    /// @param diskBytes     bytes of the lake's folder
    /// @param diskBytesMax  what it may take, 0 for no limit
    record CareStats(
            long smallFiles,
            long waiting,
            long merges,
            long mergedBytes,
            long removedFiles,
            long orphans,
            long lastMillis,
            long nextMillis,
            long snapshots,
            long rolledDays,
            long rollupsDue,
            long erasures,
            long diskBytes,
            long diskBytesMax) {
        static final CareStats NONE = new CareStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }
}
