package tributary.query.worker;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// The third wall: limits that the process puts on itself through the system before it reads any SQL, and that it
/// cannot take off again.
///
/// Linux only. Landlock binds the calling thread and all threads that it starts, so it is put up before the
/// engine opens. Where a wall does not stand the name of it is missing in what [#put] gives; main says so in
/// the log and in its status.
final class OsWalls {
    private static final int RLIMIT_FSIZE = 1;
    private static final int RLIMIT_DATA = 2;
    private static final int RLIMIT_CORE = 4;
    private static final int RLIMIT_NOFILE = 7;
    private static final long FILES_MAX = 4096;

    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final long LANDLOCK_CREATE_RULESET = 444;
    private static final long LANDLOCK_ADD_RULE = 445;
    private static final long LANDLOCK_RESTRICT_SELF = 446;
    private static final long RULE_PATH_BENEATH = 1;
    private static final long READ_FILE = 1L << 2;
    private static final long READ_DIR = 1L << 3;
    private static final int O_PATH_CLOEXEC = 0x280000;
    /// How many file system rights each version of Landlock knows; index 0 is version 1.
    private static final int[] RIGHTS = {13, 14, 15, 15, 16};

    /// What the engine and Java ask about the machine; the engine aborts where it finds but cannot read these.
    private static final List<String> MACHINE = List.of(
            "/proc/self/cgroup",
            "/proc/self/status",
            "/proc/stat",
            "/proc/meminfo",
            "/proc/cpuinfo",
            "/sys/devices/system/cpu/online",
            "/sys/fs/cgroup");

    private final Linker linker = Linker.nativeLinker();
    private final List<String> standing = new ArrayList<>();

    /// Puts up every wall but [#limitMemory].
    ///
    /// @param readable the only files and folders that can be opened from now on, for reading
    /// @return which walls stand
    List<String> put(List<String> readable) {
        if (!System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("linux")) {
            return List.of();
        }
        try {
            Files.writeString(Path.of("/proc/self/oom_score_adj"), "1000");
            standing.add(WallNames.FIRST_TO_GO);
        } catch (IOException e) {
            // the wall is then missing in the list
        }
        limit(RLIMIT_CORE, 0, WallNames.NO_DUMPS);
        limit(RLIMIT_NOFILE, FILES_MAX, WallNames.OPEN_FILES);
        limit(RLIMIT_FSIZE, 0, WallNames.NO_WRITING);
        landlock(readable);
        return List.copyOf(standing);
    }

    /// Limits how much more memory the process may take than it has now; what is asked beyond it fails.
    ///
    /// @return whether the limit stands
    boolean limitMemory(long moreBytes) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            long usedKb = lines.filter(line -> line.startsWith("VmData:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(-1);
            return usedKb > 0 && limit(RLIMIT_DATA, usedKb * 1024 + moreBytes, WallNames.MEMORY);
        } catch (IOException e) {
            return false;
        }
    }

    private boolean limit(int resource, long value, String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment both = arena.allocateFrom(ValueLayout.JAVA_LONG, value, value);
            MethodHandle setrlimit = linker.downcallHandle(
                    linker.defaultLookup().find("setrlimit").orElseThrow(),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
            boolean done = (int) setrlimit.invokeExact(resource, both) == 0;
            if (done) {
                standing.add(name);
            }
            return done;
        } catch (Throwable e) {
            throw new IllegalStateException("setrlimit cannot be called: " + e, e);
        }
    }

    private void landlock(List<String> readable) {
        try (Arena arena = Arena.ofConfined()) {
            long version = syscall(LANDLOCK_CREATE_RULESET, 0, 0, 1);
            if (version < 1) {
                return;
            }
            long rights = (1L << RIGHTS[(int) Math.min(version, RIGHTS.length) - 1]) - 1;
            long net = version >= 4 ? 3 : 0;
            long abstractSockets = version >= 6 ? 1 : 0;
            MemorySegment attributes = arena.allocateFrom(ValueLayout.JAVA_LONG, rights, net, abstractSockets);
            long bytes = version >= 6 ? 24 : version >= 4 ? 16 : 8;
            long ruleset = syscall(LANDLOCK_CREATE_RULESET, attributes.address(), bytes, 0);
            if (ruleset < 0) {
                return;
            }
            for (String path : readable) {
                allow(arena, ruleset, path);
            }
            for (String path : MACHINE) {
                allow(arena, ruleset, path);
            }
            long done = prctl(PR_SET_NO_NEW_PRIVS, 1) == 0 ? syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0, 0) : -1;
            if (done == 0) {
                standing.add(WallNames.OWN_FOLDER);
                if (net != 0) {
                    standing.add(WallNames.NO_NETWORK);
                }
            }
        }
    }

    private void allow(Arena arena, long ruleset, String path) {
        long rights = Files.isDirectory(Path.of(path)) ? READ_FILE | READ_DIR : READ_FILE;
        int descriptor = open(arena.allocateFrom(path));
        if (descriptor < 0) {
            return;
        }
        MemorySegment rule = arena.allocate(16, 8);
        rule.set(ValueLayout.JAVA_LONG, 0, rights);
        rule.set(ValueLayout.JAVA_INT, 8, descriptor);
        if (syscall(LANDLOCK_ADD_RULE, ruleset, RULE_PATH_BENEATH, rule.address()) != 0) {
            throw new IllegalStateException("the system does not take a rule for " + path);
        }
    }

    private long syscall(long number, long first, long second, long third) {
        try {
            MethodHandle syscall = linker.downcallHandle(
                    linker.defaultLookup().find("syscall").orElseThrow(),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG));
            return (long) syscall.invokeExact(number, first, second, third, 0L);
        } catch (Throwable e) {
            throw new IllegalStateException("syscall cannot be called: " + e, e);
        }
    }

    private int prctl(int option, long value) {
        try {
            MethodHandle prctl = linker.downcallHandle(
                    linker.defaultLookup().find("prctl").orElseThrow(),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG));
            return (int) prctl.invokeExact(option, value, 0L, 0L, 0L);
        } catch (Throwable e) {
            throw new IllegalStateException("prctl cannot be called: " + e, e);
        }
    }

    private int open(MemorySegment path) {
        try {
            MethodHandle open = linker.downcallHandle(
                    linker.defaultLookup().find("open").orElseThrow(),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
            return (int) open.invokeExact(path, O_PATH_CLOEXEC);
        } catch (Throwable e) {
            throw new IllegalStateException("open cannot be called: " + e, e);
        }
    }
}
