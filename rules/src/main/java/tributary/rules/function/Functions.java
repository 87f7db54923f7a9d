package tributary.rules.function;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tributary.rules.value.Convert;
import tributary.rules.value.Missing;
import tributary.rules.value.Numbers;

/// The catalogue of functions that need nothing but their arguments, by name in lower case.
public final class Functions {
    /// Longest text or array that a function makes.
    static final int LENGTH_MAX = 1_000_000;

    private static final Map<String, Fn> ALL = all();

    private final Map<String, Fn> functions = new TreeMap<>();

    private Functions() {}

    private static Map<String, Fn> all() {
        Functions catalogue = new Functions();
        TypeFunctions.register(catalogue);
        MathFunctions.register(catalogue);
        TextFunctions.register(catalogue);
        PatternFunctions.register(catalogue);
        ArrayFunctions.register(catalogue);
        ObjectFunctions.register(catalogue);
        TimeFunctions.register(catalogue);
        ByteFunctions.register(catalogue);
        GeoFunctions.register(catalogue);
        return Map.copyOf(catalogue.functions);
    }

    /// @return every function by its names, aliases included
    public static Map<String, Fn> known() {
        return ALL;
    }

    void add(String name, int min, int max, Fn.Body body) {
        functions.put(name, new Fn(name, min, max, body));
    }

    void alias(String alias, String name) {
        Fn fn = functions.get(name);
        if (fn == null) {
            throw new IllegalArgumentException("no function " + name);
        }
        functions.put(alias, fn);
    }

    /// A function of one number.
    void number(String name, NumberBody body) {
        add(name, 1, 1, a -> {
            Number x = Convert.number(a[0]);
            return x == null ? Missing.UNDEFINED : body.of(x);
        });
    }

    /// A function of two numbers.
    void numbers(String name, NumbersBody body) {
        add(name, 2, 2, a -> {
            Number x = Convert.number(a[0]);
            Number y = Convert.number(a[1]);
            return x == null || y == null ? Missing.UNDEFINED : body.of(x, y);
        });
    }

    /// A function of one text; other values are read as text.
    void text(String name, TextBody body) {
        add(name, 1, 1, a -> {
            String text = Convert.text(a[0]);
            return text == null ? Missing.UNDEFINED : body.of(text);
        });
    }

    interface NumberBody {
        Object of(Number x);
    }

    interface NumbersBody {
        Object of(Number x, Number y);
    }

    interface TextBody {
        Object of(String text);
    }

    /// An argument that may be left out.
    static Object argument(Object[] args, int index, Object otherwise) {
        return args.length > index ? args[index] : otherwise;
    }

    /// The whole number of an argument, or null.
    static @Nullable Long whole(Object[] args, int index, long otherwise) {
        return args.length > index ? Convert.whole(args[index]) : (Long) otherwise;
    }

    /// An argument as a double, or not a number.
    static double real(Object value) {
        Number number = Convert.number(value);
        return number == null ? Double.NaN : number.doubleValue();
    }

    static Object orUndefined(@Nullable Object value) {
        return value == null ? Missing.UNDEFINED : value;
    }

    static Object of(double value) {
        return Numbers.of(value);
    }
}
