package tributary.app.load;

import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Items of a CSV file: a header, then rows.
final class CsvSource implements Source {
    private final InputFile file;
    private final CsvRecords records;
    private final Cells cells;
    private final int width;
    private long number;

    /// @throws IllegalArgumentException where the header does not fit the mapping
    CsvSource(Path path, char delimiter, Mapping mapping) throws IOException {
        this.file = new InputFile(path);
        try {
            this.records = new CsvRecords(new InputStreamReader(file.in(), StandardCharsets.UTF_8), delimiter);
            List<String> header = records.next();
            if (header == null) {
                throw new IOException("the file is empty");
            }
            this.width = header.size();
            this.cells = new Cells(header.stream().map(String::strip).toList(), mapping);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    @Override
    public @Nullable Item next() throws IOException {
        List<String> record = records.next();
        if (record == null) {
            return null;
        }
        number++;
        if (record.size() == 1 && record.getFirst().isBlank()) {
            return new Item.Nothing(number);
        }
        return record.size() == width
                ? cells.item(number, record)
                : new Item.Refused(number, "", "the row has " + record.size() + " cells and the header has " + width);
    }

    @Override
    public double done() {
        return file.done();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
