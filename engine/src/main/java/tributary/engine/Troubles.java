package tributary.engine;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.PlatformException;

/// What is wrong now, by what it is wrong with. Said in the log once and not each time it is tried again. For any
/// thread.
final class Troubles {
    private static final Logger LOG = LoggerFactory.getLogger(Troubles.class);

    private final Map<String, String> now = new ConcurrentHashMap<>();

    void failed(String name, RuntimeException e) {
        String why = e instanceof PlatformException world ? world.detail() : String.valueOf(e.getMessage());
        if (!why.equals(now.put(name, why))) {
            LOG.error("{} stopped; they go on from where they were", name, e);
        }
    }

    void say(String name, String why) {
        now.put(name, why);
    }

    void over(String name) {
        if (!now.isEmpty() && now.remove(name) != null) {
            LOG.info("{} go on", name);
        }
    }

    Map<String, String> now() {
        return new TreeMap<>(now);
    }
}
