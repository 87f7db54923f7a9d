package tributary.rules;

/// How far the state of one rule may grow. What would go beyond is refused, counted and shown.
///
/// @param keys           groups of windows, partitions of analytic functions, alerts, devices: each
/// @param rows           messages that one window, one join side or one function of one key holds
/// @param maxAheadMillis how far a stamp may be ahead of arrival before it counts as a wrong clock
/// @param room           of one run; nothing is added where it is full
public record RuleLimits(int keys, int rows, long maxAheadMillis, Room room) {
    /// For a server.
    public static final RuleLimits DEFAULTS = new RuleLimits(200_000, 100_000, 60_000);

    public RuleLimits(int keys, int rows, long maxAheadMillis) {
        this(keys, rows, maxAheadMillis, new Room());
    }

    /// @return the same for another run, which has room
    public RuleLimits anew() {
        return new RuleLimits(keys, rows, maxAheadMillis);
    }
}
