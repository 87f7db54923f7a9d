import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/// Makes an archive that runs on a machine without Java: `./dev dist`, from a built checkout.
///
/// A Java of its own that has the parts that we use, our libraries without what is meant for other systems, what Java
/// learns from a short run, the launcher. It is for the system that makes it (Linux on x64 is what is tried), and lands
/// in `target/dist`: the folder, and the same as an archive unless `--folder` is asked for.
final class Dist {
    /// What our libraries and we use, found with `jdeps`; some are only reached by name (`jdk.zipfs` by the lake's
    /// import, `jdk.naming.dns` by the mail library, `jdk.localedata` is left out on purpose, `jdk.jcmd` is for whoever
    /// has to look into a server).
    private static final List<String> MODULES = List.of(
            "java.base",
            "java.compiler",
            "java.desktop",
            "java.instrument",
            "java.logging",
            "java.management",
            "java.naming",
            "java.net.http",
            "java.scripting",
            "java.security.jgss",
            "java.security.sasl",
            "java.sql",
            "java.transaction.xa",
            "java.xml",
            "jdk.attach",
            "jdk.crypto.cryptoki",
            "jdk.httpserver",
            "jdk.jcmd",
            "jdk.jfr",
            "jdk.management",
            "jdk.naming.dns",
            "jdk.net",
            "jdk.unsupported",
            "jdk.zipfs");

    /// Words in the name of a native library that say that it is not for us.
    private static final Set<String> FOREIGN = Set.of(
            "aarch64", "aix", "android", "arm", "arm64", "armv6", "armv7", "darwin", "dll", "dylib", "freebsd", "i386",
            "loongarch64", "mac", "macos", "mips64", "musl", "osx", "ppc64", "ppc64le", "riscv64", "s390x", "sunos",
            "win", "windows", "x86");

    private static final List<String> BESIDE = List.of(
            "tributary", "README.md", "CHANGELOG.md", "LICENSE", "SECURITY.md", "dist/Dockerfile", "dist/compose.yaml");

    private static final List<Path> LEARNT = List.of(Path.of("lib/tributary.aot"), Path.of("lib/tributary-client.aot"));

    private final Path folder;
    private final FileTime time;

    private Dist(Path folder, FileTime time) {
        this.folder = folder;
        this.time = time;
    }

    static void main(String[] args) throws Exception {
        List<String> words = new ArrayList<>(List.of(args));
        boolean archive = !words.remove("--folder");
        if (words.size() != 1) {
            throw new IllegalArgumentException("Dist.java VERSION [--folder]");
        }
        String name = "tributary-" + words.getFirst() + "-" + system();
        Path out = Path.of("target/dist");
        Dist dist = new Dist(out.resolve(name), FileTime.from(Instant.ofEpochSecond(commitSeconds())));
        delete(dist.folder);
        Files.createDirectories(dist.folder);
        dist.runtime();
        dist.libraries();
        dist.texts();
        Sbom.read().write(dist.folder.resolve("sbom.cdx.json"));
        dist.learn();
        dist.stamp();
        System.out.println(dist.folder);
        if (archive) {
            // a quarter smaller than gzip makes it
            Path file = out.resolve(name + ".tar.xz");
            Files.deleteIfExists(file);
            run("sh", "-c", "tar --sort=name --owner=0 --group=0 --numeric-owner -C '%s' -cf - '%s' | xz -T0 -3 > '%s'"
                    .formatted(out, name, file));
            System.out.printf("%s: %,d bytes%n", file, Files.size(file));
        }
    }

