package tributary.gateway;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.gateway.Admission.Reason;
import tributary.gateway.Admission.Refused;
import tributary.model.DeviceId;
import tributary.model.Quote;
import tributary.model.Topic;
import tributary.model.TopicFilter;
import tributary.registry.Devices;
import tributary.registry.Principal;

/// Says what a principal may publish and hear: a device below `devices/<itself or a device below it>/`, and everybody
/// what the credential's filters add. Tenants need no rule here: a topic only exists inside the principal's tenant.
final class Rights {
    /// The one-letter topic of devices on narrow links.
    private static final String SHORT_TELEMETRY = "t";

    /// What nobody but the platform says.
    private static final List<String> OWN = List.of("$SYS", "$share", "$events");

    private static final String DEVICES = "devices/";

    /// What [Devices#version] says of a tenant that does not exist.
    private static final long NO_TENANT = 0;

    private static final String REMOVED = "the tenant was removed";
    private static final String ME = "devices/me";

    private final Devices devices;

    Rights(Devices devices) {
        this.devices = devices;
    }

    Route route(Principal principal, String typed) {
        // read first: a change during the decision makes the route old at once, never wrong for long
        long version = devices.version(principal.tenant());
        if (version == NO_TENANT) {
            return closed(principal, typed, version, Reason.NOT_ALLOWED, REMOVED);
        }
        String fault = Topic.fault(typed);
        if (fault != null) {
            return closed(principal, typed, version, Reason.TOPIC_INVALID, fault + ": '" + Quote.shorten(typed) + "'");
        }
        if (typed.charAt(0) == '$') {
            return aside(principal, typed, version);
        }
        String resolved = resolve(principal, typed);
        if (resolved == null) {
            return closed(
                    principal,
                    typed,
                    version,
                    Reason.TOPIC_INVALID,
                    "'" + Quote.shorten(typed) + "' means the publisher's own device, and this credential is not a"
                            + " device's; write devices/<id>/telemetry");
        }
        Topic topic = new Topic(resolved);
        String owner = ownerText(resolved);
        return owner == null
                ? elsewhere(principal, typed, topic, version)
                : ofDevice(principal, typed, topic, version, owner);
    }

    Hearing hear(Principal principal, String typed) {
        if (devices.version(principal.tenant()) == NO_TENANT) {
            return new Hearing.Denied(Hearing.Reason.NOT_ALLOWED, REMOVED);
        }
        String fault = TopicFilter.fault(typed);
        if (fault != null) {
            return new Hearing.Denied(Hearing.Reason.FILTER_INVALID, fault + ": '" + Quote.shorten(typed) + "'");
        }
        if (typed.charAt(0) == '$') {
            return Scope.coversFigures(principal.subscribe(), typed)
                    ? new Hearing.Granted(new TopicFilter(typed))
                    : new Hearing.Denied(
                            Hearing.Reason.NOT_ALLOWED,
                            "topics that begin with '$' are the platform's own; of these only the tenant's figures,"
                                    + " $SYS/#, can be heard, with a credential whose scope is # or names them");
        }
        String resolved = resolve(principal, typed);
        if (resolved == null) {
            return new Hearing.Denied(
                    Hearing.Reason.FILTER_INVALID,
                    "'me' means the subscriber's own device, and this credential is not a device's; write its id");
        }
        if (mayHear(principal, resolved)) {
            return new Hearing.Granted(new TopicFilter(resolved));
        }
        DeviceId self = principal.device();
        return new Hearing.Denied(
                Hearing.Reason.NOT_ALLOWED,
                self == null
                        ? "the credential's scope does not cover '" + Quote.shorten(typed)
                                + "'; issue one that may subscribe to it"
                        : "device '" + self + "' may subscribe below devices/" + self
                                + "/ and to devices it carries, and '" + Quote.shorten(typed)
                                + "' is neither; issue a credential whose scope covers it");
    }

    String resolved(Principal principal, String typed) {
        String resolved = resolve(principal, typed);
        return resolved == null ? typed : resolved;
    }

    private boolean mayHear(Principal principal, String filter) {
        String owner = ownerText(filter);
        DeviceId self = principal.device();
        boolean own = self != null
                && owner != null
                && DeviceId.valid(owner)
                && devices.carries(principal.tenant(), self, new DeviceId(owner));
        return own || Scope.covers(principal.subscribe(), filter);
    }

