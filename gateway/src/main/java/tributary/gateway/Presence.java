package tributary.gateway;

import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.TenantId;
import tributary.registry.Principal;

/// Who is connected, since when and through whom. Doors tell it of every connection, from any thread and without
/// waiting; what changes becomes an event.
public interface Presence {
    /// For what has no use for it.
    Presence NONE = new Nowhere();

    /// Somebody signed in. A connection with the same client id that is still there is over by that.
    Link connect(Principal principal, Caller caller);

    /// Something came from a device without a connection that lasts.
    void seen(Principal principal, DeviceId device, Caller caller);

    /// @return how the device stands now
    Standing of(TenantId tenant, DeviceId device);

    /// One connection.
    interface Link {
        /// The connection speaks or listens for this device, too. Cheap where that is known.
        void carries(DeviceId device);

        /// The connection is over. Only the first call counts.
        ///
        /// @param cause  a word to count by
        /// @param reason for people
        void end(String cause, String reason);
    }

    /// How a device stands.
    ///
    /// @param connected   whether it is connected, itself or through another device
    /// @param sinceMicros since when it is connected, microseconds since 1970 UTC, or 0
    /// @param through     the device through whose connection, or null where it is its own
    /// @param door        the door, or null where it is not connected
    /// @param endedMicros when its last connection ended, or 0 where none did since the server's start
    /// @param reason      why that ended, or ""
    record Standing(
            boolean connected,
            long sinceMicros,
            @Nullable DeviceId through,
            Message.@Nullable Origin door,
            long endedMicros,
            String reason) {
        /// Nothing was heard of it since the server's start.
        public static final Standing UNKNOWN = new Standing(false, 0, null, null, 0, "");
    }

    /// Remembers nothing.
    final class Nowhere implements Presence {
        private Nowhere() {}

        private static final Link LINK = new Link() {
            @Override
            public void carries(DeviceId device) {}

            @Override
            public void end(String cause, String reason) {}
        };

        @Override
        public Link connect(Principal principal, Caller caller) {
            return LINK;
        }

        @Override
        public void seen(Principal principal, DeviceId device, Caller caller) {}

        @Override
        public Standing of(TenantId tenant, DeviceId device) {
            return Standing.UNKNOWN;
        }
    }
}
