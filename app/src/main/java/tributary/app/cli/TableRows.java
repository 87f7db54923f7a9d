package tributary.app.cli;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.app.load.CsvRecords;

/// Reads the rows of a table that rules look into out of a file.
final class TableRows {
    /// A number as JSON has it: `00417` is a text.
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][-+]?\\d+)?");

    private TableRows() {}

    /// @param file  a JSON list of objects where it ends so, else CSV with a header
    /// @param texts columns of CSV whose cells stay texts; elsewhere numbers, true and false are such
    /// @throws CommandFailure where it is neither
    static JsonNode read(Path file, Set<String> texts, char delimiter) {
        try {
            return file.toString().endsWith(".json")
                    ? ServerClient.JSON.readTree(Files.readString(file))
                    : csv(file, texts, delimiter);
        } catch (IOException | JacksonException e) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "cannot read " + file + ": " + e.getMessage(),
                    "name a CSV file with a header, or a JSON list of objects");
        }
    }

    private static ArrayNode csv(Path file, Set<String> texts, char delimiter) throws IOException {
        try (Reader text = Files.newBufferedReader(file)) {
            CsvRecords records = new CsvRecords(text, delimiter);
            List<String> header = records.next();
            if (header == null) {
                throw new IOException("it is empty");
            }
            ArrayNode rows = ServerClient.JSON.createArrayNode();
            for (List<String> cells = records.next(); cells != null; cells = records.next()) {
                boolean blank = cells.size() == 1 && cells.getFirst().isBlank();
                if (!blank && cells.size() != header.size()) {
                    throw new IOException("row " + (rows.size() + 1) + " has " + cells.size()
                            + " cells and the header has " + header.size());
                }
                if (!blank) {
                    row(rows.addObject(), header, cells, texts);
                }
            }
            return rows;
        }
    }

    private static void row(ObjectNode row, List<String> header, List<String> cells, Set<String> texts) {
        for (int i = 0; i < cells.size(); i++) {
            String column = header.get(i).strip();
            String cell = cells.get(i);
            if (!cell.isEmpty()) {
                row.set(column, texts.contains(column) ? row.stringNode(cell) : value(row, cell));
            }
        }
    }

    private static JsonNode value(ObjectNode row, String cell) {
        boolean json = cell.equals("true")
                || cell.equals("false")
                || NUMBER.matcher(cell).matches();
        return json ? ServerClient.JSON.readTree(cell) : row.stringNode(cell);
    }
}
