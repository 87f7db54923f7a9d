package tributary.app.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tributary.app.server.Configuration;
import tributary.app.server.Server;

/// `tributary warm-up`: a server on a folder of its own is loaded through every door and asked, then forgotten.
///
/// The Java runtime watches this and keeps what it learnt, which classes and which hot methods, for later starts:
/// `.mvn/aot.sh` runs it, docs/decisions/0006 says why.
@Command(name = "warm-up", hidden = true, description = "What the launcher lets Java learn from; keeps nothing.")
final class WarmUpCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(WarmUpCommand.class);
    private static final String OURS = "tributary/";

    /// Long enough that what is hot becomes hot, and not one second longer.
    private static final List<List<String>> LOADS = List.of(
            List.of("mqtt", "--connections", "20", "--count", "2500", "--payload-bytes", "150"),
            List.of("ws", "--connections", "50", "--count", "1000"),
            List.of("http", "--connections", "10", "--count", "500"));

    @Parameters(
            arity = "0..*",
            paramLabel = "PROGRAM",
            description = "runs while the server is up, with the server's folder in TRIBUTARY_DATA")
    private List<String> meanwhile = new ArrayList<>();

    private boolean failed;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("tributary-warm-up");
        try {
            Map<String, String> settings =
                    Map.of("data", folder.resolve("data").toString(), "mqtt.port", "0", "http.port", "0");
            try (Server server = Server.start(Configuration.read(folder.resolve("none.yaml"), Map.of(), settings))) {
                use(server);
                runMeanwhile(server.data());
            }
            loadAll();
        } finally {
            delete(folder);
        }
        return (failed ? ExitCode.FAILED : ExitCode.OK).number();
    }

    private void use(Server server) {
        String data = server.data().toString();
        List<String> at = List.of(
                "--data",
                data,
                "--server",
                server.http().toString(),
                "--mqtt-port",
                "" + server.mqtt().getPort());
        for (List<String> load : LOADS) {
            run(Stream.of(List.of("bench"), load, at).flatMap(List::stream));
        }
        run(Stream.of("send", "warm-up", "value=1", "--data", data));
        run(Stream.of("simulate", "car-fleet", "--count", "20", "--max", "500", "--speed", "0", "--data", data));
        run(Stream.of("sql", "SELECT device, sensor, value, ts FROM readings LIMIT 5", "--data", data));
        run(Stream.of("device", "add", "warm-up-2", "--data", data));
        run(Stream.of("device", "show", "warm-up", "--data", data));
        run(Stream.of("tail", "--since", "1h", "--count", "1", "--data", data));
        run(Stream.of("status", "--data", data));
    }

    private void run(Stream<String> arguments) {
        String[] line = arguments.toArray(String[]::new);
        int exit = Commands.run(line);
        if (exit != ExitCode.OK.number()) {
            LOG.warn("{} ended with {}", List.of(line), exit);
            failed = true;
        }
    }

    /// A client that learns by asking this server. That it fails is no failure of what the server learns.
    private void runMeanwhile(Path data) throws IOException, InterruptedException {
        if (meanwhile.isEmpty()) {
            return;
        }
        ProcessBuilder program = new ProcessBuilder(meanwhile).inheritIO();
        program.environment().put("TRIBUTARY_DATA", data.toString());
        int exit = program.start().waitFor();
        if (exit != ExitCode.OK.number()) {
            LOG.warn("{} ended with {}", meanwhile, exit);
        }
    }

    /// Loads every class of ours, for those that no load above reaches, such as what runs in query workers.
    private static void loadAll() throws IOException {
        for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator)) {
            if (entry.contains(OURS.substring(0, OURS.length() - 1)) && entry.endsWith(".jar")) {
                try (JarFile jar = new JarFile(entry)) {
                    jar.stream()
                            .map(file -> file.getName())
                            .filter(name -> name.startsWith(OURS) && name.endsWith(".class"))
                            .forEach(WarmUpCommand::load);
                }
            }
        }
    }

    private static void load(String file) {
        String name = file.substring(0, file.length() - ".class".length()).replace('/', '.');
        try {
            Class.forName(name, false, WarmUpCommand.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            LOG.debug("{} is left out", name, e);
        }
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException failure) throws IOException {
                Files.delete(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
