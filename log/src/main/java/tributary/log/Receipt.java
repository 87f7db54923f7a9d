package tributary.log;

import tributary.model.Fault;

/// Hears what became of one appended message: exactly one of the two calls, exactly once.
///
/// Called on the log's thread, in order of the appends of a partition; hand the work on and return.
public interface Receipt {
    /// For messages whose publisher expects no answer.
    Receipt NONE = new Receipt() {
        @Override
        public void durable(int partition, long position) {}

        @Override
        public void refused(Fault fault, String detail) {}
    };

    /// The message is on a disk that reported a successful flush.
    void durable(int partition, long position);

    /// The message is not in the log and never will be.
    ///
    /// @param detail why, and what to do, in words for people
    void refused(Fault fault, String detail);
}
