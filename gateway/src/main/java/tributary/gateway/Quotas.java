package tributary.gateway;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import tributary.gateway.Admission.Throttled;
import tributary.gateway.Intake.Routed;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Principal;
import tributary.registry.TenantLimits;
import tributary.registry.TenantLimits.Limit;

/// How many messages a second a device, an address and a tenant may publish.
final class Quotas {
    private static final String SETTING = "%s, %d messages a second";
    private static final String OWN = "the tenant's own %s, %d messages a second";

    private final IntakeSettings settings;
    final LongAdder ofDevices = new LongAdder();
    final LongAdder ofAddresses = new LongAdder();
    final LongAdder ofTenants = new LongAdder();

    /// Only those that limit anybody. Immutable; replaced as a whole where a tenant's own limits change.
    private volatile List<Quota> set = List.of();

    /// One limit of one kind of holder.
    ///
    /// @param usual  of tenants without one of their own, or null where they are not limited
    /// @param own    of tenants that have one of their own
    /// @param holder whose allowance a message is taken from, or null where nobody's is
    private record Quota(
            String setting,
            @Nullable Allowance usual,
            Map<TenantId, Allowance> own,
            LongAdder throttled,
            BiFunction<Routed, Route.Open, @Nullable Object> holder) {
        /// @return what holds for the tenant, or null where nothing does
        @Nullable
        Allowance of(TenantId tenant) {
            Allowance its = own.isEmpty() ? null : own.get(tenant);
            return its == null ? usual : its.perSecond() == 0 ? null : its;
        }
    }

    /// @param limit what it is called
    /// @param rate  nobody asks it where it is of no messages a second, which means without limit
    private record Allowance(String limit, int perSecond, RateLimit rate) {
        static Allowance of(String limit, String name, int perSecond) {
            return new Allowance(limit.formatted(name, perSecond), perSecond, new RateLimit(Math.max(1, perSecond)));
        }
    }

    Quotas(IntakeSettings settings) {
        this.settings = settings;
        hold(TenantLimits.NONE);
    }

    /// Holds tenants to their own rates where they have some. Whose rate is as it was keeps what is used of it.
    synchronized void hold(TenantLimits limits) {
        List<Quota> next = new ArrayList<>();
        next.add(quota(
                "intake.device-rate",
                settings.deviceRate(),
                own(limits, Limit.DEVICE_RATE, "intake.device-rate"),
                ofDevices,
                (_, route) -> Holder.of(route)));
        next.add(quota(
                "intake.address-rate",
                settings.addressRate(),
                Map.of(),
                ofAddresses,
                (publish, _) -> address(publish.caller())));
        next.add(quota(
                "intake.tenant-rate",
                settings.tenantRate(),
                own(limits, Limit.MESSAGE_RATE, "intake.tenant-rate"),
                ofTenants,
                (_, route) -> route.principal().tenant()));
        next.removeIf(quota -> quota.usual() == null && quota.own().isEmpty());
        set = List.copyOf(next);
    }

    private Quota quota(
            String setting,
            int rate,
            Map<TenantId, Allowance> own,
            LongAdder throttled,
            BiFunction<Routed, Route.Open, @Nullable Object> holder) {
        Quota before = before(setting);
        Allowance usual = before == null ? null : before.usual();
        if (usual == null && rate > 0) {
            usual = Allowance.of(SETTING, setting, rate);
        }
        return new Quota(setting, usual, own, throttled, holder);
    }

    private @Nullable Quota before(String setting) {
        return set.stream()
                .filter(quota -> quota.setting().equals(setting))
                .findFirst()
                .orElse(null);
    }

    private Map<TenantId, Allowance> own(TenantLimits limits, Limit limit, String setting) {
        Quota before = before(setting);
        Map<TenantId, Allowance> own = new HashMap<>();
        limits.all().forEach((tenant, its) -> {
            Long rate = its.get(limit);
            if (rate != null) {
                Allowance known = before == null ? null : before.own().get(tenant);
                boolean same = known != null && known.perSecond() == rate;
                own.put(tenant, same ? known : Allowance.of(OWN, limit.label(), Math.toIntExact(rate)));
            }
        });
        return Map.copyOf(own);
    }

    /// Takes one message from every allowance. Where one is used up, the message gets a place in the queue for it,
    /// and what it took of the others is kept until it comes again.
    ///
    /// @return which one that was and when it may come again, or null
    @Nullable
    Throttled take(Routed publish, Route.Open route, long nowMicros) {
        List<Quota> now = set;
        for (int i = 0; i < now.size(); i++) {
            Quota quota = now.get(i);
            Allowance allowance = quota.of(route.principal().tenant());
            Object holder = allowance == null ? null : quota.holder().apply(publish, route);
            if (allowance == null || holder == null || allowance.rate().take(holder, nowMicros)) {
                continue;
            }
            Sender who = Sender.of(publish);
            long waitMicros = allowance.rate().turn(holder, who, nowMicros);
            if (waitMicros > 0) {
                keep(now.subList(0, i), publish, route, nowMicros + waitMicros);
                quota.throttled().increment();
                return new Throttled(allowance.limit(), Duration.ofNanos(waitMicros * 1000));
            }
        }
        return null;
    }

    private static void keep(List<Quota> taken, Routed publish, Route.Open route, long againMicros) {
        for (Quota quota : taken) {
            Allowance allowance = quota.of(route.principal().tenant());
            Object holder = allowance == null ? null : quota.holder().apply(publish, route);
            if (allowance != null && holder != null) {
                allowance.rate().keep(holder, Sender.of(publish), againMicros);
            }
        }
    }

    private static @Nullable String address(Caller caller) {
        String address = caller.address();
        return address.isEmpty() ? null : address;
    }

    /// Whose allowance is used: the device's, or the credential's where no device is behind the message.
    private record Holder(TenantId tenant, @Nullable DeviceId device, String subject) {
        static Holder of(Route.Open route) {
            Principal principal = route.principal();
            return new Holder(principal.tenant(), route.device(), route.device() == null ? principal.subject() : "");
        }
    }

    /// Who waits: one client, whatever devices it speaks for, because its messages come one behind the other.
    private record Sender(TenantId tenant, String publisher) {
        static Sender of(Routed publish) {
            return new Sender(publish.route().principal().tenant(), publish.publisher());
        }
    }
}
