package tributary.query.worker;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/// Sessions for statements, each used once. The next one is made when a statement has its answer already, so
/// that nobody waits for it.
final class Sessions {
    private final Engine engine;
    private final BlockingQueue<Engine.Session> ready;

    Sessions(Engine engine, int aheadMax) {
        this.engine = engine;
        this.ready = new ArrayBlockingQueue<>(aheadMax);
        prepare();
    }

    /// @return a session that nobody used; it belongs to the caller
    Engine.Session take() {
        Engine.@Nullable Session made = ready.poll();
        return made == null ? fresh() : made;
    }

    /// Makes one ahead, where none is.
    void prepare() {
        if (ready.isEmpty()) {
            Engine.Session made = fresh();
            if (!ready.offer(made)) {
                made.close();
            }
        }
    }

    private Engine.Session fresh() {
        Engine.Session session = engine.session();
        try {
            // The engine counts how far a statement is only where this is on.
            session.run("SET enable_progress_bar = true");
            session.run("SET enable_progress_bar_print = false");
        } catch (EngineException e) {
            // Then nobody is told how far it is; the statement itself says what is wrong.
        }
        return session;
    }
}
