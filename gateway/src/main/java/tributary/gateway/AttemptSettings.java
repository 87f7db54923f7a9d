package tributary.gateway;

import tributary.model.Settings;

/// How much the attempts log keeps.
///
/// @param perTenantMax lines of one tenant, and lines of nobody
/// @param totalMax     lines of all tenants together; each then has its share
public record AttemptSettings(int perTenantMax, int totalMax) {
    public static final AttemptSettings DEFAULTS = new AttemptSettings(1_000, 20_000);

    private static final int CEILING = 1_000_000;

    public AttemptSettings {
        if (perTenantMax < 1 || totalMax < perTenantMax) {
            throw new IllegalArgumentException("a tenant has room for a line, and all together for a tenant's");
        }
    }

    /// Reads the `attempts.*` keys.
    public static AttemptSettings read(Settings settings) {
        int perTenant = settings.number("attempts.per-tenant", DEFAULTS.perTenantMax(), 10, CEILING);
        int total = settings.number("attempts.total", DEFAULTS.totalMax(), 10, CEILING);
        return new AttemptSettings(perTenant, Math.max(total, perTenant));
    }
}
