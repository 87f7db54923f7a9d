package tributary.model;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a publisher may say about a message beside topic and payload. Most say nothing: [#NONE].
///
/// @param contentType     MIME type of the payload, or "" where not said
/// @param responseTopic   where an answer is expected, or ""
/// @param correlationData what the answer has to carry, or an empty array
/// @param expirySeconds   how long the message is worth delivering, or -1 for ever
/// @param utf8            whether the publisher declared the payload to be UTF-8 text
/// @param user            the publisher's own pairs, in order, names may repeat
public record MessageProperties(
        String contentType,
        String responseTopic,
        byte[] correlationData,
        long expirySeconds,
        boolean utf8,
        List<UserProperty> user) {
    /// Nothing said.
    public static final MessageProperties NONE = new MessageProperties("", "", new byte[0], -1, false, List.of());

    /// One pair of the publisher's own.
    public record UserProperty(String name, String value) {}

    public MessageProperties {
        Objects.requireNonNull(contentType, "contentType");
        Objects.requireNonNull(responseTopic, "responseTopic");
        Objects.requireNonNull(correlationData, "correlationData");
        user = List.copyOf(user);
    }

    /// @return properties that say only what the payload is
    public static MessageProperties ofType(String contentType) {
        return contentType.isEmpty() ? NONE : new MessageProperties(contentType, "", new byte[0], -1, false, List.of());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || other instanceof MessageProperties p
                        && contentType.equals(p.contentType)
                        && responseTopic.equals(p.responseTopic)
                        && Arrays.equals(correlationData, p.correlationData)
                        && expirySeconds == p.expirySeconds
                        && utf8 == p.utf8
                        && user.equals(p.user);
    }

    @Override
    public int hashCode() {
        return Objects.hash(contentType, responseTopic, Arrays.hashCode(correlationData), expirySeconds, utf8, user);
    }
}
