package tributary.gateway.mqtt;

import tributary.model.Settings;

/// What one address may have of the door.
///
/// @param connections connections at once
/// @param perSecond   connection attempts a second, with one second's worth of burst
/// @param loopback    whether the machine's own addresses are held to it, too
public record CrowdSettings(int connections, int perSecond, boolean loopback) {
    public static final CrowdSettings DEFAULTS = new CrowdSettings(10_000, 1_000, false);

    static CrowdSettings read(Settings settings) {
        return new CrowdSettings(
                settings.number("mqtt.connections-per-address", DEFAULTS.connections(), 1, 10_000_000),
                settings.number("mqtt.attempts-per-address", DEFAULTS.perSecond(), 1, 1_000_000),
                settings.flag("mqtt.limit-loopback", DEFAULTS.loopback()));
    }
}
