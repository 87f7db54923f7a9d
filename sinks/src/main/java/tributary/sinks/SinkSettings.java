package tributary.sinks;

import tributary.model.Settings;

/// What the operator says about sinks.
///
/// @param privateAddresses addresses and networks beside the public ones that sinks may connect to
/// @param waitingMax       how many bytes may wait for all sinks of a tenant that are away for long
public record SinkSettings(String privateAddresses, long waitingMax) {
    private static final long MB = 1L << 20;

    public static final SinkSettings DEFAULTS = new SinkSettings("", 256 * MB);

    /// Reads the keys `sinks.*`.
    public static SinkSettings read(Settings s) {
        SinkSettings read = new SinkSettings(
                s.text("sinks.private-addresses", DEFAULTS.privateAddresses),
                s.bytes("sinks.waiting-max", DEFAULTS.waitingMax, MB, 1L << 40));
        try {
            read.guard();
        } catch (IllegalArgumentException e) {
            s.problem("sinks.private-addresses: " + e.getMessage());
        }
        return read;
    }

    AddressGuard guard() {
        return AddressGuard.allowing(privateAddresses);
    }
}
