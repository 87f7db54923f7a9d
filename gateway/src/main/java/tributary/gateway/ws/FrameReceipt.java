package tributary.gateway.ws;

import java.util.Locale;
import tributary.log.Receipt;
import tributary.model.Fault;

/// Tells the ledger what became of one frame.
final class FrameReceipt implements Receipt {
    private final Ledger ledger;
    private final long frame;
    private final int bytes;

    FrameReceipt(Ledger ledger, long frame, int bytes) {
        this.ledger = ledger;
        this.frame = frame;
        this.bytes = bytes;
    }

    @Override
    public void durable(int partition, long position) {
        ledger.durable(frame, bytes);
    }

    @Override
    public void refused(Fault fault, String detail) {
        ledger.refused(frame, bytes, fault.name().toLowerCase(Locale.ROOT).replace('_', '-'), detail);
    }
}
