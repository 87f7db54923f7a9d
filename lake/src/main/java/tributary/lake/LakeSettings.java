package tributary.lake;

import java.time.Duration;
import java.util.Objects;
import tributary.model.Settings;

/// How the lake keeps readings.
///
/// @param sealRows         a tenant's hot rows are written to a file when they are so many
/// @param sealAge          ... or when the oldest is so old and there are at least a twentieth of `sealRows`
/// @param idleAge          ... or when the oldest is so old, however few there are
/// @param hotRowsMax       with more hot rows of all tenants the lake stops reading the log until files are written
/// @param seriesMax        sensors of one tenant; readings of further ones are rejected
/// @param duckMemoryBytes  memory of the engine that writes the files
/// @param keepSnapshots    how long a snapshot of a table stays readable after a newer one
/// @param checkpointEvery  how often the newest value of every sensor is written down
/// @param sides            the tables beside readings
/// @param care             how files are cared for
/// @param warehouse        where they are
public record LakeSettings(
        int sealRows,
        Duration sealAge,
        Duration idleAge,
        int hotRowsMax,
        int seriesMax,
        long duckMemoryBytes,
        Duration keepSnapshots,
        Duration checkpointEvery,
        Sides sides,
        CareSettings care,
        Warehouse warehouse) {
    public static final LakeSettings DEFAULTS = new LakeSettings(
            1_000_000,
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            4_000_000,
            1_000_000,
            256L << 20,
            Duration.ofMinutes(15),
            Duration.ofMinutes(5));

    /// How the tables beside readings are kept.
    ///
    /// @param messages     whether every message is kept as it came, in the table `messages`
    /// @param keepMessages how long
    /// @param hotBytesMax  with more bytes of these tables in memory, of all tenants, the lake stops reading
    ///                     the log until files are written
    public record Sides(boolean messages, Duration keepMessages, long hotBytesMax) {
        public static final Sides DEFAULTS = new Sides(true, Duration.ofDays(7), 128L << 20);

        public Sides {
            Objects.requireNonNull(keepMessages, "keepMessages");
        }

        static Sides read(Settings s) {
            return new Sides(
                    s.flag("lake.messages", DEFAULTS.messages),
                    s.duration(
                            "lake.messages-keep", DEFAULTS.keepMessages, Duration.ofHours(1), Duration.ofDays(36_500)),
                    s.bytes("lake.hot-bytes-max", DEFAULTS.hotBytesMax, 48L << 20, 64L << 30));
        }
    }

    public LakeSettings {
        Objects.requireNonNull(sealAge, "sealAge");
        Objects.requireNonNull(idleAge, "idleAge");
        Objects.requireNonNull(keepSnapshots, "keepSnapshots");
        Objects.requireNonNull(sides, "sides");
        Objects.requireNonNull(care, "care");
        Objects.requireNonNull(warehouse, "warehouse");
        Objects.requireNonNull(checkpointEvery, "checkpointEvery");
        if (sealRows < 1 || hotRowsMax < sealRows || seriesMax < 1) {
            throw new IllegalArgumentException("sealRows, hotRowsMax or seriesMax out of range");
        }
    }

    /// The tables beside readings, care and the place as they are where nothing is set.
    public LakeSettings(
            int sealRows,
            Duration sealAge,
            Duration idleAge,
            int hotRowsMax,
            int seriesMax,
            long duckMemoryBytes,
            Duration keepSnapshots,
            Duration checkpointEvery) {
        this(
                sealRows,
                sealAge,
                idleAge,
                hotRowsMax,
                seriesMax,
                duckMemoryBytes,
                keepSnapshots,
                checkpointEvery,
                Sides.DEFAULTS,
                CareSettings.DEFAULTS,
                Warehouse.FOLDER);
    }

    LakeSettings with(Sides changed) {
        return with(changed, care, warehouse);
    }

    LakeSettings with(CareSettings changed) {
        return with(sides, changed, warehouse);
    }

    LakeSettings with(Warehouse changed) {
        return with(sides, care, changed);
    }

    private LakeSettings with(Sides sides, CareSettings care, Warehouse warehouse) {
        return new LakeSettings(
                sealRows,
                sealAge,
                idleAge,
                hotRowsMax,
                seriesMax,
                duckMemoryBytes,
                keepSnapshots,
                checkpointEvery,
                sides,
                care,
                warehouse);
    }

    /// Reads the keys `lake.*`.
    public static LakeSettings read(Settings s) {
        LakeSettings d = DEFAULTS;
        int sealRows = s.number("lake.seal-rows", d.sealRows, 1_000, 16_000_000);
        int hotRowsMax = s.number("lake.hot-rows-max", d.hotRowsMax, 10_000, 100_000_000);
        if (hotRowsMax < sealRows) {
            s.problem("lake.hot-rows-max must be at least lake.seal-rows, %d, was %d".formatted(sealRows, hotRowsMax));
        }
        Sides sides = Sides.read(s);
        return new LakeSettings(
                sealRows,
                s.duration("lake.seal-age", d.sealAge, Duration.ofSeconds(1), Duration.ofHours(1)),
                s.duration("lake.idle-age", d.idleAge, Duration.ofSeconds(1), Duration.ofHours(6)),
                Math.max(hotRowsMax, sealRows),
                s.number("lake.series-max", d.seriesMax, 1, 50_000_000),
                s.bytes("lake.engine-memory", d.duckMemoryBytes, 64L << 20, 64L << 30),
                s.duration("lake.keep-snapshots", d.keepSnapshots, Duration.ofMinutes(11), Duration.ofDays(30)),
                s.duration("lake.checkpoint-every", d.checkpointEvery, Duration.ofSeconds(10), Duration.ofDays(1)),
                sides,
                CareSettings.read(s, sides.keepMessages),
                Warehouse.read(s));
    }
}