    private static String system() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT).split(" ")[0];
        String processor = System.getProperty("os.arch").replace("amd64", "x64");
        if (!(os + "-" + processor).equals("linux-x64")) {
            throw new IllegalStateException(
                    "a distribution is made on Linux with an x64 processor; this is " + os + " on " + processor);
        }
        return os + "-" + processor;
    }

    private static long commitSeconds() throws Exception {
        String given = System.getenv("SOURCE_DATE_EPOCH");
        if (given != null) {
            return Long.parseLong(given);
        }
        Process git = new ProcessBuilder("git", "log", "-1", "--format=%ct").start();
        String said = new String(git.getInputStream().readAllBytes()).strip();
        return git.waitFor() == 0 ? Long.parseLong(said) : Instant.now().getEpochSecond();
    }

    private void runtime() throws Exception {
        run(
                Path.of(System.getProperty("java.home"), "bin/jlink").toString(),
                "--add-modules",
                String.join(",", MODULES),
                "--strip-java-debug-attributes",
                "--no-header-files",
                "--no-man-pages",
                "--output",
                folder.resolve("runtime").toString());
    }

    /// Jars that hold what they hold unpacked: Java reads them faster, and the archive gets smaller.
    private void libraries() throws IOException {
        Path lib = Files.createDirectories(folder.resolve("lib"));
        try (Stream<Path> jars = Files.list(Path.of("app/target/lib"))) {
            for (Path jar : jars.filter(file -> file.toString().endsWith(".jar")).toList()) {
                copy(jar, lib.resolve(jar.getFileName()));
            }
        }
    }

    private void copy(Path from, Path to) throws IOException {
        try (JarFile jar = new JarFile(from.toFile(), false);
                OutputStream file = new BufferedOutputStream(Files.newOutputStream(to));
                JarOutputStream out = new JarOutputStream(file)) {
            out.setMethod(JarOutputStream.STORED);
            for (JarEntry entry : Collections.list(jar.entries())) {
                if (entry.isDirectory() || foreign(entry.getName())) {
                    continue;
                }
                byte[] bytes = jar.getInputStream(entry).readAllBytes();
                JarEntry stored = new JarEntry(entry.getName());
                CRC32 sum = new CRC32();
                sum.update(bytes);
                stored.setCrc(sum.getValue());
                stored.setSize(bytes.length);
                stored.setLastModifiedTime(time);
                out.putNextEntry(stored);
                out.write(bytes);
            }
        }
    }

    /// @return whether an entry of a jar is a native library of another system
    static boolean foreign(String entry) {
        String name = entry.toLowerCase(Locale.ROOT).replace("x86_64", "x64").replace("aarch_64", "aarch64");
        if (!name.matches(".*\\.(so|dll|dylib|jnilib)([_.].*)?")) {
            return false;
        }
        return Arrays.stream(name.split("[^a-z0-9]+")).anyMatch(FOREIGN::contains);
    }

    private void texts() throws IOException {
        for (String file : BESIDE) {
            Path from = Path.of(file);
            Files.copy(from, folder.resolve(from.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    /// The same that the launcher lets Java learn after a build (docs/decisions/0006), with this Java and these jars.
    private void learn() throws Exception {
        stamp(); // Java looks at the time of each jar
        Path script = folder.resolve(".mvn/aot.sh");
        Files.createDirectories(script.getParent());
        Files.copy(Path.of(".mvn/aot.sh"), script);
        run("env", "TRIBUTARY_AOT=now", folder.resolve("tributary").toString(), "version");
        delete(script.getParent());
        if (!LEARNT.stream().map(folder::resolve).allMatch(Files::exists)) {
            throw new IllegalStateException("Java did not learn from its short run (.mvn/aot.sh)");
        }
    }

    private void stamp() throws IOException {
        for (Path file : deepestFirst(folder)) {
            // what was learnt must be younger than what it was learnt from, or the launcher leaves it
            boolean learnt = LEARNT.stream().anyMatch(file::endsWith);
            Files.setLastModifiedTime(file, learnt ? FileTime.from(time.toInstant().plusSeconds(1)) : time);
        }
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        if (process.waitFor() != 0) {
            throw new IllegalStateException(String.join(" ", command) + " ended with " + process.exitValue());
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            for (Path file : deepestFirst(folder)) {
                Files.delete(file);
            }
        }
    }

    private static List<Path> deepestFirst(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.sorted(Comparator.reverseOrder()).toList();
        }
    }
}
