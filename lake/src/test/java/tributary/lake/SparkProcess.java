package tributary.lake;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import tributary.bucket.BucketSettings;

/// Apache Spark in a process of its own, with its libraries from Maven Central, over the tables of a lake. It
/// has nothing of ours but the way to the catalogue; in a bucket it reads with Iceberg's own client of S3.
final class SparkProcess implements AutoCloseable {
    private static final Path SOURCES = Path.of("src/engines");
    private static final Path CLASS_PATH = Path.of("target/spark.classpath");
    private static final List<String> OPENED = List.of(
            "java.lang",
            "java.lang.invoke",
            "java.lang.reflect",
            "java.io",
            "java.net",
            "java.nio",
            "java.util",
            "java.util.concurrent",
            "java.util.concurrent.atomic",
            "sun.nio.ch");

    private final Process process;
    private final Path errors;
    private final Writer statements;
    private final BufferedReader answers;

    private SparkProcess(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        this.statements = process.outputWriter(StandardCharsets.UTF_8);
        this.answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /// @param home a folder for what it writes
    static SparkProcess start(World world, Path home) throws IOException, InterruptedException {
        Path catalog = home.resolve("spark.properties");
        try (Writer out = Files.newBufferedWriter(catalog)) {
            catalog(world).store(out, null);
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx1g");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("--sun-misc-unsafe-memory-access=allow");
        OPENED.forEach(name -> command.add("--add-opens=java.base/" + name + "=ALL-UNNAMED"));
        command.add("-Djava.io.tmpdir=" + home);
        command.addAll(List.of("-cp", classPath()));
        command.add(SOURCES.resolve("Spark.java").toString());
        command.add(catalog.toString());
        Path errors = home.resolve("spark.err");
        return new SparkProcess(
                new ProcessBuilder(command).redirectError(errors.toFile()).start(), errors);
    }

    /// As docs/lake.md says it to people.
    private static Properties catalog(World world) throws IOException {
        Properties catalog = new Properties();
        catalog.setProperty("type", "jdbc");
        catalog.setProperty("jdbc.schema-version", "V1");
        Warehouse warehouse = world.settings.warehouse();
        BucketSettings bucket = warehouse.bucket();
        if (bucket == null) {
            Path folder = world.folder.toAbsolutePath();
            catalog.setProperty("uri", "jdbc:sqlite:" + folder.resolve("catalog.db"));
            catalog.setProperty("warehouse", folder.toString());
        } else {
            catalog.setProperty("uri", warehouse.catalog());
            catalog.setProperty("jdbc.user", warehouse.user());
            catalog.setProperty(
                    "jdbc.password",
                    Files.readString(Path.of(warehouse.passwordFile())).strip());
            catalog.setProperty("warehouse", bucket.location());
            catalog.setProperty("io-impl", "org.apache.iceberg.aws.s3.S3FileIO");
            catalog.setProperty("client.region", "us-east-1");
            catalog.setProperty("s3.endpoint", bucket.endpoint());
            catalog.setProperty("s3.path-style-access", Boolean.toString(bucket.pathStyle()));
            catalog.setProperty("s3.access-key-id", bucket.accessKey());
            catalog.setProperty(
                    "s3.secret-access-key",
                    Files.readString(Path.of(bucket.secretKeyFile())).strip());
        }
        return catalog;
    }

    /// Resolved once; where that was done before it needs no network.
    private static synchronized String classPath() throws IOException, InterruptedException {
        Path pom = SOURCES.resolve("spark.pom");
        if (!usable(pom) && !resolve(pom, "-o") && !resolve(pom, "-B")) {
            throw new IOException("Maven cannot resolve %s; its output is in target/spark.out".formatted(pom));
        }
        return Files.readString(CLASS_PATH).strip();
    }

    private static boolean usable(Path pom) throws IOException {
        return Files.exists(CLASS_PATH)
                && Files.getLastModifiedTime(CLASS_PATH).compareTo(Files.getLastModifiedTime(pom)) > 0
                && Stream.of(Files.readString(CLASS_PATH).strip().split(File.pathSeparator))
                        .allMatch(jar -> Files.exists(Path.of(jar)));
    }

    private static boolean resolve(Path pom, String option) throws IOException, InterruptedException {
        return new ProcessBuilder(
                                "mvn",
                                "-q",
                                option,
                                "-f",
                                pom.toString(),
                                "dependency:build-classpath",
                                "-Dmdep.outputFile=" + CLASS_PATH.toAbsolutePath())
                        .redirectErrorStream(true)
                        .redirectOutput(Path.of("target/spark.out").toFile())
                        .start()
                        .waitFor()
                == 0;
    }

    /// @return the rows, each a line of values with a space between
    List<String> rows(String sql) {
        try {
            statements.write(sql.replaceAll("\\s+", " ") + "\n");
            statements.flush();
            List<String> rows = new ArrayList<>();
            for (String line = answers.readLine(); !".".equals(line); line = answers.readLine()) {
                if (line == null || line.startsWith("! ")) {
                    throw new AssertionError("%s: %s; Spark said:%n%s".formatted(sql, line, Files.readString(errors)));
                }
                rows.add(line);
            }
            return rows;
        } catch (IOException e) {
            throw new UncheckedIOException("Spark does not answer", e);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.destroyForcibly().waitFor();
        statements.close();
        answers.close();
    }
}
