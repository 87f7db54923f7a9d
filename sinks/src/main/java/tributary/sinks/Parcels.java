package tributary.sinks;

import java.time.Duration;
import java.util.List;
import tributary.model.TenantId;

/// What a sink reads from: the durable, ordered outputs of rules.
public interface Parcels {
    /// @return the position that the next one gets: all before it can be read
    long end();

    /// Opens a reader of one sink's parcels, for one thread.
    ///
    /// @param from where to begin: [#end], or what a page gave as its next
    Reader reader(TenantId tenant, String sink, long from);

    /// Reads one sink's parcels in order.
    interface Reader extends AutoCloseable {
        /// Waits for more.
        ///
        /// @param wait     how long at most; zero does not wait
        /// @param countMax how many parcels at most
        /// @param bytesMax of payload, but always one parcel
        /// @return what came, perhaps nothing
        Page next(Duration wait, int countMax, long bytesMax) throws InterruptedException;

        /// Continues there.
        void seek(long position);

        @Override
        void close();
    }

    /// @param parcels of the sink, in order
    /// @param next    everything of the sink before this position has been read
    record Page(List<Parcel> parcels, long next) {
        public Page {
            parcels = List.copyOf(parcels);
        }
    }
}
