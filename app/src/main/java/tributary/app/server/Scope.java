package tributary.app.server;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;

/// Owns what it is given; closes in reverse order; the first failure carries the others. A failed start is closed too.
final class Scope implements AutoCloseable {
    private final Deque<AutoCloseable> owned = new ArrayDeque<>();

    <T extends AutoCloseable> T own(T resource) {
        owned.push(Objects.requireNonNull(resource, "resource"));
        return resource;
    }

    @Override
    public void close() throws Exception {
        Exception failure = null;
        while (!owned.isEmpty()) {
            try {
                owned.pop().close();
            } catch (Exception e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
