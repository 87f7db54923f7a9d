package tributary.query.format;

import java.io.OutputStream;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// One JSON object a line. Of columns of one name only the first is written.
final class LineRows implements ArrowRows.Sink, AutoCloseable {
    private static final JsonFactory FACTORY =
            JsonRows.FACTORY.rebuild().rootValueSeparator("\n").build();

    private final JsonGenerator out;
    private final List<String> names;
    private boolean some;

    LineRows(OutputStream out, List<String> names) {
        this.out = FACTORY.createGenerator(ObjectWriteContext.empty(), out);
        this.names = List.copyOf(names);
    }

    @Override
    public void row(Cells cells, int row) {
        out.writeStartObject();
        for (int i = 0; i < cells.count(); i++) {
            if (names.indexOf(names.get(i)) == i) {
                out.writeName(names.get(i));
                JsonCell.write(out, cells.value(i, row));
            }
        }
        out.writeEndObject();
        some = true;
    }

    @Override
    public void close() {
        if (some) {
            out.writeRaw('\n');
        }
        out.close();
    }
}
