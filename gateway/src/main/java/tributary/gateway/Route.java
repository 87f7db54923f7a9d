package tributary.gateway;

import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Topic;
import tributary.registry.Principal;

/// What a topic means for one principal: resolved once, then kept by the connection that publishes to it again and
/// again. [Intake] looks at it anew where the tenant's devices changed since.
public sealed interface Route {
    /// @return who asked
    Principal principal();

    /// @return the topic as the client wrote it
    String typed();

    /// The principal may publish there.
    ///
    /// @param topic   `t` and `me` resolved
    /// @param device  the device that the messages are of, or null
    /// @param version of the tenant's devices that this was decided with
    record Open(
            Principal principal,
            String typed,
            Topic topic,
            @Nullable DeviceId device,
            long version) implements Route {}

    /// The principal may not publish there.
    ///
    /// @param version of the tenant's devices that this was decided with
    record Closed(Principal principal, String typed, Admission.Refused refusal, long version) implements Route {}
}
