package tributary.registry;

import java.time.Duration;
import java.util.Objects;
import tributary.model.Settings;

/// What can be set about the registry.
///
/// @param url                     `jdbc:postgresql://host/database`, or "" for SQLite in the data folder
/// @param user                    who signs in to PostgreSQL
/// @param passwordFile            file whose first line is the PostgreSQL password, or "" for none
/// @param issuer                  the `iss` of the tokens that are signed here
/// @param devicesPerTenantMax     more devices are refused
/// @param sensorsPerDeviceMax     further sensors of a device are not recorded
/// @param sensorsPerTenantMax     further sensors of a tenant are not recorded
/// @param credentialsPerHolderMax live credentials of one device, and live API keys of one tenant
/// @param verifiedTokensMax       signed tokens remembered as verified
/// @param sessionLife             how long a person stays signed in
public record RegistrySettings(
        String url,
        String user,
        String passwordFile,
        String issuer,
        int devicesPerTenantMax,
        int sensorsPerDeviceMax,
        int sensorsPerTenantMax,
        int credentialsPerHolderMax,
        int verifiedTokensMax,
        Duration sessionLife) {
    public static final RegistrySettings DEFAULTS = new RegistrySettings(
            "", "tributary", "", "tributary", 250_000, 1_000, 2_000_000, 100, 100_000, Duration.ofHours(12));

    public RegistrySettings {
        Objects.requireNonNull(url, "url");
        Objects.requireNonNull(user, "user");
        Objects.requireNonNull(passwordFile, "passwordFile");
        Objects.requireNonNull(issuer, "issuer");
        Objects.requireNonNull(sessionLife, "sessionLife");
    }

    public static RegistrySettings read(Settings settings) {
        RegistrySettings d = DEFAULTS;
        String url = settings.text("registry.url", d.url());
        if (!url.isEmpty() && !url.startsWith("jdbc:postgresql:")) {
            settings.problem(
                    "registry.url must begin with jdbc:postgresql:, or be empty for SQLite in the data folder");
        }
        String issuer = settings.text("registry.issuer", d.issuer());
        if (issuer.isBlank()) {
            settings.problem("registry.issuer must not be empty: it is the name that signed tokens are made by");
        }
        return new RegistrySettings(
                url,
                settings.text("registry.user", d.user()),
                settings.text("registry.password-file", d.passwordFile()),
                issuer,
                settings.number("registry.devices-per-tenant", d.devicesPerTenantMax(), 1, 10_000_000),
                settings.number("registry.sensors-per-device", d.sensorsPerDeviceMax(), 1, 100_000),
                settings.number("registry.sensors-per-tenant", d.sensorsPerTenantMax(), 1, 100_000_000),
                settings.number("registry.credentials-per-holder", d.credentialsPerHolderMax(), 1, 100_000),
                settings.number("registry.verified-tokens", d.verifiedTokensMax(), 2, 10_000_000),
                settings.duration(
                        "registry.session-life", d.sessionLife(), Duration.ofMinutes(1), Duration.ofDays(90)));
    }
}
