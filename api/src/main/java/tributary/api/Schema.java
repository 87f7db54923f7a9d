package tributary.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What a JSON value may be. The same value checks bodies ([SchemaCheck]) and writes the OpenAPI document, so the two
/// cannot differ.
sealed interface Schema {
    /// @return what it means, for documents
    String doc();

    /// @param pattern a regular expression for the whole text, or "" for any
    /// @param oneOf   the only values allowed, or empty for any
    record Text(String doc, int lengthMin, int lengthMax, String pattern, List<String> oneOf) implements Schema {
        public Text {
            oneOf = List.copyOf(oneOf);
        }

        /// @return the same with another meaning
        Text saying(String other) {
            return new Text(other, lengthMin, lengthMax, pattern, oneOf);
        }
    }

    /// A whole number.
    record Whole(String doc, long min, long max) implements Schema {}

    /// A finite number.
    record Decimal(String doc) implements Schema {}

    /// True or false.
    record Flag(String doc) implements Schema {}

    /// A moment, ISO 8601 UTC.
    record Moment(String doc) implements Schema {}

    /// A list.
    record ListOf(String doc, Schema items, int countMax) implements Schema {}

    /// An object with names of the caller's own and text values.
    record Texts(String doc, int nameLengthMax, int valueLengthMax, int countMax) implements Schema {}

    /// Any JSON object.
    record FreeObject(String doc) implements Schema {}

    /// Any JSON value.
    record Anything(String doc) implements Schema {}

    /// An object with exactly these fields; a component of the document under `name`.
    record Obj(String name, String doc, List<Field> fields) implements Schema {
        public Obj {
            fields = List.copyOf(fields);
        }

        @Nullable
        Field field(String wanted) {
            return fields.stream()
                    .filter(field -> field.name().equals(wanted))
                    .findFirst()
                    .orElse(null);
        }

        List<String> names() {
            return fields.stream().map(Field::name).toList();
        }
    }

    /// @param required whether it has to be there
    /// @param nullable whether `null` is a value, meaning "none"
    record Field(String name, Schema schema, boolean required, boolean nullable) {}

    static Text text(String doc, int lengthMax) {
        return new Text(doc, 0, lengthMax, "", List.of());
    }

    static Text name(String doc, int lengthMax) {
        return new Text(doc, 1, lengthMax, "", List.of());
    }

    static Text shaped(String doc, int lengthMax, String pattern) {
        return new Text(doc, 0, lengthMax, pattern, List.of());
    }

    static Text oneOf(String doc, String... values) {
        return new Text(doc, 0, 40, "", List.of(values));
    }

    static Field must(String name, Schema schema) {
        return new Field(name, schema, true, false);
    }

    static Field may(String name, Schema schema) {
        return new Field(name, schema, false, false);
    }

    static Field orNull(String name, Schema schema) {
        return new Field(name, schema, false, true);
    }

    /// A page of a list: `items` under `name`, and `next` where there is more.
    static Obj page(String component, String name, Schema item) {
        return new Obj(
                component,
                "One page. Where `next` is present, ask again with `after=` that value.",
                List.of(
                        must(name, new ListOf("the items of this page", item, Integer.MAX_VALUE)),
                        may("next", text("where the next page begins", 4096))));
    }

    /// Writes JSON Schema 2020-12 as OpenAPI 3.1 uses it; objects become references into `components`.
    static ObjectNode document(Schema schema, Map<String, ObjectNode> components) {
        ObjectNode node = Json.object();
        switch (schema) {
            case Text text -> {
                node.put("type", "string");
                if (text.lengthMin() > 0) {
                    node.put("minLength", text.lengthMin());
                }
                if (!text.oneOf().isEmpty()) {
                    ArrayNode values = node.putArray("enum");
                    text.oneOf().forEach(values::add);
                } else {
                    node.put("maxLength", text.lengthMax());
                }
                if (!text.pattern().isEmpty()) {
                    node.put("pattern", "^(?:" + text.pattern() + ")$");
                }
            }
            case Whole whole ->
                node.put("type", "integer").put("minimum", whole.min()).put("maximum", whole.max());
            case Decimal _ -> node.put("type", "number");
            case Flag _ -> node.put("type", "boolean");
            case Moment _ -> node.put("type", "string").put("format", "date-time");
            case ListOf list -> {
                node.put("type", "array").set("items", document(list.items(), components));
                if (list.countMax() < Integer.MAX_VALUE) {
                    node.put("maxItems", list.countMax());
                }
            }
            case Texts texts -> {
                node.put("type", "object").put("maxProperties", texts.countMax());
                node.putObject("additionalProperties").put("type", "string").put("maxLength", texts.valueLengthMax());
            }
            case FreeObject _ -> node.put("type", "object");
            case Anything _ -> {}
            case Obj object -> {
                component(object, components);
                node.put("$ref", "#/components/schemas/" + object.name());
                return node;
            }
        }
        node.put("description", schema.doc());
        return node;
    }

    private static void component(Obj object, Map<String, ObjectNode> components) {
        if (components.containsKey(object.name())) {
            return;
        }
        ObjectNode node = Json.object();
        components.put(object.name(), node);
        node.put("type", "object").put("description", object.doc());
        ObjectNode properties = node.putObject("properties");
        List<String> required = new ArrayList<>();
        for (Field field : object.fields()) {
            ObjectNode value = document(field.schema(), components);
            if (field.nullable()) {
                ObjectNode either = Json.object();
                either.putArray("anyOf").add(value).addObject().put("type", "null");
                value = either;
            }
            properties.set(field.name(), value);
            if (field.required()) {
                required.add(field.name());
            }
        }
        if (!required.isEmpty()) {
            ArrayNode names = node.putArray("required");
            required.forEach(names::add);
        }
        node.put("additionalProperties", false);
    }
}
