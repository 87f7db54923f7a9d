package tributary.gateway;

import tributary.model.Settings;

/// The limits that hold at every door.
///
/// @param payloadBytesMax largest payload of one message, decompressed
/// @param deviceRate      messages a second that one device may publish, 0 for no limit
/// @param addressRate     messages a second that may come from one address, 0 for no limit
/// @param tenantRate      messages a second that one tenant may publish, 0 for no limit
public record IntakeSettings(int payloadBytesMax, int deviceRate, int addressRate, int tenantRate) {
    public static final IntakeSettings DEFAULTS = new IntakeSettings(256 * 1024, 0, 0, 0);

    private static final int PAYLOAD_BYTES_CEILING = 16 * 1024 * 1024;
    private static final int RATE_CEILING = 100_000_000;

    public IntakeSettings {
        if (payloadBytesMax < 1 || deviceRate < 0 || addressRate < 0 || tenantRate < 0) {
            throw new IllegalArgumentException("a payload has room for at least one byte and no rate is negative");
        }
    }

    /// Reads the `intake.*` keys.
    public static IntakeSettings read(Settings settings) {
        return new IntakeSettings(
                (int) settings.bytes(
                        "intake.payload-bytes-max", DEFAULTS.payloadBytesMax(), 1024, PAYLOAD_BYTES_CEILING),
                settings.number("intake.device-rate", DEFAULTS.deviceRate(), 0, RATE_CEILING),
                settings.number("intake.address-rate", DEFAULTS.addressRate(), 0, RATE_CEILING),
                settings.number("intake.tenant-rate", DEFAULTS.tenantRate(), 0, RATE_CEILING));
    }
}
