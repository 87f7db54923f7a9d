package tributary.sinks.folder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.sinks.FullDisk;
import tributary.sinks.Harness;

/// A delivery stream whose parts, commits and position are on a disk that is full for a while.
class FullDiskIT {
    private static final String PAYLOAD = "{\"n\":%d,\"text\":\"" + "x".repeat(2000) + "\"}";

    @TempDir
    Path folder;

    private FullDisk disk;
    private Harness house;

    @BeforeEach
    void open() throws IOException {
        disk = FullDisk.mount(Files.createDirectories(folder.resolve("sinks")));
        house = new Harness(folder, "", new FolderType());
    }

    @AfterEach
    void close() throws IOException {
        if (house != null) {
            house.close();
        }
        if (disk != null) {
            disk.close();
        }
    }

    private void say(int from, int to) {
        IntStream.range(from, to).forEach(n -> house.say("files", "pump-1", PAYLOAD.formatted(n)));
    }

    private List<Path> files() {
        Path out = folder.resolve("sinks/out/main/files");
        if (!Files.exists(out)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(out)) {
            return all.filter(file -> file.getFileName().toString().matches("files-\\d.*"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What all files hold, in the order of their names.
    private List<Integer> numbers() throws IOException, SQLException {
        List<Integer> numbers = new ArrayList<>();
        for (Path file : files()) {
            if (file.toString().endsWith(".parquet")) {
                try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                        Statement statement = duck.createStatement();
                        ResultSet rows = statement.executeQuery("SELECT n FROM '" + file + "'")) {
                    while (rows.next()) {
                        numbers.add(rows.getInt(1));
                    }
                }
            } else {
                Files.readAllLines(file)
                        .forEach(
                                line -> numbers.add(Harness.json(line).path("n").asInt()));
            }
        }
        return numbers;
    }

    @ParameterizedTest
    @ValueSource(strings = {"json-lines", "parquet"})
    void nothingIsMissingOrTwiceWhenThereIsRoomAgain(String format) throws Exception {
        String columns = format.equals("parquet") ? ",\"columns\":\"n integer, text\"" : "";
        house.good(
                "files",
                "folder",
                "{\"format\":\"" + format + "\",\"compression\":\"none\",\"prefix\":\"none\",\"every\":\"1s\","
                        + "\"retry-first\":\"50ms\",\"retry-most\":\"200ms\"" + columns + "}",
                Map.of());
        say(0, 100);
        Harness.until("a file is there", () -> !files().isEmpty());
        disk.fill();
        say(100, 300);
        Harness.until("it is said", () -> house.status("files").lastError().contains("Look after the disk"));
        house.stop();
        house.open();
        say(300, 400);
        Harness.until(
                "the next life says it, too",
                () -> house.status("files").lastError().contains("disk"));
        disk.free();
        Harness.until("all are there", () -> {
            try {
                return numbers().size() >= 400;
            } catch (IOException | SQLException e) {
                return false;
            }
        });

        assertThat(numbers())
                .containsExactlyElementsOf(IntStream.range(0, 400).boxed().toList());
        assertThat(house.dead("files")).isEmpty();
    }
}
