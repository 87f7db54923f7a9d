package tributary.registry;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Signed tokens whose signature was found good, by the digest of their text, so that the costly part of verifying is
/// done once a token. Holds at most so many: when half of them are new, the older half is dropped, except what was
/// asked for meanwhile.
///
/// Used by any thread; two that fill the last place at once may pass the limit by one each.
final class RememberedTokens {
    /// @param claims what the token says
    /// @param key    what signed it
    record Remembered(Claims claims, SigningKey key, Principal principal) {}

    private final int half;
    private volatile Map<Sha256, Remembered> young = new ConcurrentHashMap<>();
    private volatile Map<Sha256, Remembered> old = new ConcurrentHashMap<>();

    RememberedTokens(int max) {
        this.half = Math.max(1, max / 2);
    }

    @Nullable
    Remembered find(Sha256 token) {
        Remembered found = young.get(token);
        if (found != null) {
            return found;
        }
        found = old.get(token);
        if (found != null) {
            put(token, found);
        }
        return found;
    }

    void put(Sha256 token, Remembered remembered) {
        young.put(token, remembered);
        if (young.size() >= half) {
            age();
        }
    }

    void forget(Sha256 token) {
        young.remove(token);
        old.remove(token);
    }

    synchronized void clear() {
        young = new ConcurrentHashMap<>();
        old = new ConcurrentHashMap<>();
    }

    int size() {
        return young.size() + old.size();
    }

    private synchronized void age() {
        if (young.size() >= half) {
            old = young;
            young = new ConcurrentHashMap<>();
        }
    }
}
