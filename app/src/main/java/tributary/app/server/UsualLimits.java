package tributary.app.server;

import java.util.EnumMap;
import java.util.Map;
import tributary.registry.TenantLimits.Limit;

/// What the settings say of each limit that a tenant may have one of its own for.
final class UsualLimits {
    private UsualLimits() {}

    static Map<Limit, Long> of(ServerSettings settings) {
        Map<Limit, Long> usual = new EnumMap<>(Limit.class);
        for (Limit limit : Limit.values()) {
            long value = switch (limit) {
                case DEVICES -> settings.registry().devicesPerTenantMax();
                case SENSORS -> settings.registry().sensorsPerTenantMax();
                case MESSAGE_RATE -> settings.intake().tenantRate();
                case DEVICE_RATE -> settings.intake().deviceRate();
                case SESSIONS -> settings.broker().sessionsMax();
                case RETAINED -> settings.broker().retainedMax();
                case RETAINED_BYTES -> settings.broker().retainedBytesMax();
                case STREAMS -> settings.api().streamsPerTenantMax();
            };
            usual.put(limit, value);
        }
        return usual;
    }
}
