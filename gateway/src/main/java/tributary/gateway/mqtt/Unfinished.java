package tributary.gateway.mqtt;

import tributary.gateway.Cause;

/// The packet of a client that has begun and is not there whole: how long it is waited for.
///
/// Half a minute, and a second for each 256 bytes that have come, so that a slow link is waited for and one that sends
/// a byte now and then is not. Seconds are those of the [KeepAliveWheel].
final class Unfinished {
    static final int SECONDS = 30;
    private static final int BYTES_A_SECOND = 256;
    private static final int NONE = -1;

    private int begunAt = NONE;

    /// Nothing is begun: all that came was whole.
    void over() {
        begunAt = NONE;
    }

    /// What was there was taken.
    ///
    /// @param bytes of the beginning of a packet that are left, or 0
    void left(MqttConnection connection, int bytes) {
        if (bytes == 0) {
            over();
            return;
        }
        int now = connection.loop().wheel().now();
        if (begunAt == NONE) {
            begunAt = now;
        }
        int due = dueAt(bytes);
        int planned = connection.plannedAt();
        if (planned <= now || planned > due) {
            connection.loop().wheel().plan(connection, due);
        }
    }

    /// Ends the connection where the packet was waited for long enough.
    ///
    /// @return whether it goes on
    boolean look(MqttConnection connection, int bytes, int now) {
        if (now < dueAt(bytes)) {
            return true;
        }
        connection.loop().tally().timedOut.increment();
        String slow = "a packet began and was not there whole after " + SECONDS + " seconds, and one for each "
                + BYTES_A_SECOND + " bytes of it: send it at once";
        connection.refused(Cause.TOO_SLOW, slow);
        connection.fail(ReasonCode.QUOTA_EXCEEDED, slow);
        return false;
    }

    /// The time until now was not the client's.
    void forgive(int now) {
        if (begunAt != NONE) {
            begunAt = now;
        }
    }

    /// @param bytes that have come of it
    /// @return the second in which it has to be there, or the last one that there is where nothing is begun
    int dueAt(int bytes) {
        return begunAt == NONE ? Integer.MAX_VALUE : begunAt + SECONDS + bytes / BYTES_A_SECOND;
    }
}
