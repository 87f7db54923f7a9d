package tributary.model;

import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Something that happened to a device or a client, and is no message of it: it goes down the river all the same.
///
/// @param tenant   whose it is
/// @param device   the device it happened to, or null where no device is behind it
/// @param kind     what happened
/// @param atMicros when, microseconds since 1970 UTC
/// @param door     where; [Message.Origin#PLATFORM] where at no door
/// @param through  the device whose connection it was, where that is another one, else null
/// @param client   the client id, or ""
/// @param address  where from, or ""
/// @param subject  whose credential it was, `device:pump-1`, or ""
/// @param cause    why, as a word to count by, or ""
/// @param reason   why, for people, or ""
/// @param count    how many of them this one stands for
public record Event(
        TenantId tenant,
        @Nullable DeviceId device,
        Kind kind,
        long atMicros,
        Message.Origin door,
        @Nullable DeviceId through,
        String client,
        String address,
        String subject,
        String cause,
        String reason,
        long count) {
    /// What can happen.
    public enum Kind {
        /// A client signed in, or a device was carried for the first time by a connection.
        CONNECTED,
        /// The connection ended, however it did.
        DISCONNECTED,
        /// Something was refused.
        REFUSED,
        /// Something came from the device for the first time ever.
        FIRST_SEEN,
        /// The server started: nobody is connected.
        STARTED,
        /// What rules or sinks could not keep or did not get to see is gone.
        LOST;

        /// @return the name in topics and tables
        public String slug() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /// @return the kind of that name, or null
        public static @Nullable Kind of(String slug) {
            for (Kind kind : values()) {
                if (kind.slug().equals(slug)) {
                    return kind;
                }
            }
            return null;
        }
    }

    /// @return what events call the door: `mqtt`, `http`, `websocket`, or "" where it was at none
    public static String doorName(Message.Origin door) {
        return door == Message.Origin.PLATFORM ? "" : door.name().toLowerCase(Locale.ROOT);
    }

    public Event {
        Objects.requireNonNull(tenant, "tenant");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(door, "door");
        Objects.requireNonNull(client, "client");
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(cause, "cause");
        Objects.requireNonNull(reason, "reason");
    }

    /// @return the same, standing for so many
    public Event times(long newCount) {
        return new Event(
                tenant, device, kind, atMicros, door, through, client, address, subject, cause, reason, newCount);
    }
}
