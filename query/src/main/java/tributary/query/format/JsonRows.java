package tributary.query.format;

import java.io.OutputStream;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/// One JSON document: columns, rows as arrays, their count.
final class JsonRows implements ArrowRows.Sink, AutoCloseable {
    static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
            .disable(StreamWriteFeature.AUTO_CLOSE_CONTENT)
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .build();

    private final JsonGenerator out;
    private long count;

    JsonRows(OutputStream out) {
        this.out = FACTORY.createGenerator(ObjectWriteContext.empty(), out);
    }

    void head(List<String> names, List<String> types) {
        out.writeStartObject();
        out.writeName("columns");
        out.writeStartArray();
        for (int i = 0; i < names.size(); i++) {
            out.writeStartObject();
            out.writeName("name");
            out.writeString(names.get(i));
            out.writeName("type");
            out.writeString(types.get(i));
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeName("rows");
        out.writeStartArray();
    }

    @Override
    public void row(Cells cells, int row) {
        out.writeStartArray();
        for (int i = 0; i < cells.count(); i++) {
            JsonCell.write(out, cells.value(i, row));
        }
        out.writeEndArray();
        count++;
    }

    void end() {
        out.writeEndArray();
        out.writeName("rowCount");
        out.writeNumber(count);
        out.writeEndObject();
    }

    @Override
    public void close() {
        out.close();
    }
}
