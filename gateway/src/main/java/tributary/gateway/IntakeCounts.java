package tributary.gateway;

import java.util.Map;

/// What the intake decided since the process started.
///
/// @param accepted        publishes admitted
/// @param refused         publishes refused, by reason; every reason is there
/// @param throttledDevice publishes over a device's rate
/// @param throttledAddress publishes over an address's rate
/// @param throttledTenant publishes over a tenant's rate
public record IntakeCounts(
        long accepted,
        Map<Admission.Reason, Long> refused,
        long throttledDevice,
        long throttledAddress,
        long throttledTenant) {
    public IntakeCounts {
        refused = Map.copyOf(refused);
    }
}
