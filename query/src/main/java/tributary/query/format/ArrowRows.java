package tributary.query.format;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;

/// Rows that come as an Arrow stream, and the ways to write them; one use.
///
/// Never more than one batch of rows is in memory.
public final class ArrowRows {
    /// A batch larger than this is refused.
    private static final long BATCH_BYTES_MAX = 256L << 20;

    private final List<String> names;
    private final List<String> types;
    private final InputStream stream;

    /// @param names the columns' names
    /// @param types the columns' SQL types
    public ArrowRows(List<String> names, List<String> types, InputStream stream) {
        this.names = List.copyOf(names);
        this.types = List.copyOf(types);
        this.stream = stream;
    }

    /// Writes the stream as it is.
    public void toArrow(OutputStream out) throws IOException {
        stream.transferTo(out);
    }

    public void toJson(OutputStream out) throws IOException {
        try (JsonRows rows = new JsonRows(out)) {
            rows.head(names, types);
            each(rows);
            rows.end();
        }
    }

    public void toLines(OutputStream out) throws IOException {
        try (LineRows rows = new LineRows(out, names)) {
            each(rows);
        }
    }

    public void toCsv(OutputStream out) throws IOException {
        try (CsvRows rows = new CsvRows(out)) {
            rows.head(names);
            each(rows);
        }
    }

    /// @param spool where a file may stand for a moment
    /// @throws SpoolException where there can be no such file
    public void toParquet(OutputStream out, Spool spool) throws IOException {
        try (BufferAllocator allocator = new RootAllocator(BATCH_BYTES_MAX)) {
            ParquetRows.write(stream, allocator, spool, out);
        }
    }

    /// Takes rows one after the other.
    interface Sink {
        /// @param cells the columns; read them at `row`
        void row(Cells cells, int row) throws IOException;
    }

    private void each(Sink sink) throws IOException {
        try (BufferAllocator allocator = new RootAllocator(BATCH_BYTES_MAX);
                ArrowStreamReader reader = new ArrowStreamReader(stream, allocator)) {
            VectorSchemaRoot root = reader.getVectorSchemaRoot();
            while (reader.loadNextBatch()) {
                List<FieldVector> vectors = root.getFieldVectors();
                Cells cells = new Cells(vectors);
                for (int row = 0; row < root.getRowCount(); row++) {
                    sink.row(cells, row);
                }
            }
        }
    }
}
