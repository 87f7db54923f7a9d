package tributary.registry;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.model.TopicFilter;

/// What a credential is to allow, before it has an id and a secret.
///
/// @param device whose it is, or null for an application's
/// @param title  what people call it; "" for a device's
record Grant(
        TenantId tenant,
        @Nullable DeviceId device,
        String title,
        Principal.Role role,
        Set<TopicFilter> publish,
        Set<TopicFilter> subscribe) {
    static final int FILTERS_MAX = 32;

    private static final int TITLE_BYTES_MAX = 200;
    private static final String KEY = "key:";

    Grant {
        Checked.text("the title of a key", title, TITLE_BYTES_MAX);
        if (publish.size() > FILTERS_MAX || subscribe.size() > FILTERS_MAX) {
            throw new IllegalArgumentException(
                    "a credential has at most %d topic filters to publish to and %d to subscribe to"
                            .formatted(FILTERS_MAX, FILTERS_MAX));
        }
        for (TopicFilter filter : publish) {
            Checked.text("a topic filter", filter.value(), 1_000);
        }
        for (TopicFilter filter : subscribe) {
            Checked.text("a topic filter", filter.value(), 1_000);
        }
    }

    /// @return a grant for a device, with nothing beyond the device's own part
    static Grant device(TenantId tenant, DeviceId device) {
        return new Grant(tenant, device, "", Principal.Role.DEVICE, Set.of(), Set.of());
    }

    /// @return what a device is called in logs
    static String subject(DeviceId device) {
        return "device:" + device;
    }

    /// @return whether that is what a key is called in logs
    static boolean isKey(String subject) {
        return subject.startsWith(KEY);
    }

    /// @return the id of the key that is called so
    static String key(String subject) {
        return subject.substring(KEY.length());
    }

    Principal principal(String credential, @Nullable Instant expiresAt) {
        return new Principal(
                tenant,
                device == null ? KEY + credential : subject(device),
                device == null ? Principal.Kind.APPLICATION : Principal.Kind.DEVICE,
                device,
                role,
                publish,
                subscribe,
                expiresAt,
                credential);
    }
}
