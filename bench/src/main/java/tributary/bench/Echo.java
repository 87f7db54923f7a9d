package tributary.bench;

/// Tells a publisher's lane which of its messages every subscriber of its stream has heard. One event loop.
final class Echo {
    private final Dialect.Listener lane;
    private final int subscribers;
    private final int[] heard;
    private final int mask;
    private long before;
    private boolean told = true;

    /// @param window      messages that may be under way
    /// @param subscribers how many hear each message
    Echo(Dialect.Listener lane, int window, int subscribers) {
        this.lane = lane;
        this.subscribers = subscribers;
        this.heard = new int[Lane.slots(window)];
        this.mask = heard.length - 1;
    }

    /// A subscriber has come from `from` to `to`; what the server dropped between is not waited for.
    void advanced(long from, long to) {
        for (long n = from; n < to; n++) {
            int slot = (int) n & mask;
            if (++heard[slot] == subscribers) {
                heard[slot] = 0;
                before = n + 1;
                told = false;
            }
        }
    }

    /// Call at the end of a turn: the lane sends on.
    void tell() {
        if (!told) {
            told = true;
            lane.arrivedBefore(before);
        }
    }
}
