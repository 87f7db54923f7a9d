package tributary.gateway.ws;

import java.util.Locale;
import tributary.gateway.Cause;
import tributary.log.Receipt;
import tributary.model.Fault;

/// Tells the ledger of a connection what became of one frame.
final class FrameReceipt implements Receipt {
    private final WsConnection connection;
    private final long frame;
    private final int bytes;

    FrameReceipt(WsConnection connection, long frame, int bytes) {
        this.connection = connection;
        this.frame = frame;
        this.bytes = bytes;
    }

    @Override
    public void durable(int partition, long position) {
        connection.ledger().durable(frame, bytes);
    }

    @Override
    public void refused(Fault fault, String detail) {
        connection.noted(Cause.NOT_STORED, detail);
        connection
                .ledger()
                .refused(frame, bytes, fault.name().toLowerCase(Locale.ROOT).replace('_', '-'), detail);
    }
}
