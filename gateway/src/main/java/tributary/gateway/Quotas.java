package tributary.gateway;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import tributary.gateway.Admission.Throttled;
import tributary.gateway.Intake.Routed;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Principal;

/// How many messages a second a device, an address and a tenant may publish.
final class Quotas {
    private final List<Quota> set = new ArrayList<>();
    final LongAdder ofDevices = new LongAdder();
    final LongAdder ofAddresses = new LongAdder();
    final LongAdder ofTenants = new LongAdder();

    /// One limit of one kind of holder.
    ///
    /// @param holder whose allowance a message is taken from, or null where nobody's is
    private record Quota(
            String limit,
            RateLimit rate,
            LongAdder throttled,
            BiFunction<Routed, Route.Open, @Nullable Object> holder) {}

    Quotas(IntakeSettings settings) {
        add("intake.device-rate", settings.deviceRate(), ofDevices, (_, route) -> Holder.of(route));
        add("intake.address-rate", settings.addressRate(), ofAddresses, (publish, _) -> address(publish.caller()));
        add(
                "intake.tenant-rate",
                settings.tenantRate(),
                ofTenants,
                (_, route) -> route.principal().tenant());
    }

    private void add(
            String setting, int rate, LongAdder throttled, BiFunction<Routed, Route.Open, @Nullable Object> holder) {
        if (rate > 0) {
            set.add(new Quota(setting + ", " + rate + " messages a second", new RateLimit(rate), throttled, holder));
        }
    }

    /// Takes one message from every allowance. Where one is used up, the message gets a place in the queue for it,
    /// and what it took of the others is kept until it comes again.
    ///
    /// @return which one that was and when it may come again, or null
    @Nullable
    Throttled take(Routed publish, Route.Open route, long nowMicros) {
        for (int i = 0; i < set.size(); i++) {
            Quota quota = set.get(i);
            Object holder = quota.holder().apply(publish, route);
            if (holder == null || quota.rate().take(holder, nowMicros)) {
                continue;
            }
            Sender who = Sender.of(publish);
            long waitMicros = quota.rate().turn(holder, who, nowMicros);
            if (waitMicros > 0) {
                keep(publish, route, i, nowMicros + waitMicros);
                quota.throttled().increment();
                return new Throttled(quota.limit(), Duration.ofNanos(waitMicros * 1000));
            }
        }
        return null;
    }

    private void keep(Routed publish, Route.Open route, int before, long againMicros) {
        for (Quota quota : set.subList(0, before)) {
            Object holder = quota.holder().apply(publish, route);
            if (holder != null) {
                quota.rate().keep(holder, Sender.of(publish), againMicros);
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