    private Route ofDevice(Principal principal, String typed, Topic topic, long version, String owner) {
        if (!DeviceId.valid(owner)) {
            return closed(
                    principal,
                    typed,
                    version,
                    Reason.TOPIC_INVALID,
                    "'" + Quote.shorten(owner) + "' cannot name a device: 1 to 128 letters, digits and '. _ - :'");
        }
        DeviceId device = new DeviceId(owner);
        DeviceId self = principal.device();
        if (self != null && devices.carries(principal.tenant(), self, device)) {
            return new Route.Open(principal, typed, topic, device, version);
        }
        if (!anyMatches(principal.publish(), topic)) {
            return closed(principal, typed, version, Reason.NOT_ALLOWED, notAllowed(self, device));
        }
        if (!devices.exists(principal.tenant(), device)) {
            return closed(
                    principal,
                    typed,
                    version,
                    Reason.UNKNOWN_DEVICE,
                    "there is no device '" + device + "'; add it first: tributary device add " + device);
        }
        return new Route.Open(principal, typed, topic, device, version);
    }

    /// Topics that begin with `$`, other than the platform's own: a scope of `#` means all of the tenant, so that what
    /// old devices send to such topics is taken and kept. Clients do not hear it (5.0, 4.7.2).
    private static Route aside(Principal principal, String typed, long version) {
        boolean platform = OWN.stream().anyMatch(typed::startsWith);
        boolean all =
                principal.publish().stream().anyMatch(filter -> filter.value().equals("#"));
        return all && !platform
                ? new Route.Open(principal, typed, new Topic(typed), principal.device(), version)
                : closed(
                        principal,
                        typed,
                        version,
                        Reason.NOT_ALLOWED,
                        "topics that begin with '$' are the platform's own; publish to another topic");
    }

    private static Route elsewhere(Principal principal, String typed, Topic topic, long version) {
        if (anyMatches(principal.publish(), topic)) {
            return new Route.Open(principal, typed, topic, principal.device(), version);
        }
        DeviceId self = principal.device();
        String shown = Quote.shorten(topic.value());
        return closed(
                principal,
                typed,
                version,
                Reason.NOT_ALLOWED,
                self == null
                        ? "the credential's scope does not cover '" + shown + "'; issue one that may publish there"
                        : "device '" + self + "' may publish below devices/" + self + "/ and not to '" + shown
                                + "'; publish to devices/me/telemetry (short: t) or issue a credential whose scope"
                                + " covers the topic");
    }

    private static String notAllowed(@Nullable DeviceId self, DeviceId device) {
        if (self == null) {
            return "the credential's scope does not cover device '" + device + "'; issue one that may publish there";
        }
        if (self.equals(device)) {
            return "device '" + device + "' is not registered any more; add it again: tributary device add " + device;
        }
        return "device '" + self + "' may publish as itself and as the devices it carries, and '" + device
                + "' is not one of them; make '" + self + "' its parent or publish with its own credential";
    }

    /// @return the topic or filter with the publisher's id in place of `me`, or null where there is no device; `t` is
    ///         short for a device only, and a topic like any other for applications
    private static @Nullable String resolve(Principal principal, String typed) {
        boolean shortened = typed.equals(SHORT_TELEMETRY);
        boolean me = typed.startsWith(ME) && (typed.length() == ME.length() || typed.charAt(ME.length()) == '/');
        if (!shortened && !me) {
            return typed;
        }
        DeviceId self = principal.device();
        if (self == null) {
            return shortened ? typed : null;
        }
        return shortened ? DEVICES + self + "/telemetry" : DEVICES + self + typed.substring(ME.length());
    }

    /// @return the second level of `devices/<id>/...`, or null where the text is not below a device
    private static @Nullable String ownerText(String text) {
        if (!text.startsWith(DEVICES)) {
            return null;
        }
        int end = text.indexOf('/', DEVICES.length());
        return end < 0 ? null : text.substring(DEVICES.length(), end);
    }

    private static boolean anyMatches(Set<TopicFilter> filters, Topic topic) {
        for (TopicFilter filter : filters) {
            if (filter.matches(topic)) {
                return true;
            }
        }
        return false;
    }

    private static Route closed(Principal principal, String typed, long version, Reason reason, String detail) {
        return new Route.Closed(principal, typed, new Refused(reason, detail), version);
    }
}
