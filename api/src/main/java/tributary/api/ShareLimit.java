package tributary.api;

import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/// How often a link may be asked: what strangers do with one is no burden to the tenant. Guarded by itself.
final class ShareLimit {
    static final int BURST = 300;
    static final int A_SECOND = 30;

    private static final int KNOWN_MAX = 10_000;

    private final InstantSource clock;
    private final Map<String, Bucket> buckets = new HashMap<>();

    private record Bucket(double left, long atMillis) {}

    ShareLimit(InstantSource clock) {
        this.clock = clock;
    }

    /// @throws ProblemException where the link was asked too often
    synchronized void take(String share) {
        long now = clock.millis();
        if (buckets.size() >= KNOWN_MAX) {
            buckets.values().removeIf(bucket -> left(bucket, now) >= BURST);
        }
        Bucket known = buckets.get(share);
        double left = known == null ? BURST : left(known, now);
        if (left < 1) {
            throw new ProblemException(Problem.of(
                            ProblemCode.SHARE_BUSY,
                            "This link is asked more than " + A_SECOND + " times a second. Ask again in a moment.")
                    .retryAfter(Duration.ofSeconds(1)));
        }
        buckets.put(share, new Bucket(left - 1, now));
    }

    private static double left(Bucket bucket, long now) {
        return Math.min(BURST, bucket.left() + Math.max(0, now - bucket.atMillis()) * A_SECOND / 1000.0);
    }
}
