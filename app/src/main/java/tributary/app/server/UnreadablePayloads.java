package tributary.app.server;

import tributary.gateway.Attempts;
import tributary.gateway.Caller;
import tributary.gateway.Cause;
import tributary.gateway.Grounds;
import tributary.lake.Rejections;
import tributary.model.DeviceId;
import tributary.model.Message;

/// Carries what the lake could not decode into the attempts log.
final class UnreadablePayloads implements Rejections {
    private final Attempts attempts;

    UnreadablePayloads(Attempts attempts) {
        this.attempts = attempts;
    }

    @Override
    public void rejected(Message message, String reason) {
        DeviceId device = message.device();
        attempts.note(
                Caller.of(message.origin(), "", null, message.publisher()),
                new Grounds(
                        Cause.PAYLOAD_UNREADABLE,
                        reason + "; it is kept in the table rejected, and docs/payloads.md shows each format",
                        message.tenant(),
                        device == null ? "" : "device:" + device,
                        device));
    }
}
