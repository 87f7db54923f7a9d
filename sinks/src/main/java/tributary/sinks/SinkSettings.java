package tributary.sinks;

import tributary.model.Settings;

/// What the operator says about sinks.
///
/// @param privateAddresses addresses and networks beside the public ones that sinks may connect to
public record SinkSettings(String privateAddresses) {
    public static final SinkSettings DEFAULTS = new SinkSettings("");

    /// Reads the keys `sinks.*`.
    public static SinkSettings read(Settings s) {
        SinkSettings read = new SinkSettings(s.text("sinks.private-addresses", DEFAULTS.privateAddresses));
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
