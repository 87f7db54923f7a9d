package tributary.rules;

import tributary.rules.value.StateIn;
import tributary.rules.value.StateOut;

/// The open windows of one group. Messages come in the order of their time; what is due before one leaves
/// before it.
interface WindowState {
    /// Takes rows.
    interface Out {
        /// @param at the moment, by the clock that windows go by
        void row(Bucket bucket, long start, long end);
    }

    /// Takes a message in.
    ///
    /// @param clock what has passed already: no window that ended by then is opened again
    void add(Entry entry, long clock, Out out);

    /// @return when the next window closes, or [DueQueue#NEVER]
    long due();

    /// @return the order among windows of the same time
    long order();

    /// Closes what is due at a moment.
    void fire(long at, Out out);

    /// @return whether nothing is kept
    boolean isEmpty();

    /// @return whether a message of a time that has passed still finds an open window
    boolean takes(long time, long clock);

    /// Shows each open window as it stands.
    void open(Out out);

    /// Writes the state.
    void write(StateOut out);

    /// Reads it back.
    void read(StateIn in);
}
