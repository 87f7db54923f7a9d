package tributary.registry;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What was found good, by the digest of its bytes, so that the costly part of verifying is done once: signed
/// tokens, certificates. Holds at most so many: when half of them are new, the older half is dropped, except
/// what was asked for meanwhile.
///
/// Used by any thread; two that fill the last place at once may pass the limit by one each.
final class Remembered<V> {
    private final int half;
    private volatile Map<Sha256, V> young = new ConcurrentHashMap<>();
    private volatile Map<Sha256, V> old = new ConcurrentHashMap<>();

    Remembered(int max) {
        this.half = Math.max(1, max / 2);
    }

    @Nullable
    V find(Sha256 digest) {
        V found = young.get(digest);
        if (found != null) {
            return found;
        }
        found = old.get(digest);
        if (found != null) {
            put(digest, found);
        }
        return found;
    }

    void put(Sha256 digest, V remembered) {
        young.put(digest, remembered);
        if (young.size() >= half) {
            age();
        }
    }

    void forget(Sha256 digest) {
        young.remove(digest);
        old.remove(digest);
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
