package tributary.gateway;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.TenantId;

/// The attempts log: what was refused at the doors, for the people whose devices they are. Each tenant sees its own;
/// what cannot be told whose it is, is the operator's.
///
/// In memory, bounded, and without waiting: safe on an event loop, and however often strangers are refused.
public interface Attempts {
    /// Notes a refusal.
    void note(Caller caller, Grounds grounds);

    /// @param before only lines with a lower sequence; [Long#MAX_VALUE] for all
    /// @return lines, newest first
    List<Attempt> before(Wanted wanted, long before, int limit);

    /// @param after only lines with a higher sequence
    /// @return lines, oldest first
    List<Attempt> after(Wanted wanted, long after, int limit);

    /// Forgets the lines of a tenant that was removed.
    void forget(TenantId tenant);

    /// @return the sequence of the newest line of all, so that who follows knows whether to look
    long newest();

    /// @return refusals by cause since start; every cause is there
    Map<Cause, Long> counts();

    /// Which lines somebody asks for.
    ///
    /// @param tenant      the only tenant whose lines are shown
    /// @param unclaimed   whether those of nobody are shown, too: for operators of the installation
    /// @param device      only this device's, or null
    /// @param doors       only these doors', or all where none is named
    /// @param sinceMicros only what happened then or later
    record Wanted(
            TenantId tenant,
            boolean unclaimed,
            @Nullable DeviceId device,
            Set<Message.Origin> doors,
            long sinceMicros) {
        public Wanted {
            Objects.requireNonNull(tenant, "tenant");
            doors = Set.copyOf(doors);
        }

        boolean includes(Attempt attempt) {
            return attempt.lastMicros() >= sinceMicros
                    && (device == null || device.equals(attempt.device()))
                    && (doors.isEmpty() || doors.contains(attempt.door()));
        }
    }
}
