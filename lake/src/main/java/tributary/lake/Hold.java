package tributary.lake;

/// While it is open, files are in the lake's folder and can be read there.
public interface Hold extends AutoCloseable {
    Hold NOTHING = () -> {};

    @Override
    void close();
}
