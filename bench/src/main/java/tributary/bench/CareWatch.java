package tributary.bench;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import tools.jackson.databind.JsonNode;
import tributary.simulator.ServerApi;

/// Sees whether the server cares for the lake's files, and what that costs those who publish meanwhile.
final class CareWatch {
    /// The first seconds of a load are Java's.
    private static final long WARM_UP_SECONDS = 10;

    /// Fewer seconds of either kind say nothing.
    private static final long SECONDS_LEAST = 5;

    /// A look at the files every 30 seconds: who did nothing for longer has nothing to do.
    private static final long QUIET_SECONDS = 35;

    private final ServerApi api;
    private final LongSupplier nanos;
    private final Mean busy = new Mean();
    private final Mean idle = new Mean();
    private long answersBefore;
    private boolean busyBefore;

    private static final class Mean {
        private long seconds;
        private long answers;

        void add(long more) {
            seconds++;
            answers += more;
        }

        double perSecond() {
            return (double) answers / seconds;
        }
    }

    CareWatch(ServerApi api, LongSupplier nanos) {
        this.api = api;
        this.nanos = nanos;
    }

    /// Once a second while messages are published at full speed. A second counts where the server did the same at its
    /// beginning and at its end.
    ///
    /// @param answers acknowledged so far
    void second(long seconds, long answers) {
        boolean now = works();
        if (seconds > WARM_UP_SECONDS && now == busyBefore) {
            (now ? busy : idle).add(answers - answersBefore);
        }
        answersBefore = answers;
        busyBefore = now;
    }

    /// Waits until the server finds nothing more to do.
    ///
    /// @return seconds until then, or -1 where `most` was not enough
    long await(Duration most) throws InterruptedException {
        long start = nanos.getAsLong();
        long workedAt = start;
        while (nanos.getAsLong() - start < most.toNanos()) {
            if (works()) {
                workedAt = nanos.getAsLong();
            } else if (nanos.getAsLong() - workedAt > TimeUnit.SECONDS.toNanos(QUIET_SECONDS)) {
                return TimeUnit.NANOSECONDS.toSeconds(workedAt - start);
            }
            new CountDownLatch(1).await(500, TimeUnit.MILLISECONDS);
        }
        return -1;
    }

    void tell(Figures figures) {
        if (busy.seconds >= SECONDS_LEAST && idle.seconds >= SECONDS_LEAST && idle.answers > 0) {
            figures.number(
                            "care costs",
                            "careCostPercent",
                            "%.1f %% of what is acknowledged, while files are merged",
                            100 * (1 - busy.perSecond() / idle.perSecond()))
                    .count("  merging", "careSeconds", busy.seconds)
                    .count("  not merging", "careIdleSeconds", idle.seconds);
        }
    }

    private boolean works() {
        JsonNode care = api.get("/api/v1/status").path("lake").path("care");
        return care.isObject() && care.path("nextLook").asString("").isEmpty();
    }
}
