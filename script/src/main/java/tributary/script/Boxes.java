package tributary.script;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.graalvm.polyglot.Engine;
import org.jspecify.annotations.Nullable;

/// Boxes that wait for calls, by owner. Nothing of one owner is ever in the box of another.
final class Boxes {
    private static final int WAITING_MAX = 32;
    private static final int THREADS = 2;

    private final ScriptLimits limits;
    private final Engine engine = Box.engine();
    private final Watch watch;

    /// Where calls from virtual threads run: what those allocate nobody counts.
    private final ExecutorService threads = Executors.newFixedThreadPool(
            THREADS, Thread.ofPlatform().daemon().name("functions-", 0).factory());

    /// Those that were used longest ago come first.
    private final Map<String, ArrayDeque<Box>> waiting = new LinkedHashMap<>();

    private int count;

    Boxes(ScriptLimits limits) {
        this.limits = limits;
        this.watch = new Watch(limits);
    }

    private synchronized @Nullable Box taken(String owner) {
        ArrayDeque<Box> own = waiting.get(owner);
        if (own == null) {
            return null;
        }
        Box box = own.pop();
        count--;
        if (own.isEmpty()) {
            waiting.remove(owner);
        }
        return box;
    }

    private void give(String owner, Box box) {
        Box surplus = box.good() ? kept(owner, box) : box;
        if (surplus != null) {
            surplus.kill();
        }
    }

    /// @return one that has to go for it
    private synchronized @Nullable Box kept(String owner, Box box) {
        ArrayDeque<Box> own = waiting.remove(owner);
        own = own == null ? new ArrayDeque<>() : own;
        own.push(box);
        waiting.put(owner, own);
        if (++count <= WAITING_MAX) {
            return null;
        }
        String oldest = waiting.keySet().iterator().next();
        return taken(oldest);
    }

    FunctionText.Read check(FunctionText text) {
        return onPlatform(() -> {
            Box box = Box.open(engine, limits);
            Watch.Guard guard = watch.begin(box);
            try {
                return box.check(text);
            } finally {
                watch.end(guard);
                box.kill();
            }
        });
    }

    Answer call(String owner, FunctionText text, Arguments arguments) {
        return onPlatform(() -> {
            Box known = taken(owner);
            Box box = known == null ? Box.open(engine, limits) : known;
            Answer answer = guarded(box, text, arguments);
            give(owner, box);
            return answer;
        });
    }

    private Answer guarded(Box box, FunctionText text, Arguments arguments) {
        Answer refusal = box.refusal(text);
        if (refusal != null) {
            return refusal;
        }
        Watch.Guard guard = watch.begin(box);
        Answer answer;
        try {
            answer = box.call(text, arguments);
        } finally {
            watch.end(guard);
        }
        String ended = guard.ended();
        if (ended == null) {
            return answer;
        }
        box.spoil();
        return new Answer.Stopped(ended);
    }

    private <T> T onPlatform(Callable<T> work) {
        try {
            return Thread.currentThread().isVirtual() ? threads.submit(work).get() : work.call();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a function could not be run", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("stopped while a function ran", e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    void close() {
        watch.close();
        threads.shutdownNow();
        engine.close(true);
    }
}
