package tributary.query.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// What a worker is told before anything else.
///
/// @param library     the engine's library file
/// @param folder      the only folder with data it may read
/// @param readable    what else its Java needs to read: class path, Java's own home
/// @param memoryBytes the engine's memory
/// @param threads     the engine's threads
/// @param queriesMax  how many queries at once
public record Setup(
        String library, String folder, List<String> readable, long memoryBytes, int threads, int queriesMax) {
    public Setup {
        readable = List.copyOf(readable);
    }

    /// @return the frame that says it
    public Frame frame() {
        Packer out = new Packer(1024)
                .putText(library)
                .putText(folder)
                .putLong(memoryBytes)
                .putInt(threads)
                .putInt(queriesMax)
                .putInt(readable.size());
        readable.forEach(out::putText);
        return new Frame(Kind.SETUP, 0, out.body());
    }

    /// @return what `frame` says
    public static Setup of(Frame frame) {
        ByteBuffer in = frame.read();
        String library = Packer.text(in);
        String folder = Packer.text(in);
        long memoryBytes = in.getLong();
        int threads = in.getInt();
        int queriesMax = in.getInt();
        List<String> readable = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            readable.add(Packer.text(in));
        }
        return new Setup(library, folder, readable, memoryBytes, threads, queriesMax);
    }
}
