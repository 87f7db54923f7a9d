package tributary.app.cli;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tributary.api.AuditChain;

/// The checks of `tributary doctor`. They change nothing but for a small file beside the data, which is removed.
final class Doctor {
    private static final long GB = 1L << 30;
    private static final long FREE_BAD = GB;
    private static final long FREE_WARN = 10 * GB;
    private static final long MEMORY_BAD = 512L << 20;
    private static final long FILES_BAD = 1024;
    private static final long FILES_WARN = 20_000;
    private static final int FLUSHES = 32;
    private static final Duration FLUSH_WARN = Duration.ofMillis(20);
    private static final Duration SLOW_NAME = Duration.ofSeconds(1);
    private static final Duration CERTIFICATE_WARN = Duration.ofDays(30);
    /// Before this was written no clock is right.
    private static final Instant WRITTEN = Instant.parse("2026-01-01T00:00:00Z");
    /// What such file systems acknowledge is gone with the power, or is not theirs to promise.
    private static final Set<String> NOT_DURABLE = Set.of("tmpfs", "ramfs", "overlay");
    private static final Set<String> REMOTE = Set.of("nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p");

    private final Path data;
    private final int mqttPort;
    private final int httpPort;

    /// How well it is.
    enum Level {
        OK,
        WARN,
        BAD;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// One thing that was looked at.
    ///
    /// @param fix what to do about it; "" where nothing need be done
    record Finding(Level level, String what, String detail, String fix) {
        static Finding ok(String what, String detail) {
            return new Finding(Level.OK, what, detail, "");
        }

        static Finding warn(String what, String detail, String fix) {
            return new Finding(Level.WARN, what, detail, fix);
        }

        static Finding bad(String what, String detail, String fix) {
            return new Finding(Level.BAD, what, detail, fix);
        }
    }

    Doctor(Path data, int mqttPort, int httpPort) {
        this.data = data;
        this.mqttPort = mqttPort;
        this.httpPort = httpPort;
    }

    /// Looks at everything.
    ///
    /// @param server finds the server, or throws [CommandFailure] where none runs
    List<Finding> look(Supplier<ServerClient> server) {
        List<Finding> all = new ArrayList<>();
        all.add(java());
        JsonNode status = null;
        try {
            status = server.get().get("/api/v1/status");
        } catch (CommandFailure e) {
            all.add(
                    e.code() == ExitCode.CANNOT_CONNECT
                            ? Finding.ok("server", "none runs on " + data)
                            : Finding.bad("server", String.valueOf(e.getMessage()), "look at what it prints"));
        }
        if (status == null) {
            all.add(port("MQTT", mqttPort, "--mqtt-port"));
            all.add(port("HTTP", httpPort, "--http-port"));
        } else {
            all.addAll(server(status));
            all.add(walls(status.path("query")));
        }
        Path folder = existing(data);
        all.addAll(disk(folder));
        all.add(flush(folder));
        all.add(memory());
        openFiles().ifPresent(all::add);
        all.add(clock(folder));
        all.addAll(certificates());
        all.add(audit());
        all.add(name());
        return all;
    }

    private Finding audit() {
        try {
            AuditChain.Checked checked = AuditChain.check(data);
            String detail = "%,d lines, the newest ends with chain=%s".formatted(checked.lines(), checked.last());
            return checked.breaks().isEmpty()
                    ? Finding.ok("audit log", detail)
                    : Finding.warn(
                            "audit log",
                            String.join("; ", checked.breaks().stream().limit(3).toList()),
                            "a power cut leaves one unfinished line; anything else is somebody's hand");
        } catch (IOException e) {
            return Finding.bad("audit log", "cannot be read: " + e.getMessage(), "give it to this user");
        }
    }

    private static Finding java() {
        String detail = Runtime.version() + " at " + System.getProperty("java.home");
        return Runtime.version().feature() >= 25
                ? Finding.ok("java", detail)
                : Finding.bad("java", detail, "Tributary runs on 25: set JAVA_HOME to one");
    }

