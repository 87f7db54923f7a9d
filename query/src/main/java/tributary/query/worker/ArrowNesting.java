package tributary.query.worker;

import com.google.flatbuffers.FlatBufferBuilder;
import org.apache.arrow.flatbuf.List;
import org.apache.arrow.flatbuf.Map;

/// The two nested Arrow types whose names Java's own collections have too.
final class ArrowNesting {
    private ArrowNesting() {}

    static int list(FlatBufferBuilder out) {
        List.startList(out);
        return List.endList(out);
    }

    static int map(FlatBufferBuilder out) {
        return Map.createMap(out, false);
    }
}
