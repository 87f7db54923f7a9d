package tributary.engine;

import java.time.Duration;
import tributary.model.Settings;

/// How rules run.
///
/// @param checkpointEvery how often what rules remember is written down; after a crash so much is read again
/// @param depthMax        how many rules one after the other may make a message, so that loops end
/// @param outboxMax       how many bytes the outbox may take while a sink is away
/// @param stateMax        how many bytes the rules of one tenant may remember
/// @param stateMaxAll     how many all rules may
public record EngineSettings(Duration checkpointEvery, int depthMax, long outboxMax, long stateMax, long stateMaxAll) {
    private static final long MB = 1L << 20;

    /// What they remember is written down as one piece.
    private static final long STATE_MAX = 1024 * MB;

    public static final EngineSettings DEFAULTS = new EngineSettings(Duration.ofSeconds(5), 8, 4L << 30);

    /// With the usual room for what rules remember.
    public EngineSettings(Duration checkpointEvery, int depthMax, long outboxMax) {
        this(checkpointEvery, depthMax, outboxMax, 256 * MB, 512 * MB);
    }

    /// Reads the keys `rules.*`.
    public static EngineSettings read(Settings s) {
        return new EngineSettings(
                s.duration(
                        "rules.checkpoint-every",
                        DEFAULTS.checkpointEvery,
                        Duration.ofMillis(100),
                        Duration.ofMinutes(10)),
                s.number("rules.depth-max", DEFAULTS.depthMax, 1, 100),
                s.bytes("rules.outbox-max", DEFAULTS.outboxMax, 64 * MB, 1L << 50),
                s.bytes("rules.state-max", DEFAULTS.stateMax, MB, STATE_MAX),
                s.bytes("rules.state-max-all", DEFAULTS.stateMaxAll, MB, STATE_MAX));
    }
}
