package tributary.query.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Files that a query is going to read.
public record Needed(List<String> paths) {
    public Needed {
        paths = List.copyOf(paths);
    }

    /// @return the frame that asks for them
    public Frame frame(int query) {
        Packer out = new Packer(16 + paths.size() * 120).putInt(paths.size());
        paths.forEach(out::putText);
        return new Frame(Kind.NEED, query, out.body());
    }

    /// @return what `frame` asks for
    public static Needed of(Frame frame) {
        ByteBuffer in = frame.read();
        List<String> paths = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            paths.add(Packer.text(in));
        }
        return new Needed(paths);
    }
}
