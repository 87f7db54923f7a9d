package tributary.gateway;

/// So many at once, and then one every so often. For one thread at a time.
final class Allowance {
    private final int most;
    private final long everyMicros;
    private int left;
    private long refilledMicros;

    /// @param most        at once
    /// @param everyMicros after which there is one more
    Allowance(int most, long everyMicros) {
        this.most = most;
        this.everyMicros = everyMicros;
        this.left = most;
    }

    /// @return whether there was one left
    boolean take(long nowMicros) {
        if (left < most) {
            long more = Math.max(0, nowMicros - refilledMicros) / everyMicros;
            left = (int) Math.min(most, left + more);
            refilledMicros = left == most ? nowMicros : refilledMicros + more * everyMicros;
        } else {
            refilledMicros = nowMicros;
        }
        if (left == 0) {
            return false;
        }
        left--;
        return true;
    }
}
