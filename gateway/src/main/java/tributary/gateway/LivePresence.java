package tributary.gateway;

import java.time.InstantSource;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Event;
import tributary.model.Micros;
import tributary.model.TenantId;
import tributary.registry.Devices;
import tributary.registry.Principal;
import tributary.registry.Sightings;

/// The [Presence] of a process, in memory: after a restart nobody is connected.
///
/// A device below another counts as connected through it from its first publish or subscription there to the end of
/// that connection: what a gateway says of a device that it lost is not known here.
public final class LivePresence implements Presence {
    /// Devices that one connection can carry; further ones are not shown as connected.
    static final int CARRIED_MAX = 10_000;

    /// How long one is remembered that no device is behind.
    private static final long REMEMBERED_MICROS = 600_000_000;

    private final Devices devices;
    private final Sightings sightings;
    private final Events events;
    private final InstantSource clock;
    private final Map<Name, Attendance> attendances = new ConcurrentHashMap<>();
    private final Set<Attendance> unsettled = ConcurrentHashMap.newKeySet();

    private record Name(TenantId tenant, String subject) {}

    public LivePresence(Devices devices, Sightings sightings, Events events, InstantSource clock) {
        this.devices = Objects.requireNonNull(devices, "devices");
        this.sightings = Objects.requireNonNull(sightings, "sightings");
        this.events = Objects.requireNonNull(events, "events");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    @Override
    public Link connect(Principal principal, Caller caller) {
        DeviceId device = principal.device();
        if (device != null) {
            seen(principal, device, caller);
        }
        Attendance own = attendance(principal.tenant(), principal.subject(), device);
        LiveLink link = new LiveLink(principal, caller, own);
        LiveLink former = own.link(link.name());
        if (former != null) {
            former.end("session-taken-over", "another connection signed in with this client id");
        }
        enter(own, link.name(), link);
        return link;
    }

    @Override
    public void seen(Principal principal, DeviceId device, Caller caller) {
        if (sightings.known(principal.tenant(), device)) {
            return;
        }
        DeviceId through = principal.device();
        events.firstSeen(new Event(
                principal.tenant(),
                device,
                Event.Kind.FIRST_SEEN,
                nowMicros(),
                caller.door(),
                through == null || through.equals(device) ? null : through,
                caller.clientId(),
                caller.address(),
                principal.subject(),
                "",
                "",
                1));
    }

    @Override
    public Standing of(TenantId tenant, DeviceId device) {
        Attendance attendance = attendances.get(new Name(tenant, subject(device)));
        return attendance == null ? Standing.UNKNOWN : attendance.standing();
    }

    private static String subject(DeviceId device) {
        return "device:" + device;
    }

    private Attendance attendance(TenantId tenant, String subject, @Nullable DeviceId device) {
        return attendances.computeIfAbsent(
                new Name(tenant, subject), name -> new Attendance(name.tenant, name.subject, device, events));
    }

    private void enter(Attendance attendance, Object name, LiveLink link) {
        if (attendance.enter(name, link, nowMicros())) {
            unsettled.add(attendance);
        }
    }

    /// Takes down events that were held back, as far as it is time for them.
    void settle(boolean anyway) {
        long now = nowMicros();
        unsettled.removeIf(attendance -> attendance.settle(now, anyway));
    }

    /// Forgets devices that do not exist any more, and keys that were not here lately.
    void sweep() {
        long before = nowMicros() - REMEMBERED_MICROS;
        attendances.values().removeIf(one -> {
            DeviceId device = one.device();
            boolean gone = device == null || !devices.exists(one.tenant(), device);
            return gone && one.idle(before);
        });
    }

    private long nowMicros() {
        return Micros.of(clock.instant());
    }

    /// One connection. Ended by its own thread, or by that of one which takes its place.
    final class LiveLink implements Link {
        private final Principal principal;
        private final Caller caller;
        private final Attendance own;
        private @Nullable Set<DeviceId> carried;
        private boolean ended;

        LiveLink(Principal principal, Caller caller, Attendance own) {
            this.principal = principal;
            this.caller = caller;
            this.own = own;
        }

        Principal principal() {
            return principal;
        }

        Caller caller() {
            return caller;
        }

        /// @return what tells it from the other connections of its device
        Object name() {
            String client = caller.clientId();
            return client.isEmpty() ? this : client;
        }

        @Override
        public synchronized void carries(DeviceId device) {
            if (device.equals(principal.device()) || ended) {
                return;
            }
            if (carried == null) {
                carried = new HashSet<>(2);
            }
            if (carried.size() >= CARRIED_MAX || !carried.add(device)) {
                return;
            }
            seen(principal, device, caller);
            DeviceId self = principal.device();
            if (self != null && devices.carries(principal.tenant(), self, device)) {
                enter(attendance(principal.tenant(), subject(device), device), this, this);
            }
        }

        @Override
        public synchronized void end(String cause, String reason) {
            if (ended) {
                return;
            }
            ended = true;
            long now = nowMicros();
            Attendance.Ending ending = new Attendance.Ending(cause, reason);
            if (carried != null) {
                for (DeviceId device : carried) {
                    leave(attendances.get(new Name(principal.tenant(), subject(device))), this, ending, now);
                }
            }
            leave(own, name(), ending, now);
        }

        private void leave(@Nullable Attendance attendance, Object name, Attendance.Ending ending, long now) {
            if (attendance != null && attendance.leave(name, this, ending, now)) {
                unsettled.add(attendance);
            }
        }
    }
}
