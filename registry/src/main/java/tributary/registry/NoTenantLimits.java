package tributary.registry;

import java.util.Map;
import tributary.model.TenantId;

/// For who knows no tenants: the settings hold for all.
final class NoTenantLimits implements TenantLimits {
    @Override
    public Map<TenantId, Map<Limit, Long>> all() {
        return Map.of();
    }

    @Override
    public boolean set(TenantId tenant, Map<Limit, Long> limits) {
        return false;
    }

    @Override
    public void onChange(Runnable listener) {}
}
