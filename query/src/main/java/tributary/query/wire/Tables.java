package tributary.query.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// What the tables `readings`, `rejected` and `events` consist of.
///
/// @param readings sealed files of readings
/// @param rejected sealed files of rejected parts
/// @param events   sealed files of events
/// @param hot      segments of which the worker has rows; it drops all others
public record Tables(List<Sealed> readings, List<String> rejected, List<String> events, List<Hot> hot) {
    public static final Tables NONE = new Tables(List.of(), List.of(), List.of(), List.of());

    public Tables {
        readings = List.copyOf(readings);
        rejected = List.copyOf(rejected);
        events = List.copyOf(events);
        hot = List.copyOf(hot);
    }

    /// A file and what is known of it without reading it.
    ///
    /// @param late whether any row of it is flagged late
    public record Sealed(
            String path, boolean late, long minTsMicros, long maxTsMicros, String minDevice, String maxDevice) {}

    /// A segment of hot rows.
    ///
    /// @param late whether any row of it is flagged late
    public record Hot(long id, boolean late) {}

    /// @return the frame that says it
    public Frame frame() {
        Packer out = new Packer(64 + readings.size() * 160 + (rejected.size() + events.size()) * 120);
        out.putInt(readings.size());
        for (Sealed file : readings) {
            out.putText(file.path)
                    .putByte(file.late ? 1 : 0)
                    .putLong(file.minTsMicros)
                    .putLong(file.maxTsMicros)
                    .putText(file.minDevice)
                    .putText(file.maxDevice);
        }
        for (List<String> paths : List.of(rejected, events)) {
            out.putInt(paths.size());
            paths.forEach(out::putText);
        }
        out.putInt(hot.size());
        for (Hot segment : hot) {
            out.putLong(segment.id).putByte(segment.late ? 1 : 0);
        }
        return new Frame(Kind.TABLES, 0, out.body());
    }

    /// @return what `frame` says
    public static Tables of(Frame frame) {
        ByteBuffer in = frame.read();
        List<Sealed> readings = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            readings.add(new Sealed(
                    Packer.text(in), in.get() == 1, in.getLong(), in.getLong(), Packer.text(in), Packer.text(in)));
        }
        List<String> rejected = texts(in);
        List<String> events = texts(in);
        List<Hot> hot = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            hot.add(new Hot(in.getLong(), in.get() == 1));
        }
        return new Tables(readings, rejected, events, hot);
    }

    private static List<String> texts(ByteBuffer in) {
        List<String> texts = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            texts.add(Packer.text(in));
        }
        return texts;
    }
}
