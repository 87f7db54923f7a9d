package tributary.lake;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Keeps a thread from taking more than its share of time: behind each piece of work comes a pause.
final class Pace {
    /// How the system ranks the thread: below everything that serves somebody.
    private static final int NICE = 15;

    private static final long PAUSE_MILLIS_MAX = 60_000;

    private final int sharePercent;
    private final CountDownLatch stopping;

    /// @param stopping ends every pause
    Pace(int sharePercent, CountDownLatch stopping) {
        this.sharePercent = sharePercent;
        this.stopping = stopping;
    }

    /// Pauses for work that took so long.
    ///
    /// @throws InterruptedException where the lake stops: what was begun is not worth being finished
    void rest(long workedNanos) throws InterruptedException {
        long pauseMillis = TimeUnit.NANOSECONDS.toMillis(workedNanos) * (100 - sharePercent) / sharePercent;
        if (stopping.await(Math.min(pauseMillis, PAUSE_MILLIS_MAX), TimeUnit.MILLISECONDS)) {
            throw new InterruptedException("the lake stops");
        }
    }

    /// Ranks the calling thread low, where the system can: on Linux a thread has a rank of its own.
    static void rankLow() {
        if (!System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("linux")) {
            return;
        }
        try {
            Linker linker = Linker.nativeLinker();
            MethodHandle setPriority = linker.downcallHandle(
                    linker.defaultLookup().find("setpriority").orElseThrow(),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
            int _ = (int) setPriority.invokeExact(0, 0, NICE);
        } catch (Throwable e) {
            // it then has the rank of the others, and its share of time all the same
        }
    }
}
