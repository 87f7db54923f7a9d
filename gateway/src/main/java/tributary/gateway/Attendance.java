package tributary.gateway;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Event;
import tributary.model.TenantId;
import tributary.registry.Principal;

/// The connections of one device, or of one key that no device is behind, and the last of them that ended.
///
/// Under its own lock, in which events are taken down too, so that they stand in the order of what they tell. One that
/// comes and goes all the time has so many events at once and then one every so often, which says how often.
final class Attendance {
    /// Events at once.
    static final int AT_ONCE = 20;

    /// After which there may be one more.
    static final long EVERY_MICROS = 2_000_000;

    private final TenantId tenant;
    private final String subject;
    private final @Nullable DeviceId device;
    private final Events events;
    private final Map<Object, Tie> ties = new LinkedHashMap<>(2);
    private final Allowance allowance = new Allowance(AT_ONCE, EVERY_MICROS);
    private @Nullable Event withheld;
    private long withheldCount;
    private long endedMicros;
    private String reason = "";

    /// One connection, of its own or of the device that carries it.
    ///
    /// @param link   who speaks
    /// @param caller where from
    private record Tie(LivePresence.LiveLink link, Principal principal, Caller caller, long sinceMicros) {}

    /// @param subject of the credential: `device:pump-1`
    /// @param device  or null where it is not one
    Attendance(TenantId tenant, String subject, @Nullable DeviceId device, Events events) {
        this.tenant = tenant;
        this.subject = subject;
        this.device = device;
        this.events = events;
    }

    TenantId tenant() {
        return tenant;
    }

    @Nullable
    DeviceId device() {
        return device;
    }

    /// @return the connection of that name, or null
    synchronized LivePresence.@Nullable LiveLink link(Object name) {
        Tie tie = ties.get(name);
        return tie == null ? null : tie.link;
    }

    /// @param name tells the connection from the others of this device
    /// @return whether one event or more are held back
    synchronized boolean enter(Object name, LivePresence.LiveLink link, long nowMicros) {
        Tie tie = new Tie(link, link.principal(), link.caller(), nowMicros);
        ties.put(name, tie);
        return tell(event(Event.Kind.CONNECTED, tie, "", "", nowMicros));
    }

    /// @return whether one event or more are held back
    synchronized boolean leave(Object name, LivePresence.LiveLink link, Ending ending, long nowMicros) {
        Tie tie = ties.get(name);
        if (tie != null && tie.link == link) {
            ties.remove(name);
            endedMicros = nowMicros;
            reason = ending.reason();
            return tell(event(Event.Kind.DISCONNECTED, tie, ending.cause(), ending.reason(), nowMicros));
        }
        return false;
    }

    /// Why a connection ended.
    record Ending(String cause, String reason) {}

    private Event event(Event.Kind kind, Tie tie, String cause, String why, long nowMicros) {
        DeviceId through = tie.principal.device();
        return new Event(
                tenant,
                device,
                kind,
                nowMicros,
                tie.caller.door(),
                through == null || through.equals(device) ? null : through,
                tie.caller.clientId(),
                tie.caller.address(),
                tie.principal.subject(),
                cause,
                why,
                1);
    }

    private boolean tell(Event event) {
        if (allowance.take(event.atMicros())) {
            events.note(event.times(1 + withheldCount));
            withheld = null;
            withheldCount = 0;
        } else {
            withheld = event;
            withheldCount++;
        }
        return withheld != null;
    }

    /// Takes down the last of the events that were held back.
    ///
    /// @param anyway even where it is too early
    /// @return whether none is held back any more
    synchronized boolean settle(long nowMicros, boolean anyway) {
        Event last = withheld;
        if (last != null && (allowance.take(nowMicros) || anyway)) {
            events.note(last.times(withheldCount));
            withheld = null;
            withheldCount = 0;
        }
        return withheld == null;
    }

    synchronized Presence.Standing standing() {
        Tie shown = null;
        for (Tie tie : ties.values()) {
            boolean own = tie.principal.subject().equals(subject);
            if (shown == null || own && !shown.principal.subject().equals(subject)) {
                shown = tie;
            }
        }
        return shown == null
                ? new Presence.Standing(false, 0, null, null, endedMicros, reason)
                : new Presence.Standing(
                        true,
                        shown.sinceMicros,
                        shown.principal.subject().equals(subject) ? null : shown.principal.device(),
                        shown.caller.door(),
                        endedMicros,
                        reason);
    }

    /// @return whether there is nothing to remember: no connection, and none lately
    synchronized boolean idle(long sinceMicros) {
        return ties.isEmpty() && withheld == null && endedMicros < sinceMicros;
    }
}
