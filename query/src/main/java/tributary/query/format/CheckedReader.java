package tributary.query.format;

import java.io.IOException;
import java.io.InputStream;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.validate.ValidateVectorBufferVisitor;
import org.jspecify.annotations.Nullable;

/// Reads an Arrow stream and checks every length and offset of it before anybody uses it.
///
/// What reads its batches in native code believes what they say, and they come from a process that ran a stranger's
/// statement. Such code also keeps the text only of what fails here, so the failure itself is kept for [#fail].
final class CheckedReader extends ArrowStreamReader {
    private final Limit limit;
    private @Nullable IOException broken;
    private @Nullable RuntimeException failed;

    /// What the rows are made of has to stay within it.
    interface Limit {
        /// @throws IOException where no more is to be taken
        void check() throws IOException;
    }

    /// @param limit is asked before each batch
    CheckedReader(InputStream in, BufferAllocator allocator, Limit limit) {
        super(in, allocator);
        this.limit = limit;
    }

    @Override
    public boolean loadNextBatch() throws IOException {
        try {
            limit.check();
            return checkedBatch();
        } catch (IOException e) {
            broken = e;
            throw e;
        } catch (RuntimeException e) {
            failed = e;
            throw e;
        }
    }

    /// Throws what a batch failed with, where one did.
    void fail() throws IOException {
        if (failed != null) {
            throw failed;
        }
        if (broken != null) {
            throw broken;
        }
    }

    private boolean checkedBatch() throws IOException {
        boolean more = super.loadNextBatch();
        if (more) {
            for (FieldVector vector : getVectorSchemaRoot().getFieldVectors()) {
                // Sizes of buffers. Arrow's own check of values is not used: it refuses MAP and good decimals.
                vector.accept(new ValidateVectorBufferVisitor(), null);
                check(vector);
            }
        }
        return more;
    }

    private static void check(FieldVector vector) throws IOException {
        if (vector instanceof BaseVariableWidthVector texts) {
            check(texts, texts.getDataBuffer().capacity());
        } else if (vector instanceof ListVector lists) {
            check(lists, lists.getDataVector().getValueCount());
        }
        for (FieldVector child : vector.getChildrenFromFields()) {
            check(child);
        }
    }

    private static void check(FieldVector vector, long end) throws IOException {
        ArrowBuf offsets = vector.getOffsetBuffer();
        int before = 0;
        for (int i = 0; vector.getValueCount() > 0 && i <= vector.getValueCount(); i++) {
            int offset = offsets.getInt(4L * i);
            if (offset < before || offset > end) {
                throw new IOException("the answer is damaged: column " + vector.getName());
            }
            before = offset;
        }
    }
}
