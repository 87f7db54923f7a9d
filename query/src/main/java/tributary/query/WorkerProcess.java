package tributary.query;

import com.google.flatbuffers.FlatBufferBuilder;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.arrow.flatbuf.Message;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.json.JsonFactory;
import tributary.lake.Side;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.model.Settings;
import tributary.query.wire.Failure;
import tributary.query.wire.Frame;
import tributary.query.wire.FrameReader;
import tributary.query.wire.FrameWriter;
import tributary.query.wire.Packer;
import tributary.query.wire.Setup;
import tributary.query.worker.WorkerMain;

/// A worker as main sees it: a process, what goes to it and what comes back.
final class WorkerProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerProcess.class);
    private static final Duration START_WITHIN = Duration.ofSeconds(30);
    private static final Duration LOAD_WITHIN = Duration.ofSeconds(60);
    private static final int LOADS_UNDER_WAY = 2;
    private static final int LOG_LINE_MAX = 1000;

    private final Process process;
    private final FrameWriter out;
    private final Map<Integer, Reply> replies = new ConcurrentHashMap<>();
    private final CompletableFuture<String> ready = new CompletableFuture<>();
    private final Semaphore loads = new Semaphore(LOADS_UNDER_WAY);
    private volatile @Nullable String death;
    private volatile boolean spent;
    private volatile List<String> walls = List.of();

    private WorkerProcess(Process process) {
        this.process = process;
        this.out = new FrameWriter(process.getOutputStream());
    }

    /// Starts a worker and waits until its walls stand.
    ///
    /// @param folder an empty folder for it to stand in
    static WorkerProcess start(QuerySettings settings, Path library, Path folder, String readable) {
        ProcessBuilder builder = new ProcessBuilder(command(settings, folder));
        builder.environment().clear();
        builder.directory(folder.toFile());
        WorkerProcess worker;
        try {
            worker = new WorkerProcess(builder.start());
        } catch (IOException e) {
            throw new PlatformException(
                    Fault.WORKER_FAILED, "a query worker could not be started: " + e.getMessage(), e);
        }
        worker.listen();
        List<String> java = new ArrayList<>(classPath());
        java.add(System.getProperty("java.home", ""));
        java.add(folder.toString());
        worker.send(new Setup(
                        library.toString(),
                        readable,
                        java,
                        settings.memoryBytes(),
                        settings.threads(),
                        settings.queriesMax())
                .frame());
        worker.awaitReady();
        return worker;
    }

    /// @return whether it can still be asked
    boolean alive() {
        return death == null && process.isAlive();
    }

    /// @return the names of the walls that stand around it
    List<String> walls() {
        return walls;
    }

    /// @return its process id
    long pid() {
        return process.pid();
    }

    /// @return the way back for query `id`
    Reply open(int id) {
        Reply reply = new Reply(id);
        replies.put(id, reply);
        String dead = death;
        if (dead != null) {
            reply.give(new Failure(Failure.CRASHED, dead).frame(id));
        }
        return reply;
    }

    /// Nobody waits for the query any more.
    void forget(Reply reply) {
        replies.remove(reply.id());
    }

    /// A query took all its memory: allocators keep much of it, so a fresh worker serves whoever comes next.
    void spend() {
        spent = true;
    }

    /// @return whether a fresh worker is better
    boolean spent() {
        return spent;
    }

    /// @return queries under way
    int busy() {
        return replies.size();
    }

    void send(Frame frame) {
        try {
            out.write(frame);
        } catch (IOException e) {
            die("the query worker stopped; run the query again");
        }
    }

    /// Sends data; a few frames may be under way.
    void load(Frame frame) throws InterruptedException {
        if (!loads.tryAcquire(LOAD_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
            die("the query worker did not take data");
        }
        checkAlive();
        send(frame);
    }

    /// Waits until all data that was sent is in the tables.
    void awaitLoaded() throws InterruptedException {
        if (!loads.tryAcquire(LOADS_UNDER_WAY, LOAD_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
            die("the query worker did not take data");
        }
        loads.release(LOADS_UNDER_WAY);
        checkAlive();
    }

    /// Ends it now; its queries fail with `why`.
    void die(String why) {
        if (death == null) {
            death = why;
        }
        process.destroyForcibly();
    }

    /// Lets it end by itself, and helps where it does not.
    @Override
    public void close() {
        death = "the server is stopping";
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // The pipe is broken: it is ending already.
        }
        try {
            if (!process.waitFor(1, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private void checkAlive() {
        String dead = death;
        if (dead != null) {
            throw new QueryException(QueryException.Reason.CRASHED, dead);
        }
    }

    private void awaitReady() {
        try {
            String said = ready.get(START_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
            walls = said.isEmpty() ? List.of() : List.of(said.split(", "));
            LOG.info("query worker {} is ready; walls: {}", pid(), said.isEmpty() ? "only those in SQL" : said);
        } catch (ExecutionException | TimeoutException e) {
            process.destroyForcibly();
            throw new PlatformException(
                    Fault.WORKER_FAILED, "a query worker did not get ready; the log has what it said", e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new QueryException(QueryException.Reason.CANCELLED, "the query was cancelled");
        }
    }

    private void listen() {
        Thread.ofPlatform().daemon(true).name("query-worker-" + pid()).start(this::read);
        Thread.ofPlatform().daemon(true).name("query-worker-log-" + pid()).start(this::log);
    }

    private void read() {
        try {
            FrameReader in = new FrameReader(process.getInputStream());
            for (Frame frame = in.next(); frame != null; frame = in.next()) {
                receive(frame);
            }
        } catch (IOException e) {
            if (death == null) {
                LOG.warn("query worker {} cannot be understood: {}", pid(), e.getMessage());
            }
        }
        if (death == null) {
            death = "the query made its worker stop, most likely by its size; make it smaller or simpler";
            LOG.warn("query worker {} died", pid());
        }
        process.destroyForcibly();
        ready.completeExceptionally(new IOException("the worker ended"));
        loads.release(LOADS_UNDER_WAY);
        String why = death;
        for (Reply reply : replies.values()) {
            reply.give(new Failure(Failure.CRASHED, String.valueOf(why)).frame(reply.id()));
        }
    }

    private void receive(Frame frame) throws IOException {
        switch (frame.kind()) {
            case READY -> ready.complete(Packer.text(frame.read()));
            case APPLIED -> loads.release();
            case NEED, SCHEMA, BATCH, END, FAILED -> {
                Reply reply = replies.get(frame.query());
                if (reply != null && !reply.give(frame)) {
                    throw new IOException("it sends more than it was asked for");
                }
            }
            case PROGRESS -> {
                Reply reply = replies.get(frame.query());
                if (reply != null) {
                    reply.percent(frame.read().getDouble());
                }
            }
            case SETUP, HOT, TABLES, ROWS, SIDE, VIEWS, SQL, SERIES, CREDIT, HAVE, CANCEL ->
                throw new IOException("it sends " + frame.kind());
        }
    }

    private void log() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                LOG.warn("query worker {}: {}", pid(), printable(line));
            }
        } catch (IOException e) {
            LOG.debug("query worker {} ended", pid(), e);
        }
    }

    /// The worker speaks after it read strangers' statements: nothing of it may forge a line of the log.
    private static String printable(String line) {
        String cut = line.length() > LOG_LINE_MAX ? line.substring(0, LOG_LINE_MAX) + "..." : line;
        return cut.replaceAll("\\p{Cntrl}|\\p{Cf}", "?");
    }

    private static List<String> command(QuerySettings settings, Path folder) {
        return List.of(
                Path.of(System.getProperty("java.home", ""), "bin", "java").toString(),
                "-Xmx" + (settings.heapBytes() >> 20) + "m",
                "-Xms16m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:ReservedCodeCacheSize=32m",
                "-XX:-UsePerfData",
                "-XX:+DisableAttachMechanism",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + (File.separatorChar == '/' ? "/dev/null" : "NUL"),
                // Java's own warnings go to standard output by default, among the frames.
                "-Xlog:disable",
                "-Xlog:all=warning:stderr",
                "-XX:+DisplayVMOutputToStderr",
                "-Xshare:auto",
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + folder,
                "-cp",
                String.join(File.pathSeparator, classPath()),
                WorkerMain.class.getName());
    }

    /// Only what the worker runs: no driver, no database, no web server is on its class path.
    private static List<String> classPath() {
        return List.of(
                        WorkerMain.class,
                        Side.class,
                        Settings.class,
                        JsonFactory.class,
                        FlatBufferBuilder.class,
                        Message.class)
                .stream()
                .map(WorkerProcess::home)
                .distinct()
                .toList();
    }

    private static String home(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        try {
            URI location = source.getLocation().toURI();
            return Path.of(location).toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("no path for " + type, e);
        }
    }
}
