package tributary.gateway;

import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Message;

/// One refusal, texts already fit to be shown.
record Refusal(Source source, String sentence, long atMicros) {
    /// Refusals that are equal in all of this share a line.
    record Source(
            Message.Origin door,
            String address,
            String userName,
            String clientId,
            String subject,
            @Nullable DeviceId device,
            Cause cause) {
        /// @return whose share of the lines it takes
        String holder() {
            return address.isEmpty() ? subject : address;
        }

        /// @return all of one holder's refusals of this cause in one
        Source ofHolder() {
            return new Source(door, address, "", "", address.isEmpty() ? subject : "", null, cause);
        }

        /// @return all refusals of this cause in one
        Source ofAll() {
            return new Source(door, "", "", "", "", null, cause);
        }
    }
}
