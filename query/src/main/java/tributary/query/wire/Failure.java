package tributary.query.wire;

import java.nio.ByteBuffer;

/// Why a query failed, as it crosses from the worker to main.
///
/// @param reason the name of a constant of the engine's reasons
/// @param detail the text for people
/// @param line   the line of the statement, from 1; 0 where no place is known
/// @param column the character in it, from 1
/// @param hint   what was most likely meant, or ""
public record Failure(String reason, String detail, int line, int column, String hint) {
    public static final String WRONG = "WRONG";
    public static final String REFUSED = "REFUSED";
    public static final String TOO_LARGE = "TOO_LARGE";
    /// Too large, and what the worker took for it may not come back.
    public static final String MEMORY = "MEMORY";

    public static final String CANCELLED = "CANCELLED";
    public static final String CRASHED = "CRASHED";

    public Failure(String reason, String detail) {
        this(reason, detail, 0, 0, "");
    }

    /// @return the frame that ends query `query` with it
    public Frame frame(int query) {
        Packer out = new Packer(64 + detail.length())
                .putText(reason)
                .putText(detail)
                .putInt(line)
                .putInt(column)
                .putText(hint);
        return new Frame(Kind.FAILED, query, out.body());
    }

    /// @return what `frame` says
    public static Failure of(Frame frame) {
        ByteBuffer in = frame.read();
        return new Failure(Packer.text(in), Packer.text(in), in.getInt(), in.getInt(), Packer.text(in));
    }
}
