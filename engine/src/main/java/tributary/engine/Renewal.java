package tributary.engine;

import java.time.Duration;
import java.time.InstantSource;
import tributary.log.SegmentLog;

/// Has the outbox begin new segments, so that what rules said goes when everybody has read it, and does not
/// stay until so much else was said that its segment is full.
final class Renewal {
    private static final Duration EVERY = Duration.ofHours(1);

    private final SegmentLog records;
    private final InstantSource clock;
    private volatile boolean asked;

    /// When a segment last began, and where the outbox ended then. Of the engine's thread.
    private long begunMillis;

    private long begunEnd = -1;

    Renewal(SegmentLog records, InstantSource clock) {
        this.records = records;
        this.clock = clock;
        this.begunMillis = clock.millis();
    }

    /// Has the next segment begin now. Any thread.
    ///
    /// @return what [#isDone] takes
    long ask() {
        long end = records.end(0);
        asked = true;
        return end;
    }

    /// @return whether all is gone that was said before [#ask] gave `end`
    boolean isDone(long end) {
        return records.start(0) >= end;
    }

    /// The engine's thread: begins a segment where it is time, with a record that says nothing.
    void turn(Engine engine) throws InterruptedException {
        long now = clock.millis();
        boolean due = Math.abs(now - begunMillis) >= EVERY.toMillis() && records.end(0) > begunEnd;
        if (due || asked) {
            asked = false;
            records.beginSegments();
            engine.mark();
            begunMillis = now;
            begunEnd = records.end(0);
        }
    }
}
