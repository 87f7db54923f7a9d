package tributary.registry;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// What sinks could not deliver, until somebody drives it again or drops it. Durable when a method returns.
public interface DeadLetters {
    /// How many letters a sink may have.
    int LETTERS_MAX = 10_000;

    /// How many bytes all letters of a sink may have.
    long BYTES_MAX = 64L << 20;

    /// @param sink     id of the sink's definition
    /// @param position of the parcel in the outbox, which also names the letter
    /// @param parcel   a JSON object, as text
    /// @param reason   why it could not be delivered, for people
    /// @param attempts how often it was tried
    /// @param at       when it was tried last
    record DeadLetter(String sink, long position, String parcel, String reason, int attempts, Instant at) {
        public DeadLetter {
            Objects.requireNonNull(sink, "sink");
            Objects.requireNonNull(parcel, "parcel");
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(at, "at");
        }
    }

    /// @param letters how many
    /// @param bytes   of their parcels
    record Amount(int letters, long bytes) {}

    /// Keeps a letter, in place of one of the same position.
    ///
    /// @return false where the sink has its most of them; nothing is kept then
    boolean add(DeadLetter letter);

    /// What came of an edit.
    enum Edited {
        DONE,
        /// It is not there any more, or not as it was: somebody else was faster.
        GONE,
        /// The letter would be larger, and the sink has its most of bytes; nothing is changed then.
        NO_ROOM
    }

    /// Gives a letter that is there as it was another parcel.
    Edited edit(DeadLetter was, String parcel);

    /// Notes reason, attempts and time of a letter that is there; its parcel stays what it is by now.
    ///
    /// @return whether it was there
    boolean tried(DeadLetter letter);

    Optional<DeadLetter> find(String sink, long position);

    /// @return in order, those after the position, at most so many
    List<DeadLetter> page(String sink, long after, int countMax);

    Amount amount(String sink);

    /// @return whether it existed
    boolean remove(String sink, long position);

    /// Removes a letter, if it is there as it was.
    ///
    /// @return whether it was
    boolean remove(DeadLetter was);

    /// @return how many there were
    int removeAll(String sink);
}
