package tributary.gateway.mqtt;

import org.jspecify.annotations.Nullable;
import tributary.log.Receipt;
import tributary.model.Fault;

/// One publish of QoS 1 or 2 on its way to the disk, in the order in which its connection has to acknowledge.
///
/// The log's thread writes the outcome and hands it to the event loop through the [ReceiptQueue]; all else is the
/// loop's.
final class Pending implements Receipt {
    private final Inbound owner;
    private final int packetId;
    private final boolean exactlyOnce;

    /// The next one in the queue of receipts; the queue's own.
    @Nullable
    Pending next;

    private PacketWriter.@Nullable Outcome outcome;
    private boolean settled;
    private boolean acknowledged;

    Pending(Inbound owner, int packetId, boolean exactlyOnce) {
        this.owner = owner;
        this.packetId = packetId;
        this.exactlyOnce = exactlyOnce;
    }

    /// One that was decided without the log.
    static Pending decided(Inbound owner, int packetId, boolean exactlyOnce, PacketWriter.Outcome outcome) {
        Pending pending = new Pending(owner, packetId, exactlyOnce);
        pending.outcome = outcome;
        pending.settled = true;
        return pending;
    }

    Inbound owner() {
        return owner;
    }

    int packetId() {
        return packetId;
    }

    boolean exactlyOnce() {
        return exactlyOnce;
    }

    /// On the loop: from now on it can be acknowledged when its turn comes.
    void settle() {
        settled = true;
    }

    /// @return what became of it, or null while that is open
    PacketWriter.@Nullable Outcome outcome() {
        return settled ? outcome : null;
    }

    /// On the loop: the client has been answered.
    void acknowledge() {
        acknowledged = true;
    }

    boolean acknowledged() {
        return acknowledged;
    }

    @Override
    public void durable(int partition, long position) {
        outcome = PacketWriter.Outcome.SUCCESS;
        owner.receipts().add(this);
    }

    @Override
    public void refused(Fault fault, String detail) {
        ReasonCode reason = switch (fault) {
            case LOG_FULL -> ReasonCode.QUOTA_EXCEEDED;
            case DISK_FAILED,
                    DATA_DAMAGED,
                    DATA_FOLDER,
                    REGISTRY_FAILED,
                    LAKE_FAILED,
                    WORKER_FAILED,
                    PORT_TAKEN,
                    STOPPING -> ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR;
        };
        outcome = new PacketWriter.Outcome(reason, "not stored: " + detail);
        owner.receipts().add(this);
    }
}
