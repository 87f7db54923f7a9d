package tributary.query.format;

import java.io.IOException;
import java.io.InputStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.util.ValueVectorUtility;

/// Reads an Arrow stream and checks every length and offset of it before anybody uses it.
///
/// What reads its batches in native code believes what they say, and they come from a process that ran a stranger's
/// statement.
final class CheckedReader extends ArrowStreamReader {
    CheckedReader(InputStream in, BufferAllocator allocator) {
        super(in, allocator);
    }

    @Override
    public boolean loadNextBatch() throws IOException {
        boolean more = super.loadNextBatch();
        if (more) {
            ValueVectorUtility.validateFull(getVectorSchemaRoot());
        }
        return more;
    }
}
