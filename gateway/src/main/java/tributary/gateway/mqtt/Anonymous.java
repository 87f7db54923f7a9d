package tributary.gateway.mqtt;

import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.model.Quote;
import tributary.model.Settings;
import tributary.model.TenantId;
import tributary.model.TopicFilter;
import tributary.registry.Principal;

/// Clients that need no credential, such as legacy devices and test suites that cannot sign in.
///
/// @param tenant   the one tenant that they get into; null where there are none, the default
/// @param topics   what they may publish and subscribe to
/// @param port     of a listener of their own; 0 where they come in at the plain one
/// @param anywhere whether other machines may be such clients, too
public record Anonymous(@Nullable TenantId tenant, Set<TopicFilter> topics, int port, boolean anywhere) {
    static final Anonymous OFF = new Anonymous(null, Set.of(new TopicFilter("#")), 0, false);

    public Anonymous {
        topics = Set.copyOf(topics);
    }

    /// @param host where the plain listener is
    static Anonymous read(Settings settings, String host) {
        String tenant = settings.text("mqtt.anonymous-tenant", "");
        Anonymous read = new Anonymous(
                tenant(settings, tenant),
                topics(settings, settings.text("mqtt.anonymous-topics", "#")),
                settings.number("mqtt.anonymous-port", OFF.port(), 0, 65_535),
                settings.flag("mqtt.anonymous-anywhere", OFF.anywhere()));
        if (read.on() && read.port() == 0 && !read.anywhere() && !loopback(host)) {
            settings.problem("mqtt.anonymous-tenant lets anybody in without a credential, and mqtt.host=" + host
                    + " is open to other machines: give such clients a port of their own on this machine"
                    + " (mqtt.anonymous-port=1884), or say that it is meant so (--anonymous-anywhere)");
        }
        return read;
    }

    private static @Nullable TenantId tenant(Settings settings, String text) {
        if (text.isEmpty()) {
            return null;
        }
        try {
            return new TenantId(text);
        } catch (IllegalArgumentException e) {
            settings.problem("mqtt.anonymous-tenant: " + e.getMessage());
            return null;
        }
    }

    private static Set<TopicFilter> topics(Settings settings, String text) {
        Set<TopicFilter> topics = new HashSet<>();
        for (String filter : text.split(",", -1)) {
            String fault = TopicFilter.fault(filter.strip());
            if (fault == null) {
                topics.add(new TopicFilter(filter.strip()));
            } else {
                settings.problem("mqtt.anonymous-topics must be topic filters parted by commas: " + fault + ": '"
                        + Quote.shorten(filter) + "'");
            }
        }
        return topics;
    }

    private static boolean loopback(String host) {
        return host.startsWith("127.") || host.equals("::1") || host.equals("localhost");
    }

    /// @return whether there are such clients at all
    public boolean on() {
        return tenant != null;
    }

    /// @return who each of them is
    Principal principal() {
        return new Principal(
                Objects.requireNonNull(tenant, "tenant"),
                "anonymous",
                Principal.Kind.APPLICATION,
                null,
                Principal.Role.DEVICE,
                topics,
                topics,
                null,
                "anonymous");
    }

    /// @return whether a password was meant as one of our credentials: a wrong one is refused, and not let in
    ///         as nobody
    static boolean meantAsCredential(String password) {
        return password.startsWith("trd_") || password.startsWith("trk_") || password.startsWith("eyJ");
    }
}
