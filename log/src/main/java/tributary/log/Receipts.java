package tributary.log;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.Fault;

/// Tells receipts; one that throws is logged and disturbs neither the log nor the others.
final class Receipts {
    private static final Logger LOG = LoggerFactory.getLogger(Receipts.class);

    private Receipts() {}

    static void durable(Receipt receipt, int partition, long position) {
        if (receipt == Receipt.NONE) {
            return;
        }
        try {
            receipt.durable(partition, position);
        } catch (RuntimeException e) {
            LOG.error("a receipt failed at partition {} position {}", partition, position, e);
        }
    }

    static void refused(Receipt receipt, Fault fault, String detail) {
        if (receipt == Receipt.NONE) {
            return;
        }
        try {
            receipt.refused(fault, detail);
        } catch (RuntimeException e) {
            LOG.error("a receipt failed on being refused: {}", detail, e);
        }
    }

    static void run(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.error("an action that waited for the log failed", e);
        }
    }
}
