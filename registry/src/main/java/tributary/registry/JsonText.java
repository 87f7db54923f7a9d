package tributary.registry;

import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tributary.model.TopicFilter;

/// Lists of topic filters as JSON text, the form in which the database keeps them; and the check of metadata.
final class JsonText {
    private static final JsonFactory FACTORY = new JsonFactory();

    private JsonText() {}

    static String filters(Collection<TopicFilter> filters) {
        Set<String> sorted = filters.stream().map(TopicFilter::value).collect(Collectors.toCollection(TreeSet::new));
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartArray();
            sorted.forEach(json::writeString);
            json.writeEndArray();
        }
        return text.toString();
    }

    static Set<TopicFilter> filters(String text) {
        if (text.equals("[]")) {
            return Set.of();
        }
        List<TopicFilter> filters = new ArrayList<>();
        try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.VALUE_STRING) {
                filters.add(new TopicFilter(json.getString()));
            }
        }
        return Set.copyOf(filters);
    }

    /// @return how many objects are in the text, where it is one JSON array of nothing else
    static OptionalInt objects(String text) {
        try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            if (json.nextToken() != JsonToken.START_ARRAY) {
                return OptionalInt.empty();
            }
            int count = 0;
            JsonToken next = json.nextToken();
            for (; next == JsonToken.START_OBJECT; next = json.nextToken()) {
                json.skipChildren();
                count++;
            }
            return next == JsonToken.END_ARRAY && json.nextToken() == null
                    ? OptionalInt.of(count)
                    : OptionalInt.empty();
        } catch (JacksonException e) {
            return OptionalInt.empty();
        }
    }

    /// @return whether the text is one JSON object and nothing else
    static boolean object(String text) {
        try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            json.skipChildren();
            return json.currentToken() == JsonToken.END_OBJECT && json.nextToken() == null;
        } catch (JacksonException e) {
            return false;
        }
    }
}
