package tributary.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tributary.app.server.Configuration;
import tributary.app.server.Version;

/// `tributary bundle`: one archive for whoever helps. It is made of a list of what may be in it, not of what must not:
/// figures, names of settings, names and sizes of files; no payload, no name of a device, no value that somebody typed.
@Command(
        name = "bundle",
        description = {
            "Write an archive for whoever helps: versions, figures, checks, names and sizes of files.",
            "No messages, no names of devices, no credentials, no values of settings are in it."
        })
final class BundleCommand implements Callable<Integer> {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);
    private static final int FILES_MAX = 20_000;

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "where to; default: tributary-bundle-TIME.zip here")
    private @Nullable Path output;

    @Override
    public Integer call() {
        Path file = output != null
                ? output
                : Path.of("tributary-bundle-"
                        + STAMP.format(InstantSource.system().instant()) + ".zip");
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("versions.txt", versions());
        parts.put("doctor.txt", doctor());
        parts.put("settings.txt", settings());
        parts.put("files.txt", files());
        running(parts);
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, String> part : parts.entrySet()) {
                zip.putNextEntry(new ZipEntry("tributary-bundle/" + part.getKey()));
                zip.write(part.getValue().getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        } catch (FileAlreadyExistsException e) {
            throw new CommandFailure(ExitCode.CONFLICT, file + " is there already", "-o FILE      names another");
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "cannot write " + file + ": " + e.getMessage(), "");
        }
        server.err().println("look into it before you send it: unzip -p " + file + " | less");
        server.err().flush();
        server.out().println(file);
        server.out().flush();
        return ExitCode.OK.number();
    }

    /// What only a server that runs can tell; without one the reason stands there instead.
    private void running(Map<String, String> parts) {
        try {
            ServerClient client = server.client();
            parts.put("status.json", client.get("/api/v1/status").toPrettyString());
            try (InputStream metrics = client.stream("GET", "/metrics", null, Map.of())) {
                parts.put("metrics.txt", new String(metrics.readAllBytes(), StandardCharsets.UTF_8));
            }
        } catch (CommandFailure | IOException e) {
            parts.put("server.txt", "not asked: " + e.getMessage());
        }
    }

    private static String versions() {
        return """
                tributary %s
                java %s, %s
                system %s %s, %s
                processors %d
                """.formatted(
                        Version.TEXT,
                        Runtime.version(),
                        System.getProperty("java.vendor"),
                        System.getProperty("os.name"),
                        System.getProperty("os.version"),
                        System.getProperty("os.arch"),
                        Runtime.getRuntime().availableProcessors());
    }

    private String doctor() {
        StringWriter text = new StringWriter();
        try (PrintWriter out = new PrintWriter(text)) {
            new Doctor(server.data(), 1883, 8080)
                    .look(server::client)
                    .forEach(finding ->
                            out.printf("%-5s %-12s %s%n", finding.level().word(), finding.what(), finding.detail()));
        }
        return text.toString();
    }

    /// Which settings are set, and where; never to what.
    private static String settings() {
        Map<String, String> set = new TreeMap<>();
        Configuration.known().keySet().forEach(key -> {
            if (System.getenv(Configuration.variable(key)) != null) {
                set.put(key, "set in the environment");
            }
        });
        StringBuilder text = new StringBuilder();
        set.forEach((key, where) -> text.append(key).append("  ").append(where).append('\n'));
        text.append(Files.exists(Path.of("tributary.yaml")) ? "tributary.yaml is here\n" : "no tributary.yaml here\n");
        return text.toString();
    }

    /// Names, sizes and times of the data folder's own files; what the lake and sinks hold by tenant is only summed up.
    private String files() {
        Path data = server.data();
        if (!Files.isDirectory(data)) {
            return data + " is not there\n";
        }
        Map<String, long[]> folders = new TreeMap<>();
        try (Stream<Path> all = Files.walk(data)) {
            all.filter(Files::isRegularFile).limit(FILES_MAX).forEach(file -> {
                Path inside = data.relativize(file);
                String folder = inside.getNameCount() == 1
                        ? inside.toString()
                        : inside.getName(0) + "/ (" + ending(inside) + ")";
                long[] sum = folders.computeIfAbsent(folder, _ -> new long[2]);
                sum[0]++;
                sum[1] += size(file);
            });
        } catch (IOException | UncheckedIOException e) {
            return "cannot list " + data + ": " + e.getMessage() + "\n";
        }
        StringBuilder text = new StringBuilder();
        folders.forEach(
                (folder, sum) -> text.append("%-40s %,8d files %,16d bytes%n".formatted(folder, sum[0], sum[1])));
        return text.toString();
    }

    private static String ending(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "no ending" : name.substring(dot + 1);
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0; // it went away meanwhile
        }
    }
}
