package tributary.rules;

import java.util.LinkedHashMap;
import java.util.Map;
import tributary.rules.value.StateIn;
import tributary.rules.value.StateOut;

/// How far the time of each device's messages has come. Each device has its own: one wrong clock disturbs
/// nobody else.
final class Watermarks {
    private final RuleLimits limits;
    private final long idleMillis;
    private final Map<String, Seen> devices = new LinkedHashMap<>();

    /// @param mark before it no message is waited for
    private record Seen(long mark, long idleAt) {}

    /// @param idleMillis after how long without a message a device holds nobody up
    Watermarks(RuleLimits limits, long idleMillis) {
        this.limits = limits;
        this.idleMillis = idleMillis;
    }

    /// @return the watermark of a device; the lowest number where it never sent
    long mark(String device) {
        Seen seen = devices.get(device);
        return seen == null ? Long.MIN_VALUE : seen.mark();
    }

    /// @return when a device counts as silent
    long idleAt(String device) {
        Seen seen = devices.get(device);
        return seen == null ? Long.MIN_VALUE : seen.idleAt();
    }

    void seen(String device, long time, long withinMillis, long now) {
        Seen before = devices.get(device);
        if (before == null) {
            Limits.keys(devices.size(), limits, "event time");
        }
        long mark = time - withinMillis;
        devices.put(
                device,
                new Seen(before == null ? mark : Math.max(before.mark(), mark), now + withinMillis + idleMillis));
    }

    void write(StateOut out) {
        out.number(devices.size());
        devices.forEach((device, seen) -> out.text(device).number(seen.mark()).number(seen.idleAt()));
    }

    void read(StateIn in) {
        int size = in.count();
        for (int i = 0; i < size; i++) {
            devices.put(in.text(), new Seen(in.number(), in.number()));
        }
    }
}
