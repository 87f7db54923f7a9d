package tributary.gateway.mqtt;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the owner's log why clients were refused: at most so many lines a second, because strangers can cause them.
final class Complaints {
    private static final Logger LOG = LoggerFactory.getLogger("tributary.mqtt");
    private static final int LINES_A_SECOND = 10;

    private int lines;
    private long withheld;

    /// @param who    address, and the client's name where it is known
    /// @param detail what, why and what to do
    void say(String who, ReasonCode reason, String detail) {
        if (lines < LINES_A_SECOND) {
            lines++;
            LOG.info("{}: {}: {}", who, reason, detail);
        } else {
            withheld++;
        }
    }

    /// Once a second.
    void tick() {
        lines = 0;
        if (withheld > 0) {
            LOG.info("{} more refusals in the last second", withheld);
            withheld = 0;
        }
    }
}
