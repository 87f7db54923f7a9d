package tributary.gateway.mqtt;

import org.jspecify.annotations.Nullable;
import tributary.broker.Attachment;
import tributary.log.Receipt;
import tributary.model.Fault;

/// One publish of QoS 1 or 2 on its way to the disk, in the order in which its connection has to acknowledge.
///
/// The log's thread writes the outcome and hands it to the event loop through the [ReceiptQueue]; all else is the
/// loop's.
final class Pending implements Receipt {
    private final Inbound owner;
    private final int packetId;

    /// What the session remembers of a publish of QoS 2; null at QoS 1 and where the log was not asked.
    private final Attachment.@Nullable Taking taking;

    private final boolean exactlyOnce;

    /// The next one in the queue of receipts; the queue's own.
    @Nullable
    Pending next;

    private PacketWriter.@Nullable Outcome outcome;
    private long position;
    private boolean settled;

    private Pending(Inbound owner, int packetId, boolean exactlyOnce, Attachment.@Nullable Taking taking) {
        this.owner = owner;
        this.packetId = packetId;
        this.exactlyOnce = exactlyOnce;
        this.taking = taking;
    }

    static Pending atLeastOnce(Inbound owner, int packetId) {
        return new Pending(owner, packetId, false, null);
    }

    static Pending exactlyOnce(Inbound owner, int packetId, Attachment.Taking taking) {
        return new Pending(owner, packetId, true, taking);
    }

    /// One that was decided without the log.
    static Pending decided(Inbound owner, int packetId, boolean exactlyOnce, PacketWriter.Outcome outcome) {
        Pending pending = new Pending(owner, packetId, exactlyOnce, null);
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

    /// On the loop: from now on it can be acknowledged when its turn comes, and the session knows.
    void settle() {
        settled = true;
        if (taking != null && outcome == PacketWriter.Outcome.SUCCESS) {
            taking.durable(position);
        } else if (taking != null) {
            taking.refused();
        }
    }

    /// @return what became of it, or null while that is open
    PacketWriter.@Nullable Outcome outcome() {
        return settled ? outcome : null;
    }

    @Override
    public void durable(int partition, long at) {
        position = at;
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
