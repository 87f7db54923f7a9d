package tributary.sinks;

import java.util.List;

/// One receiver, as its adapter speaks to it. Used by one thread at a time; it connects when it is first needed.
public interface Sink extends AutoCloseable {
    /// Hands parcels over, in order. Returns when the receiver has said that it has them, or why not.
    Outcome deliver(List<Parcel> batch) throws InterruptedException;

    /// Says how much is handed over at once, of what has been gathered.
    ///
    /// @param batch not empty
    /// @return how many of the first belong together, 1 at least; all of them where the sink makes no difference
    default int together(List<Parcel> batch) {
        return batch.size();
    }

    /// Before the first delivery, tells the sink from where on the parcels will come.
    ///
    /// @param position everything before it is delivered
    /// @return the same, or a later one where the sink knows that more is delivered than its runner had noted
    default long resume(long position) {
        return position;
    }

    /// @return the position of the oldest parcel that the sink has but that is not safe yet; [Long#MAX_VALUE] where
    ///         there is none, as with every sink that keeps nothing
    default long held() {
        return Long.MAX_VALUE;
    }

    /// Time has passed: what is held may be due.
    default Outcome tick() throws InterruptedException {
        return Outcome.DONE;
    }

    /// Makes all that is held safe now.
    default Outcome flush() throws InterruptedException {
        return Outcome.DONE;
    }

    /// Lets go of connections and files. What is held and was not flushed is forgotten, and will be delivered again.
    @Override
    void close();
}
