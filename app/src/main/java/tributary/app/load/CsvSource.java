package tributary.app.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads CSV as RFC 4180 says: a header, then rows; cells in quotes may hold the delimiter, line ends and
/// doubled quotes.
final class CsvSource implements Source {
    private static final int ROW_CHARS_MAX = 1 << 20;
    private static final int END = -1;
    private static final char BYTE_ORDER_MARK = '\ufeff';

    private final InputFile file;
    private final BufferedReader in;
    private final char delimiter;
    private final Cells cells;
    private final int width;
    private long number;

    /// @throws IllegalArgumentException where the header does not fit the mapping
    CsvSource(Path path, char delimiter, Mapping mapping) throws IOException {
        this.file = new InputFile(path);
        this.delimiter = delimiter;
        try {
            this.in = new BufferedReader(new InputStreamReader(file.in(), StandardCharsets.UTF_8));
            in.mark(1);
            if (in.read() != BYTE_ORDER_MARK) {
                in.reset();
            }
            List<String> header = record();
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
        List<String> record = record();
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

    /// @return the cells of the next row, or null at the end
    private @Nullable List<String> record() throws IOException {
        int c = in.read();
        if (c == END) {
            return null;
        }
        List<String> record = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        int chars = 0;
        while (true) {
            if (++chars > ROW_CHARS_MAX) {
                throw new IOException("row " + (number + 1) + " has more than " + ROW_CHARS_MAX
                        + " characters; a quote is not closed, or this is no CSV");
            }
            if (quoted) {
                if (c == END) {
                    throw new IOException("row " + (number + 1) + " ends inside quotes");
                }
                if (c != '"') {
                    cell.append((char) c);
                } else {
                    in.mark(1);
                    quoted = in.read() == '"';
                    if (quoted) {
                        cell.append('"');
                    } else {
                        in.reset();
                    }
                }
            } else if (c == '"' && cell.isEmpty()) {
                quoted = true;
            } else if (c == delimiter) {
                record.add(cell.toString());
                cell.setLength(0);
            } else if (c == '\n' || c == END) {
                boolean carriage = !cell.isEmpty() && cell.charAt(cell.length() - 1) == '\r';
                record.add(carriage ? cell.substring(0, cell.length() - 1) : cell.toString());
                return record;
            } else {
                cell.append((char) c);
            }
            c = in.read();
        }
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
