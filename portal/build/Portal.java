import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/// Builds the portal into target/portal with the system's Node, or puts a page there that says how to get it.
///
/// Run by Maven in the folder portal/. Does nothing where nothing changed. `java build/Portal.java REQUIRED`: with
/// `true` a build without Node fails.
final class Portal {
    private static final Path OUT = Path.of("target/portal");
    private static final Path STAMP = Path.of("target/portal.sha256");
    private static final List<String> SOURCES =
            List.of("src", "public", "index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts");
    private static final int NODE_MAJOR = 20;
    private static final int NODE_MINOR = 19;
    private static final int GZIP_FROM = 1024;

    private Portal() {}

    void main(String[] args) throws Exception {
        boolean required = args.length > 0 && args[0].equals("true");
        String sum = sum();
        if (Files.exists(STAMP) && Files.readString(STAMP).equals(sum) && Files.exists(OUT.resolve("files.txt"))) {
            return;
        }
        Files.createDirectories(OUT);
        String missing = missing();
        if (missing == null && !build()) {
            missing = "npm could not build the portal; what it said is above";
        }
        if (missing != null) {
            if (required) {
                throw new IllegalStateException("-Dportal.required=true, and " + missing);
            }
            System.err.println("[portal] " + missing + ": the server will show a page that says so.");
            clear();
            Files.copy(Path.of("placeholder/index.html"), OUT.resolve("index.html"));
        }
        index();
        if (missing == null) {
            Files.writeString(STAMP, sum);
        } else {
            Files.deleteIfExists(STAMP);
        }
    }

    /// @return what is missing to build, or null
    private static String missing() {
        String version;
        try {
            Process node = new ProcessBuilder("node", "--version").redirectErrorStream(true).start();
            version = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            node.waitFor();
        } catch (IOException | InterruptedException e) {
            return "there is no Node.js on the PATH (20.19 or newer is needed)";
        }
        String[] parts = version.replaceFirst("^v", "").split("\\.");
        int major = Integer.parseInt(parts[0]);
        int minor = Integer.parseInt(parts[1]);
        boolean fits = major > NODE_MAJOR || major == NODE_MAJOR && minor >= NODE_MINOR;
        return fits ? null : "Node.js " + version + " is too old (20.19 or newer is needed)";
    }

    private static boolean build() throws Exception {
        String locked = sha(Files.readAllBytes(Path.of("package-lock.json")));
        Path installed = Path.of("node_modules/.tributary-lock");
        if (!Files.exists(installed) || !Files.readString(installed).equals(locked)) {
            if (!run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")) {
                return false;
            }
            Files.writeString(installed, locked);
        }
        return run("npm", "run", "--silent", "build");
    }

    private static boolean run(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        process.getOutputStream().close();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            return false;
        }
        return process.exitValue() == 0;
    }

    /// Lists what is to be served, and puts a compressed copy beside what gains by it.
    private static void index() throws IOException {
        List<String> names = new ArrayList<>();
        for (Path file : files(OUT)) {
            String name = OUT.relativize(file).toString().replace('\\', '/');
            if (name.equals("files.txt") || name.endsWith(".gz")) {
                continue;
            }
            names.add(name);
            byte[] bytes = Files.readAllBytes(file);
            if (bytes.length >= GZIP_FROM) {
                try (OutputStream out = new Best(Files.newOutputStream(OUT.resolve(name + ".gz")))) {
                    out.write(bytes);
                }
            }
        }
        Files.write(OUT.resolve("files.txt"), names);
    }

    private static final class Best extends GZIPOutputStream {
        Best(OutputStream out) throws IOException {
            super(out);
            def.setLevel(9);
        }
    }

    private static void clear() throws IOException {
        List<Path> all = new ArrayList<>(files(OUT));
        for (Path file : all) {
            Files.delete(file);
        }
    }

    private static String sum() throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (String source : SOURCES) {
            for (Path file : files(Path.of(source))) {
                digest.update(file.toString().getBytes(StandardCharsets.UTF_8));
                digest.update(Files.readAllBytes(file));
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String sha(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private static List<Path> files(Path root) {
        if (!Files.exists(root)) {
            return List.of();
        }
        try (Stream<Path> walk = Files.walk(root)) {
            return walk.filter(Files::isRegularFile).sorted(Comparator.comparing(Path::toString)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
