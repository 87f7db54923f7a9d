package tributary.rules.function;

import tributary.rules.function.TypeFunctions.Target;

/// CAST of each type, as functions of the value.
public final class Casts {
    private Casts() {}

    /// @return the function that casts to the type of that name: INT, DECIMAL, STRING or BOOLEAN
    public static Fn.Body to(String type) {
        Target target = Target.valueOf(type);
        return a -> TypeFunctions.cast(target, a[0]);
    }
}