    private static List<Finding> server(JsonNode status) {
        List<Finding> all = new ArrayList<>();
        JsonNode problems = status.path("problems");
        all.add(
                problems.isEmpty()
                        ? Finding.ok(
                                "server",
                                "healthy, version " + status.path("version").asString(""))
                        : Finding.bad("server", problems.size() + " problems", "tributary status      tells them"));
        for (JsonNode problem : problems) {
            all.add(Finding.bad("server", problem.isString() ? problem.asString() : problem.toString(), ""));
        }
        return all;
    }

    /// @param query of the status: empty before the first statement
    static Finding walls(JsonNode query) {
        if (query.isMissingNode()) {
            return Finding.ok("walls of SQL", "looked at with the first statement");
        }
        List<String> missing = new ArrayList<>();
        query.path("missing").forEach(wall -> missing.add(wall.asString("")));
        return missing.isEmpty()
                ? Finding.ok("walls of SQL", query.path("walls").size() + " stand around it")
                : Finding.warn(
                        "walls of SQL",
                        "this system does not give: " + String.join(", ", missing)
                                + "; the check of each statement and a locked engine are left",
                        "Linux 6.7 or newer with Landlock, and a container that lets it through (docs/security.md)");
    }

    private static Finding port(String what, int port, String flag) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return Finding.ok("port " + port, "free, for " + what);
        } catch (IOException e) {
            return Finding.warn(
                    "port " + port,
                    "taken, " + what + " will be on the next free one",
                    "end what listens there (ss -ltnp 'sport = :" + port + "'), or " + flag + " PORT");
        }
    }

    private static List<Finding> disk(Path folder) {
        List<Finding> all = new ArrayList<>();
        try {
            FileStore store = Files.getFileStore(folder);
            long free = store.getUsableSpace();
            String detail = "%.1f GB free of %.1f, %s"
                    .formatted(free / (double) GB, store.getTotalSpace() / (double) GB, store.type());
            String fix = "--data DIR on a larger disk, or lake.disk-max and shorter times to keep (docs/lake.md)";
            all.add(
                    free < FREE_BAD
                            ? Finding.bad("disk", detail, fix)
                            : free < FREE_WARN ? Finding.warn("disk", detail, fix) : Finding.ok("disk", detail));
            if (NOT_DURABLE.contains(store.type())) {
                all.add(Finding.warn(
                        "file system",
                        store.type() + " does not outlive a power cut, or the container",
                        "--data DIR on a disk or a volume"));
            } else if (REMOTE.contains(store.type())) {
                all.add(Finding.warn(
                        "file system",
                        store.type() + " is another machine's: its promises of durability are not ours to give",
                        "--data DIR on a disk of this machine"));
            }
            if (!Files.isWritable(folder)) {
                all.add(Finding.bad("disk", folder + " is not writable", "give it to this user, or --data DIR"));
            }
        } catch (IOException e) {
            all.add(Finding.bad("disk", folder + " cannot be looked at: " + e.getMessage(), "--data DIR"));
        }
        return all;
    }

    /// Every acknowledgement waits for one of these, shared by all that came meanwhile.
    private static Finding flush(Path folder) {
        Path file = folder.resolve(".tributary-doctor");
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE)) {
            long[] nanos = new long[FLUSHES];
            for (int i = 0; i < FLUSHES; i++) {
                channel.write(ByteBuffer.allocate(4096), i * 4096L);
                long begin = System.nanoTime();
                channel.force(false);
                nanos[i] = System.nanoTime() - begin;
            }
            Arrays.sort(nanos);
            Duration middle = Duration.ofNanos(nanos[FLUSHES / 2]);
            String detail = "p50 %.2f ms, worst of %d %.2f ms"
                    .formatted(middle.toNanos() / 1e6, FLUSHES, nanos[FLUSHES - 1] / 1e6);
            return middle.compareTo(FLUSH_WARN) > 0
                    ? Finding.warn("flush", detail, "an SSD acknowledges in about one millisecond")
                    : Finding.ok("flush", detail);
        } catch (IOException e) {
            return Finding.bad("flush", "cannot write in " + folder + ": " + e, "give it to this user, or --data DIR");
        }
    }

    private static Finding memory() {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long free = available(system.getFreeMemorySize());
        String detail =
                "%.1f GB of %.1f to be had".formatted(free / (double) GB, system.getTotalMemorySize() / (double) GB);
        return free < MEMORY_BAD
                ? Finding.bad("memory", detail, "end something, or TRIBUTARY_HEAP=256m for a smaller server")
                : Finding.ok("memory", detail);
    }

    /// @return what can be had without harm to others, where the system tells it
    private static long available(long free) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.filter(line -> line.startsWith("MemAvailable:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(free);
        } catch (IOException e) {
            return free;
        }
    }

    private static Optional<Finding> openFiles() {
        if (!(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix)) {
            return Optional.empty();
        }
        long most = unix.getMaxFileDescriptorCount();
        String detail = "at most %,d at a time, about as many connections".formatted(most);
        String fix = "ulimit -n 100000 before the start, LimitNOFILE= in a systemd unit";
        return Optional.of(
                most < FILES_BAD
                        ? Finding.bad("open files", detail, fix)
                        : most < FILES_WARN
                                ? Finding.warn("open files", detail, fix)
                                : Finding.ok("open files", detail));
    }

    private static Finding clock(Path folder) {
        Instant now = InstantSource.system().instant();
        if (now.isBefore(WRITTEN)) {
            return Finding.bad("clock", "it is " + now + " here", "set it, and keep it with NTP");
        }
        try {
            Instant changed = Files.getLastModifiedTime(folder).toInstant();
            if (changed.isAfter(now.plusSeconds(60))) {
                return Finding.bad(
                        "clock",
                        now + ", but " + folder + " was changed at " + changed,
                        "set it, and keep it with NTP");
            }
        } catch (IOException e) {
            // the folder tells nothing then
        }
        return Finding.ok("clock", now.toString());
    }

    /// Certificates that this installation made, or that lie where it makes them.
    private List<Finding> certificates() {
        List<Finding> all = new ArrayList<>();
        Path folder = data.resolve("tls");
        if (!Files.isDirectory(folder)) {
            return List.of(Finding.ok("tls", "no certificate in " + folder + "; tributary up --tls makes one"));
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".pem"))
                    .filter(path -> !path.getFileName().toString().contains("key"))
                    .sorted()
                    .toList()) {
                certificate(file, all);
            }
        } catch (IOException e) {
            all.add(Finding.bad("tls", "cannot read " + folder + ": " + e.getMessage(), ""));
        }
        return all;
    }

    private static void certificate(Path file, List<Finding> all) {
        try (InputStream in = Files.newInputStream(file)) {
            X509Certificate certificate =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
            Instant end = certificate.getNotAfter().toInstant();
            Instant now = InstantSource.system().instant();
            String detail = file.getFileName() + " is good until " + end;
            String fix = "tributary cert      makes another; it is read again without a restart";
            all.add(
                    end.isBefore(now)
                            ? Finding.bad("tls", detail, fix)
                            : end.isBefore(now.plus(CERTIFICATE_WARN))
                                    ? Finding.warn("tls", detail, fix)
                                    : Finding.ok("tls", detail));
        } catch (IOException | CertificateException e) {
            all.add(Finding.bad("tls", file + " is no certificate: " + e.getMessage(), ""));
        }
    }

    private static Finding name() {
        long begin = System.nanoTime();
        try {
            InetAddress own = InetAddress.getLocalHost();
            boolean loopback = InetAddress.getByName("localhost").isLoopbackAddress();
            Duration took = Duration.ofNanos(System.nanoTime() - begin);
            String detail = own.getHostName() + " and localhost found in "
                    + TimeUnit.NANOSECONDS.toMillis(took.toNanos()) + " ms";
            if (!loopback) {
                return Finding.bad("dns", "localhost is not this machine", "127.0.0.1 localhost in /etc/hosts");
            }
            return took.compareTo(SLOW_NAME) > 0
                    ? Finding.warn("dns", detail, "an entry for " + own.getHostName() + " in /etc/hosts")
                    : Finding.ok("dns", detail);
        } catch (UnknownHostException e) {
            return Finding.warn(
                    "dns", "this machine's own name is not found: " + e.getMessage(), "an entry in /etc/hosts");
        }
    }

    private static Path existing(Path path) {
        @Nullable Path at = path.toAbsolutePath();
        while (at != null && !Files.isDirectory(at)) {
            at = at.getParent();
        }
        return at == null ? Path.of("/") : at;
    }
}
