package tributary.api;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tributary.api.Problem.Flaw;
import tributary.model.Quote;
import tributary.model.Settings;

/// Holds a JSON value against a [Schema] and names every mistake at once, with the field that was probably meant.
final class SchemaCheck {
    private static final int FLAWS_MAX = 50;

    private final List<Flaw> flaws = new ArrayList<>();

    private SchemaCheck() {}

    /// @return every mistake, at most 50; empty where the value is as the schema says
    static List<Flaw> flaws(JsonNode value, Schema schema) {
        SchemaCheck check = new SchemaCheck();
        check.check("", value, schema);
        return check.flaws;
    }

    /// @return what is wrong with a text of the schema, as a parameter holds it, or null
    static @Nullable String flaw(String value, Schema.Text schema) {
        if (!schema.oneOf().isEmpty()) {
            if (schema.oneOf().contains(value)) {
                return null;
            }
            String near = Settings.nearest(value, schema.oneOf());
            return "must be one of " + String.join(", ", schema.oneOf()) + ", was '" + Quote.shorten(value) + "'"
                    + (near == null ? "" : "; did you mean " + near + "?");
        }
        if (value.length() < schema.lengthMin() || value.length() > schema.lengthMax()) {
            return schema.lengthMin() > 0
                    ? "must be a text of " + schema.lengthMin() + " to " + schema.lengthMax() + " characters, has "
                            + value.length()
                    : "must be a text of at most " + schema.lengthMax() + " characters, has " + value.length();
        }
        if (value.indexOf(0) >= 0) {
            return "must not contain NUL";
        }
        if (!schema.pattern().isEmpty() && !Pattern.matches(schema.pattern(), value)) {
            return "must be " + schema.doc() + ", was '" + Quote.shorten(value) + "'";
        }
        return null;
    }

    private void check(String where, JsonNode value, Schema schema) {
        if (flaws.size() >= FLAWS_MAX) {
            return;
        }
        switch (schema) {
            case Schema.Text text -> {
                if (value.isString()) {
                    report(where, flaw(value.stringValue(), text));
                } else {
                    wrong(where, "a text", value);
                }
            }
            case Schema.Whole whole -> {
                boolean fits = value.isIntegralNumber()
                        && value.canConvertToLong()
                        && value.longValue() >= whole.min()
                        && value.longValue() <= whole.max();
                if (!fits) {
                    wrong(where, "a whole number from " + whole.min() + " to " + whole.max(), value);
                }
            }
            case Schema.Decimal _ -> {
                if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
                    wrong(where, "a number", value);
                }
            }
            case Schema.Flag _ -> {
                if (!value.isBoolean()) {
                    wrong(where, "true or false", value);
                }
            }
            case Schema.Moment _ -> {
                if (!value.isString() || !moment(value.stringValue())) {
                    wrong(where, "a time such as 2026-11-21T12:00:00Z", value);
                }
            }
            case Schema.ListOf list -> list(where, value, list);
            case Schema.Texts texts -> texts(where, value, texts);
            case Schema.FreeObject _ -> {
                if (!value.isObject()) {
                    wrong(where, "an object", value);
                }
            }
            case Schema.Anything _ -> {}
            case Schema.Obj object -> object(where, value, object);
        }
    }

    private void object(String where, JsonNode value, Schema.Obj object) {
        if (!value.isObject()) {
            wrong(where, "an object", value);
            return;
        }
        for (Map.Entry<String, JsonNode> entry : value.properties()) {
            String place = where + "/" + pointer(entry.getKey());
            Schema.Field field = object.field(entry.getKey());
            if (field == null) {
                String near = Settings.nearest(entry.getKey(), object.names());
                report(
                        place,
                        "is not a field here"
                                + (near == null
                                        ? "; there are " + String.join(", ", object.names())
                                        : "; did you mean " + near + "?"));
            } else if (!(field.nullable() && entry.getValue().isNull())) {
                check(place, entry.getValue(), field.schema());
            }
        }
        for (Schema.Field field : object.fields()) {
            if (field.required() && !value.has(field.name())) {
                report(
                        where + "/" + field.name(),
                        "is missing: " + field.schema().doc());
            }
        }
    }

    private void list(String where, JsonNode value, Schema.ListOf list) {
        if (!value.isArray()) {
            wrong(where, "a list", value);
            return;
        }
        if (value.size() > list.countMax()) {
            report(where, "must have at most " + list.countMax() + " elements, has " + value.size());
            return;
        }
        for (int i = 0; i < value.size(); i++) {
            check(where + "/" + i, value.path(i), list.items());
        }
    }

    private void texts(String where, JsonNode value, Schema.Texts texts) {
        if (!value.isObject()) {
            wrong(where, "an object of texts", value);
            return;
        }
        if (value.size() > texts.countMax()) {
            report(where, "must have at most " + texts.countMax() + " entries, has " + value.size());
            return;
        }
        for (Map.Entry<String, JsonNode> entry : value.properties()) {
            String place = where + "/" + pointer(entry.getKey());
            if (entry.getKey().isEmpty() || entry.getKey().length() > texts.nameLengthMax()) {
                report(place, "must have a name of 1 to " + texts.nameLengthMax() + " characters");
            }
            check(place, entry.getValue(), Schema.text("a text", texts.valueLengthMax()));
        }
    }

    private void wrong(String where, String right, JsonNode value) {
        report(where, "must be " + right + ", was " + Quote.shorten(Json.text(value)));
    }

    private void report(String where, @Nullable String what) {
        if (what != null && flaws.size() < FLAWS_MAX) {
            flaws.add(new Flaw(where.isEmpty() ? "/" : where, what));
        }
    }

    private static String pointer(String name) {
        return Quote.shorten(name).replace("~", "~0").replace("/", "~1");
    }

    private static boolean moment(String text) {
        try {
            Instant.parse(text);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }
}
