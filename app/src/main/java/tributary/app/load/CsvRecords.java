package tributary.app.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads CSV as RFC 4180 says: cells in quotes may hold the delimiter, line ends and doubled quotes. A mark of the byte
/// order at the beginning is passed over.
public final class CsvRecords {
    private static final int ROW_CHARS_MAX = 1 << 20;
    private static final int END = -1;
    private static final char BYTE_ORDER_MARK = '\ufeff';

    private final BufferedReader in;
    private final char delimiter;
    private long number;

    public CsvRecords(Reader text, char delimiter) throws IOException {
        this.in = new BufferedReader(text);
        this.delimiter = delimiter;
        in.mark(1);
        if (in.read() != BYTE_ORDER_MARK) {
            in.reset();
        }
    }

    /// @return the cells of the next row, or null at the end
    public @Nullable List<String> next() throws IOException {
        int c = in.read();
        if (c == END) {
            return null;
        }
        number++;
        List<String> record = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        int chars = 0;
        while (true) {
            if (++chars > ROW_CHARS_MAX) {
                throw new IOException("row " + number + " has more than " + ROW_CHARS_MAX
                        + " characters; a quote is not closed, or this is no CSV");
            }
            if (quoted) {
                if (c == END) {
                    throw new IOException("row " + number + " ends inside quotes");
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
}
