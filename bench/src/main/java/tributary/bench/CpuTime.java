package tributary.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/// CPU time and memory of threads here and of processes beside us (from `/proc`, so on Linux only).
final class CpuTime {
    /// Linux tells CPU time in hundredths of a second to every program, whatever the kernel's own tick is.
    private static final long TICK_NANOS = 10_000_000;

    private CpuTime() {}

    /// @return CPU time of the threads together, in nanoseconds
    static long ofThreads(List<Thread> threads) {
        ThreadMXBean bean = ManagementFactory.getThreadMXBean();
        return threads.stream()
                .mapToLong(thread -> Math.max(0, bean.getThreadCpuTime(thread.threadId())))
                .sum();
    }

    /// @return user and system time of a process, or empty where it cannot be read
    static OptionalLong ofProcess(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            // The second field is the program's name in brackets and may hold spaces; count from behind it.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return OptionalLong.of((Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_NANOS);
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /// @return resident memory of a process in bytes, or empty where it cannot be read
    static OptionalLong residentBytes(long pid) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
                if (line.startsWith("VmRSS:")) {
                    return OptionalLong.of(Long.parseLong(line.replaceAll("\\D", "")) * 1024);
                }
            }
            return OptionalLong.empty();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
