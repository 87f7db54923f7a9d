package tributary.rules;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.rules.value.Missing;

/// What rules may look up beside the stream.
public interface Lookups {
    /// @return the rows of a table, or null where there is none of that name
    @Nullable
    List<Map<String, Object>> table(String name);

    /// @return what is known of a device under `attribute`, or undefined
    Object device(String device, String attribute);

    /// @return the function that the tenant wrote under a name, or null where there is none
    default @Nullable UserFunction function(String name) {
        return null;
    }

    /// Nothing to look up.
    static Lookups none() {
        return new Lookups() {
            @Override
            public @Nullable List<Map<String, Object>> table(String name) {
                return null;
            }

            @Override
            public Object device(String device, String attribute) {
                return Missing.UNDEFINED;
            }
        };
    }
}
