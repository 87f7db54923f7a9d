package tributary.query.format;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// An answer that had to be a file first could not be one; whoever asked is still there and can be told.
public final class SpoolException extends IOException {
    private static final long serialVersionUID = 1;

    private final boolean tooLarge;

    SpoolException(boolean tooLarge, String detail, @Nullable Throwable cause) {
        super(detail, cause);
        this.tooLarge = tooLarge;
    }

    static SpoolException failed(Exception e) {
        return new SpoolException(false, "the Parquet file could not be written: " + e.getMessage(), e);
    }

    /// @return whether it was larger than it may be, and not that the disk failed
    public boolean tooLarge() {
        return tooLarge;
    }
}
