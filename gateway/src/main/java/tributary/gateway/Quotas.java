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

    /// Takes one message from every allowance, or from none where one is used up.
    ///
    /// @return which one that was and when there is more, or null
    @Nullable
    Throttled take(Routed publish, Route.Open route, long nowMicros) {
        for (int i = 0; i < set.size(); i++) {
            Quota quota = set.get(i);
            Object holder = quota.holder().apply(publish, route);
            long waitMicros = holder == null ? 0 : quota.rate().take(holder, nowMicros);
            if (waitMicros > 0) {
                giveBack(publish, route, i);
                quota.throttled().increment();
                return new Throttled(quota.limit(), Duration.ofNanos(waitMicros * 1000));
            }
        }
        return null;
    }

    private void giveBack(Routed publish, Route.Open route, int before) {
        for (Quota quota : set.subList(0, before)) {
            Object holder = quota.holder().apply(publish, route);
            if (holder != null) {
                quota.rate().giveBack(holder);
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
}
