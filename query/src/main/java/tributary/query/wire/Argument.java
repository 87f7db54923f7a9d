package tributary.query.wire;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// What stands for a parameter of a statement; bound by the engine, never written into the text.
///
/// @param name  what the statement calls it, without `:` or `$`
/// @param value a text, a `Long`, a `Double`, a `Boolean`, or null
public record Argument(String name, @Nullable Object value) {
    public Argument {
        if (!(value == null
                || value instanceof String
                || value instanceof Long
                || value instanceof Double
                || value instanceof Boolean)) {
            throw new IllegalArgumentException("no argument is a " + value.getClass());
        }
    }

    void to(Packer out) {
        out.putText(name);
        switch (value) {
            case null -> out.putByte(0);
            case String text -> out.putByte(1).putText(text);
            case Long whole -> out.putByte(2).putLong(whole);
            case Double number -> out.putByte(3).putDouble(number);
            case Boolean flag -> out.putByte(flag ? 5 : 4);
            default -> throw new IllegalStateException("the constructor took " + value.getClass());
        }
    }

    static Argument of(ByteBuffer in) {
        String name = Packer.text(in);
        return switch (in.get()) {
            case 1 -> new Argument(name, Packer.text(in));
            case 2 -> new Argument(name, in.getLong());
            case 3 -> new Argument(name, in.getDouble());
            case 4 -> new Argument(name, false);
            case 5 -> new Argument(name, true);
            default -> new Argument(name, null);
        };
    }
}
