package tributary.simulator;

/// Where a run's messages go. Used by the run's thread; the counters may be read by others.
public interface Output extends AutoCloseable {
    /// Sends one message, or gathers it with others; waits while too many have no answer yet.
    void send(SimulatedMessage message) throws InterruptedException;

    /// Lets everything gathered go.
    void flush();

    /// Waits until every message sent has its answer, at most a minute.
    ///
    /// @return whether all came home
    boolean drain() throws InterruptedException;

    /// @return messages that the other side took over for good
    long acknowledged();

    /// @return messages that were refused or whose connection broke before an answer
    long failed();

    @Override
    void close();
}
