package tributary.sinks.postgres;

import tributary.sinks.AddressGuard;
import tributary.sinks.GuardedSockets;

/// The driver makes its sockets' factory by its name, so it and its constructor are public, and what it needs comes as
/// a text.
public final class DriverSockets extends GuardedSockets {
    /// @param allowed what [AddressGuard#allowed] gave
    public DriverSockets(String allowed) {
        super(AddressGuard.allowing(allowed));
    }
}
