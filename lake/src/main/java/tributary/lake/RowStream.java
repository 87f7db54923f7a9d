package tributary.lake;

import java.io.IOException;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/// The rows of one file as a stream of batches, as the engine asks for them.
final class RowStream extends ArrowReader {
    private final FileRows rows;
    private int next;

    RowStream(BufferAllocator allocator, FileRows rows) {
        super(allocator);
        this.rows = rows;
    }

    @Override
    protected Schema readSchema() {
        return new Schema(rows.columns().stream()
                .map(column -> new Field(column.name(), FieldType.nullable(column.type()), List.of()))
                .toList());
    }

    @Override
    public boolean loadNextBatch() throws IOException {
        prepareLoadNextBatch();
        int left = rows.rows() - next;
        if (left == 0) {
            return false;
        }
        VectorSchemaRoot root = getVectorSchemaRoot();
        RowBatch batch = new RowBatch(root.getFieldVectors(), Math.min(left, RowBatch.ROWS_MAX));
        int count = rows.fill(batch, next);
        batch.finish(count);
        root.setRowCount(count);
        next += count;
        return true;
    }

    @Override
    public long bytesRead() {
        return 0;
    }

    @Override
    protected void closeReadSource() {
        // the rows are in memory and belong to whoever made them
    }
}
