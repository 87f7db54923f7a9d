package tributary.query.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// A read of series, as it crosses to the worker.
///
/// @param names      device and sensor of each
/// @param fromMicros first moment, inclusive
/// @param toMicros   last moment, exclusive
/// @param sampling   `RAW`, `M4`, or the name of an aggregate
/// @param amount     columns for `M4`, width in microseconds for an aggregate, else 0
/// @param rowsMax    how many rows it may give
public record SeriesAsk(List<Name> names, long fromMicros, long toMicros, String sampling, long amount, long rowsMax) {
    public static final String RAW = "RAW";
    public static final String M4 = "M4";

    public SeriesAsk {
        names = List.copyOf(names);
    }

    /// One series.
    public record Name(String device, String sensor) {}

    /// @return the frame that asks
    public Frame frame(int query) {
        Packer out = new Packer(64 + names.size() * 48)
                .putLong(fromMicros)
                .putLong(toMicros)
                .putText(sampling)
                .putLong(amount)
                .putLong(rowsMax)
                .putInt(names.size());
        names.forEach(name -> out.putText(name.device).putText(name.sensor));
        return new Frame(Kind.SERIES, query, out.body());
    }

    /// @return what `frame` asks
    public static SeriesAsk of(Frame frame) {
        ByteBuffer in = frame.read();
        long from = in.getLong();
        long to = in.getLong();
        String sampling = Packer.text(in);
        long amount = in.getLong();
        long rowsMax = in.getLong();
        List<Name> names = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            names.add(new Name(Packer.text(in), Packer.text(in)));
        }
        return new SeriesAsk(names, from, to, sampling, amount, rowsMax);
    }
}
