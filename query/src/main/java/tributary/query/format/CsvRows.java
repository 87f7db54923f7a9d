package tributary.query.format;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/// CSV as RFC 4180 has it: a header, CRLF, quotes where needed. Nothing for null, JSON for nested values.
///
/// A text that a spreadsheet would run, because it begins with `= + - @`, tab or carriage return, gets a `'` before it;
/// texts that are plain numbers, and numbers themselves, stay.
final class CsvRows implements ArrowRows.Sink, AutoCloseable {
    private static final Pattern PLAIN_NUMBER = Pattern.compile("[+-]?\\d+(\\.\\d+)?([eE][+-]?\\d+)?");

    private final Writer out;

    CsvRows(OutputStream out) {
        this.out = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), 1 << 16);
    }

    void head(List<String> names) throws IOException {
        for (int i = 0; i < names.size(); i++) {
            out.write(i > 0 ? "," : "");
            text(names.get(i));
        }
        out.write("\r\n");
    }

    @Override
    public void row(Cells cells, int row) throws IOException {
        for (int i = 0; i < cells.count(); i++) {
            if (i > 0) {
                out.write(',');
            }
            cell(cells.value(i, row));
        }
        out.write("\r\n");
    }

    /// Flushes to the stream; the stream stays open.
    @Override
    public void close() throws IOException {
        out.flush();
    }

    private void cell(@Nullable Object value) throws IOException {
        switch (value) {
            case null -> {
                // An empty cell is null; an empty text is a pair of quotes.
            }
            case BigDecimal number -> out.write(number.toPlainString());
            case Number number -> out.write(number.toString());
            case Boolean flag -> out.write(flag.toString());
            case List<?> nested -> text(json(nested));
            case Map<?, ?> nested -> text(json(nested));
            default -> text(value.toString());
        }
    }

    private void text(String text) throws IOException {
        String safe = runs(text) ? "'" + text : text;
        if (safe.isEmpty() || quoted(safe)) {
            out.write('"');
            out.write(safe.replace("\"", "\"\""));
            out.write('"');
        } else {
            out.write(safe);
        }
    }

    private static boolean quoted(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == ',' || c == '\n' || c == '\r') {
                return true;
            }
        }
        return false;
    }

    private static boolean runs(String text) {
        return !text.isEmpty()
                && "=+-@\t\r".indexOf(text.charAt(0)) >= 0
                && !PLAIN_NUMBER.matcher(text).matches();
    }

    private static String json(Object nested) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = JsonRows.FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            JsonCell.write(generator, nested);
        }
        return text.toString();
    }
}
