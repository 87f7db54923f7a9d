package tributary.query.worker;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tributary.query.wire.Frame;
import tributary.query.wire.FrameReader;
import tributary.query.wire.FrameWriter;
import tributary.query.wire.Kind;
import tributary.query.wire.Packer;
import tributary.query.wire.Setup;

/// The worker process: reads frames from standard input, answers on standard output, ends when main does.
public final class WorkerMain {
    /// The engine failed inside and cannot be used any more.
    static final int EXIT_BROKEN = 3;
    /// What Java itself still takes after it set up: code, classes, buffers of frames.
    private static final long JAVA_BYTES = 192L << 20;

    private WorkerMain() {}

    /// @param arguments none; everything comes in the first frame
    public static void main(String[] arguments) throws IOException {
        FrameReader in = new FrameReader(new FileInputStream(FileDescriptor.in));
        FrameWriter out = new FrameWriter(new FileOutputStream(FileDescriptor.out));
        // Nothing that a library prints may get among the frames.
        System.setOut(System.err);
        System.setIn(InputStream.nullInputStream());
        int exit = 0;
        try {
            Frame first = in.next();
            if (first != null) {
                serve(Setup.of(first), in, out);
            }
        } catch (IOException | EngineException | RuntimeException e) {
            System.err.println("query worker stops: " + e);
            exit = 1;
        }
        // Threads of a query that hears no interrupt must not keep the process alive.
        Runtime.getRuntime().halt(exit);
    }

    private static void serve(Setup setup, FrameReader in, FrameWriter out) throws IOException, EngineException {
        OsWalls walls = new OsWalls();
        List<String> standing = new ArrayList<>();
        try (Engine engine = open(setup, walls, standing)) {
            Worker worker = new Worker(engine, in, out, setup.queriesMax());
            long heapLeft =
                    Runtime.getRuntime().maxMemory() - Runtime.getRuntime().totalMemory();
            long more = setup.memoryBytes() / 4 * 5 + heapLeft + JAVA_BYTES;
            if (walls.limitMemory(more)) {
                standing.add(WallNames.MEMORY);
            }
            out.write(new Frame(
                    Kind.READY,
                    0,
                    new Packer(256).putText(String.join(", ", standing)).body()));
            worker.serve();
        }
    }

    /// Opens the engine behind every wall but the gate and the limit on memory.
    ///
    /// @param standing takes the names of the walls
    static Engine open(Setup setup, OsWalls walls, List<String> standing) throws EngineException {
        Duck duck = new Duck(Path.of(setup.library()));
        List<String> readable = new ArrayList<>(setup.readable());
        if (!setup.folder().isEmpty()) {
            readable.add(setup.folder());
        }
        standing.addAll(walls.put(readable));
        Engine engine = new DuckEngine(duck, config(setup));
        try (Engine.Session session = engine.session()) {
            for (String setting : lockDown(setup)) {
                session.run(setting);
            }
        }
        return engine;
    }

    /// What the engine opens with; it must not wait for SQL.
    private static Map<String, String> config(Setup setup) {
        return Map.of(
                "memory_limit",
                (setup.memoryBytes() >> 20) + "MiB",
                "threads",
                Integer.toString(setup.threads()),
                "async_threads",
                "1",
                "temp_directory",
                "");
    }

    /// The second wall: what the engine is told before it sees a tenant's SQL, the lock last. Settings that a session
    /// has of its own are set for all sessions: without `GLOBAL` they hold for this one only.
    private static List<String> lockDown(Setup setup) {
        List<String> settings = new ArrayList<>(List.of(
                "SET GLOBAL TimeZone = 'UTC'",
                "SET GLOBAL max_expression_depth = 250",
                "SET GLOBAL parquet_metadata_cache = true",
                "SET validate_external_file_cache = 'NO_VALIDATION'",
                "SET autoinstall_known_extensions = false",
                "SET autoload_known_extensions = false",
                "SET allow_community_extensions = false",
                "SET allow_persistent_secrets = false"));
        if (!setup.folder().isEmpty()) {
            settings.add("SET allowed_directories = [" + Quoting.literal(setup.folder()) + "]");
        }
        // Which alone a session of ours may still set, so that it can say how far a query is.
        settings.add("SET allowed_configs = ['enable_progress_bar', 'enable_progress_bar_print']");
        settings.add("SET enable_external_access = false");
        settings.add("SET lock_configuration = true");
        return List.copyOf(settings);
    }
}
