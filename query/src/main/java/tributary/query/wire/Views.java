package tributary.query.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Which views of device types there are.
///
/// @param names all of them
/// @param views those that a statement may name, whole
public record Views(List<String> names, List<TypeView> views) {
    public static final Views NONE = new Views(List.of(), List.of());

    public Views {
        names = List.copyOf(names);
        views = List.copyOf(views);
    }

    /// @return the frame that says it
    public Frame frame() {
        Packer out = new Packer(1024);
        texts(out, names);
        out.putInt(views.size());
        for (TypeView view : views) {
            out.putText(view.name());
            texts(out, view.types());
            texts(out, view.devices());
            out.putInt(view.columns().size());
            for (TypeView.Column column : view.columns()) {
                out.putText(column.name()).putText(column.sensor());
                out.putByte(column.shape().ordinal());
            }
        }
        return new Frame(Kind.VIEWS, 0, out.body());
    }

    /// @return what `frame` says
    public static Views of(Frame frame) {
        ByteBuffer in = frame.read();
        List<String> names = texts(in);
        List<TypeView> views = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            String name = Packer.text(in);
            List<String> types = texts(in);
            List<String> devices = texts(in);
            List<TypeView.Column> columns = new ArrayList<>();
            for (int more = in.getInt(); more > 0; more--) {
                columns.add(new TypeView.Column(Packer.text(in), Packer.text(in), TypeView.Shape.values()[in.get()]));
            }
            views.add(new TypeView(name, types, columns, devices));
        }
        return new Views(names, views);
    }

    private static void texts(Packer out, List<String> texts) {
        out.putInt(texts.size());
        texts.forEach(out::putText);
    }

    private static List<String> texts(ByteBuffer in) {
        List<String> texts = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            texts.add(Packer.text(in));
        }
        return texts;
    }
}
