package tributary.query.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// A tenant's statement, as it crosses to the worker.
///
/// @param rowsMax   how many rows it may give
/// @param explain   whether what it cost is asked for, and not its rows
/// @param arguments what stands for its parameters
public record SqlAsk(String text, long rowsMax, boolean explain, List<Argument> arguments) {
    public SqlAsk {
        arguments = List.copyOf(arguments);
    }

    /// @return the frame that asks
    public Frame frame(int query) {
        Packer out = new Packer(64 + text.length())
                .putLong(rowsMax)
                .putByte(explain ? 1 : 0)
                .putInt(arguments.size());
        arguments.forEach(argument -> argument.to(out));
        return new Frame(Kind.SQL, query, out.putText(text).body());
    }

    /// @return what `frame` asks
    public static SqlAsk of(Frame frame) {
        ByteBuffer in = frame.read();
        long rowsMax = in.getLong();
        boolean explain = in.get() == 1;
        List<Argument> arguments = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            arguments.add(Argument.of(in));
        }
        return new SqlAsk(Packer.text(in), rowsMax, explain, arguments);
    }
}
