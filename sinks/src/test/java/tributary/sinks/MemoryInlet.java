package tributary.sinks;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// An intake that keeps what it takes in memory; it outlives the sinks that crash around it.
public final class MemoryInlet implements Inlet {
    /// What was taken, in order.
    public final List<Incoming> taken = new CopyOnWriteArrayList<>();

    /// Receipts of what is not on the disk yet, where the disk is slow.
    public final List<Receipt> waiting = new CopyOnWriteArrayList<>();

    /// What had no topic here.
    public final List<Stray> astray = new CopyOnWriteArrayList<>();

    public volatile boolean slow;
    public volatile boolean busy;

    /// How many of the next are not stored.
    public volatile int failing;

    @Override
    public void astray(Stray stray) {
        astray.add(stray);
    }

    @Override
    public Answer take(Incoming message, Receipt receipt) {
        if (busy) {
            return new Answer.Later(Duration.ofMillis(20), "the limit intake.tenant-rate");
        }
        if (message.topic().contains("forbidden")) {
            return new Answer.Refused("may not publish there");
        }
        if (failing > 0) {
            failing--;
            receipt.failed("the log is full");
            return new Answer.Taken();
        }
        taken.add(message);
        if (slow) {
            waiting.add(receipt);
        } else {
            receipt.stored();
        }
        return new Answer.Taken();
    }
}
