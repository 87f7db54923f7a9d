package tributary.rules;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.rules.value.Json;
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

    /// @param json an array of objects
    /// @return the rows of a table, with values as rules have them
    /// @throws IllegalArgumentException where it is no such array
    static List<Map<String, Object>> rows(String json) {
        List<Map<String, Object>> rows = new ArrayList<>();
        if (!(Json.read(json) instanceof List<?> all)) {
            throw new IllegalArgumentException("rows are an array of objects");
        }
        for (Object row : all) {
            if (!(row instanceof Map<?, ?> cells)) {
                throw new IllegalArgumentException("each row is an object");
            }
            Map<String, Object> copy = new LinkedHashMap<>();
            cells.forEach((column, value) -> copy.put((String) column, value));
            rows.add(copy);
        }
        return rows;
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
