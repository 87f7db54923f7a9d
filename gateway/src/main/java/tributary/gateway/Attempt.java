package tributary.gateway;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.TenantId;

/// One line of the attempts log: a refusal, with all that were equal to it.
///
/// @param sequence    grows with each line that is new or is shown again; unique, also over restarts
/// @param tenant      whose it is, or null where that cannot be known
/// @param firstMicros when it first happened, microseconds since 1970 UTC
/// @param lastMicros  when it last happened
/// @param count       how often
/// @param door        the door
/// @param address     where from, or "" where that is not known or they are many
/// @param userName    the user name given, or ""
/// @param clientId    the client id given, or ""
/// @param subject     whom the credential is of or says to be of, or ""
/// @param device      the device, where it is known
/// @param cause       countable
/// @param sentence    what is wrong and what to do about it; of the last time
public record Attempt(
        long sequence,
        @Nullable TenantId tenant,
        long firstMicros,
        long lastMicros,
        long count,
        Message.Origin door,
        String address,
        String userName,
        String clientId,
        String subject,
        @Nullable DeviceId device,
        Cause cause,
        String sentence) {
    public Attempt {
        Objects.requireNonNull(door, "door");
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(userName, "userName");
        Objects.requireNonNull(clientId, "clientId");
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(cause, "cause");
        Objects.requireNonNull(sentence, "sentence");
    }
}
