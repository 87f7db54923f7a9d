package tributary.bench;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// QuestDB, embedded in a process that `bench/src/peers/Questdb.java` is, given a history and asked about it.
final class QuestdbPeer {
    private static final String CLASSPATH = "questdb.classpath";

    private QuestdbPeer() {}

    /// Adds its figures, or says why there are none.
    ///
    /// @param peers holds its class path and program
    /// @param notes tells who waits
    static void measure(Path peers, History all, int rounds, Consumer<String> notes, Figures figures)
            throws IOException, InterruptedException {
        if (!Files.isReadable(peers.resolve(CLASSPATH))) {
            notes.accept("no QuestDB: " + peers.resolve(CLASSPATH) + " is not there; ./dev bench lake gets it");
            return;
        }
        notes.accept("the same for QuestDB");
        Path folder = Files.createTempDirectory("bench-questdb-");
        Process process = new ProcessBuilder(command(peers, folder, all, rounds))
                .redirectErrorStream(true)
                .start();
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                figure(line, figures);
            }
            int code = process.waitFor();
            figures.promise(code == 0, "QuestDB's process ended with " + code);
        } finally {
            process.destroyForcibly().waitFor();
            remove(folder);
        }
    }

    private static List<String> command(Path peers, Path folder, History all, int rounds) throws IOException {
        String classpath = Files.readString(peers.resolve(CLASSPATH)).strip()
                + File.pathSeparator
                + System.getProperty("java.class.path");
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+UseParallelGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "-cp",
                classpath,
                peers.resolve("Questdb.java").toString(),
                folder.toString(),
                all.prefix(),
                Integer.toString(all.devices()),
                Long.toString(all.startMillis()),
                Long.toString(all.steps()),
                Integer.toString(rounds));
    }

    /// Lines that are no `name=number` are its log.
    private static void figure(String line, Figures figures) {
        String[] parts = line.split("=", 2);
        if (parts.length == 2 && parts[0].matches("\\w+") && parts[1].matches("[0-9.E]+")) {
            double value = Double.parseDouble(parts[1]);
            String format = switch (parts[0]) {
                case "loadPerSecond" -> "%,.0f readings/s, without a flush for each commit";
                case "bytesPerReading" -> "%.2f bytes a reading";
                default -> "p50 %.2f ms";
            };
            figures.number("Q. " + parts[0], "questdb." + parts[0], format, value);
        }
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList().reversed()) {
                Files.delete(file);
            }
        }
    }
}
