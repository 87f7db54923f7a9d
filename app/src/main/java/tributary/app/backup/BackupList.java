package tributary.app.backup;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What one backup consists of, as it is in the file `backups/<name>.json`.
///
/// @param name  when it was made, `20261127T203012Z`
/// @param files of the data folder, by their path below it
/// @param rows  by `tenant/table`: how many rows the lake's tables have
public record BackupList(String name, Map<String, Stored> files, Map<String, Long> rows) {
    static final String FOLDER = "backups";
    private static final String SUFFIX = ".json";
    private static final int VERSION = 1;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    public BackupList {
        Objects.requireNonNull(name, "name");
        files = Map.copyOf(files);
        rows = Map.copyOf(rows);
    }

    /// A file.
    ///
    /// @param sha256        names its bytes, in `objects`
    /// @param changedMillis when the original was changed, so that one that stayed need not be read again
    public record Stored(String sha256, long bytes, long changedMillis) {}

    /// @return bytes of all files
    public long bytes() {
        return files.values().stream().mapToLong(Stored::bytes).sum();
    }

    /// @return the names of all backups in the folder, the oldest first
    static List<String> names(Path backup) throws IOException {
        List<String> names = new ArrayList<>();
        Path folder = backup.resolve(FOLDER);
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
                files.forEach(file -> names.add(file.getFileName().toString().replace(SUFFIX, "")));
            }
        }
        return names.stream().sorted().toList();
    }

    static BackupList read(Path backup, String name) throws IOException {
        Path file = backup.resolve(FOLDER).resolve(name + SUFFIX);
        try {
            JsonNode text = JSON.readTree(Files.readString(file));
            if (text.path("version").asInt(0) != VERSION) {
                throw new IOException(file + " was made by a newer version of Tributary; use that one");
            }
            Map<String, Stored> files = new TreeMap<>();
            for (JsonNode stored : text.path("files")) {
                files.put(
                        stored.path("path").asString(),
                        new Stored(
                                stored.path("sha256").asString(),
                                stored.path("bytes").asLong(),
                                stored.path("changed").asLong()));
            }
            Map<String, Long> rows = new TreeMap<>();
            text.path("rows")
                    .properties()
                    .forEach(table -> rows.put(table.getKey(), table.getValue().asLong()));
            return new BackupList(name, files, rows);
        } catch (JacksonException e) {
            throw new IOException(file + " is damaged: " + e.getOriginalMessage(), e);
        }
    }

    /// @return the text of its file
    String text() {
        List<Map<String, Object>> list = new ArrayList<>();
        new TreeMap<>(files).forEach((path, stored) -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("path", path);
            one.put("bytes", stored.bytes);
            one.put("sha256", stored.sha256);
            one.put("changed", stored.changedMillis);
            list.add(one);
        });
        Map<String, Object> text = new LinkedHashMap<>();
        text.put("version", VERSION);
        text.put("rows", new TreeMap<>(rows));
        text.put("files", list);
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(text);
    }
}
