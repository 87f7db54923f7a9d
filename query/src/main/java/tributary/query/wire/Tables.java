package tributary.query.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// What the tables `readings` and those beside it consist of.
///
/// @param readings sealed files of readings
/// @param hot      segments of which the worker has rows; it drops all others
/// @param sides    the tables beside readings, in the order of [tributary.lake.Side]
/// @param rolled   roll-ups of days that may be read in the place of their readings
/// @param parts    roll-ups of single files of readings, of days that `rolled` has not
/// @param remote   whether files are elsewhere until a query asks for them
public record Tables(
        List<Sealed> readings,
        List<Hot> hot,
        List<Beside> sides,
        List<Rolled> rolled,
        List<Part> parts,
        boolean remote) {
    public static final Tables NONE = new Tables(List.of(), List.of(), List.of(), List.of(), List.of(), false);

    public Tables {
        readings = List.copyOf(readings);
        hot = List.copyOf(hot);
        sides = List.copyOf(sides);
        rolled = List.copyOf(rolled);
        parts = List.copyOf(parts);
    }

    /// A file and what is known of it without reading it; its times are those by which the table's files are parted.
    ///
    /// @param late whether any row of it is flagged late
    public record Sealed(
            String path, boolean late, long minTsMicros, long maxTsMicros, String minDevice, String maxDevice) {}

    /// A segment of hot rows.
    ///
    /// @param late whether any row of it is flagged late
    public record Hot(long id, boolean late) {}

    /// A table beside readings.
    ///
    /// @param files    sealed rows
    /// @param segments of which the worker has rows; it drops all others
    public record Beside(List<Sealed> files, List<Long> segments) {
        public static final Beside NONE = new Beside(List.of(), List.of());

        public Beside {
            files = List.copyOf(files);
            segments = List.copyOf(segments);
        }
    }

    /// A file of a roll-up.
    ///
    /// @param days those that may be read from it, in days since 1970
    public record Rolled(String path, long slotMicros, String minDevice, String maxDevice, List<Integer> days) {
        public Rolled {
            days = List.copyOf(days);
        }
    }

    /// A roll-up of the rows of one file that count.
    ///
    /// @param of the path of that file
    public record Part(String path, long slotMicros, String of) {}

    /// @return the same without files
    public Tables hotOnly() {
        return new Tables(
                List.of(),
                hot,
                sides.stream().map(side -> new Beside(List.of(), side.segments)).toList(),
                List.of(),
                List.of(),
                remote);
    }

    /// @return the table that has this place, empty where nothing is known of it
    public Beside side(int place) {
        return place < sides.size() ? sides.get(place) : Beside.NONE;
    }

    /// @return the frame that says it
    public Frame frame() {
        Packer out = new Packer(64 + readings.size() * 160);
        put(out, readings);
        out.putInt(hot.size());
        for (Hot segment : hot) {
            out.putLong(segment.id).putByte(segment.late ? 1 : 0);
        }
        out.putInt(sides.size());
        for (Beside side : sides) {
            put(out, side.files);
            out.putInt(side.segments.size());
            side.segments.forEach(out::putLong);
        }
        out.putInt(rolled.size());
        for (Rolled file : rolled) {
            out.putText(file.path)
                    .putLong(file.slotMicros)
                    .putText(file.minDevice)
                    .putText(file.maxDevice);
            out.putInt(file.days.size());
            file.days.forEach(out::putInt);
        }
        out.putInt(parts.size());
        parts.forEach(part -> out.putText(part.path).putLong(part.slotMicros).putText(part.of));
        out.putByte(remote ? 1 : 0);
        return new Frame(Kind.TABLES, 0, out.body());
    }

    private static void put(Packer out, List<Sealed> files) {
        out.putInt(files.size());
        for (Sealed file : files) {
            out.putText(file.path)
                    .putByte(file.late ? 1 : 0)
                    .putLong(file.minTsMicros)
                    .putLong(file.maxTsMicros)
                    .putText(file.minDevice)
                    .putText(file.maxDevice);
        }
    }

    private static List<Sealed> sealed(ByteBuffer in) {
        List<Sealed> files = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            files.add(new Sealed(
                    Packer.text(in), in.get() == 1, in.getLong(), in.getLong(), Packer.text(in), Packer.text(in)));
        }
        return files;
    }

    /// @return what `frame` says
    public static Tables of(Frame frame) {
        ByteBuffer in = frame.read();
        List<Sealed> readings = sealed(in);
        List<Hot> hot = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            hot.add(new Hot(in.getLong(), in.get() == 1));
        }
        List<Beside> sides = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            List<Sealed> files = sealed(in);
            List<Long> segments = new ArrayList<>();
            for (int more = in.getInt(); more > 0; more--) {
                segments.add(in.getLong());
            }
            sides.add(new Beside(files, segments));
        }
        return new Tables(readings, hot, sides, rolled(in), parts(in), in.get() == 1);
    }

    private static List<Part> parts(ByteBuffer in) {
        List<Part> parts = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            parts.add(new Part(Packer.text(in), in.getLong(), Packer.text(in)));
        }
        return parts;
    }

    private static List<Rolled> rolled(ByteBuffer in) {
        List<Rolled> rolled = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            String path = Packer.text(in);
            long slotMicros = in.getLong();
            String minDevice = Packer.text(in);
            String maxDevice = Packer.text(in);
            List<Integer> days = new ArrayList<>();
            for (int more = in.getInt(); more > 0; more--) {
                days.add(in.getInt());
            }
            rolled.add(new Rolled(path, slotMicros, minDevice, maxDevice, days));
        }
        return rolled;
    }
}
