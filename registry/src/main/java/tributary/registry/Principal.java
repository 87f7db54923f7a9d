package tributary.registry;

import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.model.TopicFilter;

/// Who somebody proved to be, and what that allows. Made by [Credentials] and [Users], and by a door whose
/// listener lets clients in without a credential.
///
/// @param tenant     the only tenant that it may ever see
/// @param subject    stable name for logs and audit: `device:pump-1`, `key:7`, `user:3`
/// @param kind       what kind of holder
/// @param device     the device it is, or null
/// @param role       what it may do over the API; DEVICE for devices
/// @param publish    topic filters that it may publish to beyond its own device's part
/// @param subscribe  topic filters that it may subscribe to beyond its own device's part
/// @param expiresAt  from when on it means nothing, or null for ever
/// @param credential id of the credential behind it, for revocation
public record Principal(
        TenantId tenant,
        String subject,
        Kind kind,
        @Nullable DeviceId device,
        Role role,
        Set<TopicFilter> publish,
        Set<TopicFilter> subscribe,
        @Nullable Instant expiresAt,
        String credential) {
    /// What kind of holder a credential has.
    public enum Kind {
        DEVICE,
        APPLICATION,
        PERSON,
        /// Whoever has a link to a dashboard; it opens that and nothing else.
        LINK
    }

    /// What may be done over the API, each including the ones before it.
    public enum Role {
        /// Publishes and subscribes as itself, and reads itself.
        DEVICE,
        /// Reads everything of the tenant.
        VIEWER,
        /// Also changes devices, sensors and credentials of devices.
        OPERATOR,
        /// Also changes people, keys and limits.
        OWNER
    }

    public Principal {
        Objects.requireNonNull(tenant, "tenant");
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(role, "role");
        publish = Set.copyOf(publish);
        subscribe = Set.copyOf(subscribe);
        Objects.requireNonNull(credential, "credential");
    }

    /// @return whether the role is at least `needed`
    public boolean may(Role needed) {
        return role.compareTo(needed) >= 0;
    }
}
