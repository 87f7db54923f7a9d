package tributary.registry;

import java.io.StringWriter;
import java.util.HashSet;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tributary.model.DeviceId;
import tributary.model.Quote;
import tributary.model.TenantId;
import tributary.model.TopicFilter;

/// What a signed token of ours says. Times are seconds since 1970 UTC.
///
/// @param id        the `jti`, the id of the credential
/// @param publish   from `scopes.pub`
/// @param subscribe from `scopes.sub`
record Claims(
        String issuer,
        Set<String> audience,
        TenantId tenant,
        DeviceId device,
        String id,
        long issuedAt,
        long notBefore,
        long expiresAt,
        Set<TopicFilter> publish,
        Set<TopicFilter> subscribe) {
    /// The one audience that tokens for this platform have.
    static final String AUDIENCE = "tributary";

    /// The end of the year 9999: what lies beyond is a mistake.
    private static final long SECONDS_MAX = 253_402_300_799L;

    private static final int ID_CHARS_MAX = 64;

    /// Fills in while reading; whatever stays unset was missing.
    private static final class Draft {
        String issuer = "";
        Set<String> audience = Set.of();
        String tenant = "";
        String subject = "";
        String id = "";
        long issuedAt = -1;
        long notBefore = -1;
        long expiresAt = -1;
        Set<TopicFilter> publish = Set.of();
        Set<TopicFilter> subscribe = Set.of();
    }

    String write() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = Jws.STRICT.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeStringProperty("iss", issuer);
            json.writeStringProperty("aud", String.join(" ", audience));
            json.writeStringProperty("sub", device.value());
            json.writeStringProperty("tenant", tenant.value());
            json.writeNumberProperty("iat", issuedAt);
            json.writeNumberProperty("nbf", notBefore);
            json.writeNumberProperty("exp", expiresAt);
            json.writeStringProperty("jti", id);
            if (!publish.isEmpty() || !subscribe.isEmpty()) {
                json.writeObjectPropertyStart("scopes");
                write(json, "pub", publish);
                write(json, "sub", subscribe);
                json.writeEndObject();
            }
            json.writeEndObject();
        }
        return text.toString();
    }

    private static void write(JsonGenerator json, String name, Set<TopicFilter> filters) {
        json.writeArrayPropertyStart(name);
        filters.stream().map(TopicFilter::value).sorted().forEach(json::writeString);
        json.writeEndArray();
    }

    /// Reads the payload of a token whose signature is good.
    static Claims parse(String payload) throws RefusedToken {
        Draft draft = new Draft();
        try (JsonParser json = Jws.STRICT.createParser(ObjectReadContext.empty(), payload)) {
            expect(json.nextToken() == JsonToken.START_OBJECT, "claims that are not a JSON object");
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = json.currentName();
                json.nextToken();
                claim(json, name, draft);
            }
            expect(json.currentToken() == JsonToken.END_OBJECT && json.nextToken() == null, "broken claims");
        } catch (JacksonException e) {
            throw RefusedToken.malformed("claims that are not strict JSON: " + Quote.shorten(e.getOriginalMessage()));
        }
        expect(draft.expiresAt >= 0 && draft.issuedAt >= 0 && draft.notBefore >= 0, "no exp, iat or nbf");
        expect(!draft.id.isEmpty() && draft.id.length() <= ID_CHARS_MAX, "no jti, or one that is too long");
        expect(DeviceId.valid(draft.subject), "a sub that is no device");
        return new Claims(
                draft.issuer,
                draft.audience,
                tenant(draft.tenant),
                new DeviceId(draft.subject),
                draft.id,
                draft.issuedAt,
                draft.notBefore,
                draft.expiresAt,
                draft.publish,
                draft.subscribe);
    }

    private static void claim(JsonParser json, String name, Draft draft) throws RefusedToken {
        switch (name) {
            case "iss" -> draft.issuer = text(json, name);
            case "aud" -> draft.audience = audience(json);
            case "sub" -> draft.subject = text(json, name);
            case "tenant" -> draft.tenant = text(json, name);
            case "jti" -> draft.id = text(json, name);
            case "iat" -> draft.issuedAt = seconds(json, name);
            case "nbf" -> draft.notBefore = seconds(json, name);
            case "exp" -> draft.expiresAt = seconds(json, name);
            case "scopes" -> scopes(json, draft);
            default -> json.skipChildren();
        }
    }

    private static String text(JsonParser json, String name) throws RefusedToken {
        expect(json.currentToken() == JsonToken.VALUE_STRING, "a " + name + " that is not text");
        return json.getString();
    }

    private static Set<String> audience(JsonParser json) throws RefusedToken {
        if (json.currentToken() == JsonToken.VALUE_STRING) {
            return Set.of(json.getString());
        }
        expect(json.currentToken() == JsonToken.START_ARRAY, "an aud that is neither text nor a list");
        Set<String> audience = new HashSet<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            audience.add(text(json, "aud"));
        }
        return audience;
    }

    private static long seconds(JsonParser json, String name) throws RefusedToken {
        expect(json.currentToken() == JsonToken.VALUE_NUMBER_INT, "a " + name + " that is not a whole number");
        long seconds = json.getLongValue();
        expect(seconds >= 0 && seconds <= SECONDS_MAX, "a " + name + " that is no time");
        return seconds;
    }

    private static void scopes(JsonParser json, Draft draft) throws RefusedToken {
        expect(json.currentToken() == JsonToken.START_OBJECT, "scopes that are not an object");
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case "pub" -> draft.publish = filters(json);
                case "sub" -> draft.subscribe = filters(json);
                default -> throw RefusedToken.malformed("a scope of an unknown kind");
            }
        }
    }

    private static Set<TopicFilter> filters(JsonParser json) throws RefusedToken {
        expect(json.currentToken() == JsonToken.START_ARRAY, "a scope that is not a list");
        Set<TopicFilter> filters = new HashSet<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            String filter = text(json, "scope");
            expect(TopicFilter.fault(filter) == null, "a scope that is no topic filter");
            filters.add(new TopicFilter(filter));
        }
        return Set.copyOf(filters);
    }

    private static TenantId tenant(String value) throws RefusedToken {
        try {
            return new TenantId(value);
        } catch (IllegalArgumentException e) {
            throw RefusedToken.malformed("a tenant claim that names no tenant");
        }
    }

    private static void expect(boolean holds, String otherwise) throws RefusedToken {
        if (!holds) {
            throw RefusedToken.malformed(otherwise);
        }
    }
}
