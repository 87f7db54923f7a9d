package tributary.registry;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tributary.model.TenantId;

/// Secrets that sign in once: eight characters that a person can read from a screen and type, 40 random bits.
///
/// So few bits are enough, because they live for minutes, only a few at a time and only in memory, and because wrong
/// tries are limited for the whole installation: guessing for a quarter of an hour at the full rate finds one of ten
/// links with a chance of about one in ten million. A restart voids them.
final class OneTimeLinks {
    static final int WRONG_PER_MINUTE_MAX = 600;

    private static final int CHARS = 8;
    private static final int LINKS_MAX = 10;
    private static final Duration WINDOW = Duration.ofMinutes(1);

    private record Link(TenantId tenant, Instant expiresAt) {}

    private final SecureRandom random;
    private final Map<Sha256, Link> links = new LinkedHashMap<>();
    private Instant windowStart = Instant.EPOCH;
    private int wrongInWindow;

    OneTimeLinks(SecureRandom random) {
        this.random = random;
    }

    synchronized String make(TenantId tenant, Duration validFor, Instant now) {
        links.values().removeIf(link -> !now.isBefore(link.expiresAt()));
        List<Sha256> oldest = new ArrayList<>(links.keySet());
        if (oldest.size() >= LINKS_MAX) {
            links.remove(oldest.getFirst());
        }
        String secret = Secret.randomText(CHARS, random);
        links.put(Sha256.of(secret), new Link(tenant, now.plus(validFor)));
        String shown = secret.toUpperCase(Locale.ROOT);
        return shown.substring(0, CHARS / 2) + "-" + shown.substring(CHARS / 2);
    }

    synchronized void forget(TenantId tenant) {
        links.values().removeIf(link -> link.tenant().equals(tenant));
    }

    /// @return whose owner the secret stands for; it is used up with that
    synchronized Optional<TenantId> use(String typed, Instant now) {
        if (!now.isBefore(windowStart.plus(WINDOW)) || now.isBefore(windowStart)) {
            windowStart = now;
            wrongInWindow = 0;
        }
        if (wrongInWindow >= WRONG_PER_MINUTE_MAX) {
            return Optional.empty();
        }
        Link link = typed.length() > 4 * CHARS ? null : links.remove(Sha256.of(read(typed)));
        if (link == null || !now.isBefore(link.expiresAt())) {
            wrongInWindow++;
            return Optional.empty();
        }
        return Optional.of(link.tenant());
    }

    /// What people type for what they see: any case, with or without the hyphen, O for 0, I and L for 1.
    private static String read(String typed) {
        return typed.toLowerCase(Locale.ROOT)
                .replace("-", "")
                .replace(" ", "")
                .replace('o', '0')
                .replace('i', '1')
                .replace('l', '1');
    }
}
