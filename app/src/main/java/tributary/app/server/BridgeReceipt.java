package tributary.app.server;

import tributary.log.Receipt;
import tributary.model.Fault;
import tributary.sinks.Inlet;

/// Carries what the log says of a message to the sink that brought it.
record BridgeReceipt(Inlet.Receipt receipt) implements Receipt {
    @Override
    public void durable(int partition, long position) {
        receipt.stored();
    }

    @Override
    public void refused(Fault fault, String detail) {
        receipt.failed(detail);
    }
}
