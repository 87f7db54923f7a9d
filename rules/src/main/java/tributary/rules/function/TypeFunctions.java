package tributary.rules.function;

import java.util.List;
import java.util.Map;
import tributary.rules.value.Convert;
import tributary.rules.value.Json;
import tributary.rules.value.Missing;
import tributary.rules.value.Numbers;

/// What a value is, whether it is there, and what it is as another type.
final class TypeFunctions {
    private TypeFunctions() {}

    static void register(Functions all) {
        all.add("isnull", 1, 1, a -> a[0] == Missing.NULL);
        all.add("isundefined", 1, 1, a -> a[0] == Missing.UNDEFINED);
        all.alias("is_null", "isnull");
        all.alias("is_undefined", "isundefined");
        all.add("coalesce", 1, 100, a -> {
            for (Object value : a) {
                if (Missing.present(value)) {
                    return value;
                }
            }
            return a[a.length - 1];
        });
        all.add("default", 2, 2, a -> Missing.present(a[0]) ? a[0] : a[1]);
        all.add("nanvl", 2, 2, a -> a[0] instanceof Number ? a[0] : a[1]);
        all.add("is_num", 1, 1, a -> a[0] instanceof Number);
        all.add("is_int", 1, 1, a -> a[0] instanceof Long);
        all.add("is_str", 1, 1, a -> a[0] instanceof String);
        all.add("is_bool", 1, 1, a -> a[0] instanceof Boolean);
        all.add("is_array", 1, 1, a -> a[0] instanceof List);
        all.add("is_map", 1, 1, a -> a[0] instanceof Map);
        all.alias("is_object", "is_map");
        all.add("typeof", 1, 1, a -> Convert.kind(a[0]));
        all.add("to_int", 1, 1, a -> cast(Target.INT, a[0]));
        all.add("to_float", 1, 1, a -> cast(Target.DECIMAL, a[0]));
        all.add("to_bool", 1, 1, a -> cast(Target.BOOLEAN, a[0]));
        all.add("to_string", 1, 1, a -> cast(Target.STRING, a[0]));
        all.add("to_json", 1, 1, a -> a[0] == Missing.UNDEFINED ? a[0] : Json.write(a[0]));
        all.alias("json_encode", "to_json");
        all.add("parse_json", 1, 1, a -> a[0] instanceof String text ? Json.read(text) : Missing.UNDEFINED);
        all.alias("json_decode", "parse_json");
    }

    /// What a cast makes.
    enum Target {
        INT,
        DECIMAL,
        STRING,
        BOOLEAN
    }

    /// The casts of AWS IoT SQL: what cannot be cast is undefined; decimals become whole by rounding down.
    static Object cast(Target target, Object value) {
        return switch (target) {
            case STRING -> Functions.orUndefined(Convert.text(value));
            case BOOLEAN ->
                value instanceof Number number
                        ? (Object) !Numbers.isZero(number)
                        : Functions.orUndefined(Convert.bool(value));
            case INT ->
                value instanceof Boolean flag ? (Object) (flag ? 1L : 0L) : Functions.orUndefined(Convert.whole(value));
            case DECIMAL ->
                value instanceof Boolean flag
                        ? (Object) (flag ? 1L : 0L)
                        : Functions.orUndefined(Convert.number(value));
        };
    }
}
