package tributary.app.server;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import tributary.gateway.Admission;
import tributary.gateway.Attempts;
import tributary.gateway.Caller;
import tributary.gateway.Cause;
import tributary.gateway.Grounds;
import tributary.gateway.Intake;
import tributary.model.Message;
import tributary.model.TopicFilter;
import tributary.registry.Principal;
import tributary.sinks.Inlet;

/// The door for what sinks bring in: the intake decides about it as about any publish.
///
/// A sink speaks as `sink:<name>` of its tenant, and may publish below the beginning of topics that its definition
/// gives it. The topic says which device a message is of, which has to exist; rates and sizes are those of all doors.
final class BridgeDoor implements Inlet {
    private static final Duration RELIEF = Duration.ofMillis(20);

    private final Intake intake;
    private final Attempts attempts;

    BridgeDoor(Intake intake, Attempts attempts) {
        this.intake = Objects.requireNonNull(intake, "intake");
        this.attempts = Objects.requireNonNull(attempts, "attempts");
    }

    private static String subject(String sink) {
        return "sink:" + sink;
    }

    @Override
    public void astray(Stray stray) {
        String subject = subject(stray.sink());
        attempts.note(
                Caller.of(Message.Origin.MQTT, stray.from(), null, subject),
                new Grounds(Cause.PUBLISH_NOT_ALLOWED, stray.why(), stray.tenant(), subject, null));
    }

    @Override
    public Answer take(Incoming message, Receipt receipt) {
        if (intake.congested()) {
            return new Answer.Later(RELIEF, "the log takes no more at the moment");
        }
        String subject = subject(message.sink());
        Principal principal = new Principal(
                message.tenant(),
                subject,
                Principal.Kind.APPLICATION,
                null,
                Principal.Role.DEVICE,
                Set.of(new TopicFilter(message.below() + "#")),
                Set.of(),
                null,
                subject);
        Admission admission = intake.admit(new Intake.Publish(
                principal,
                message.topic(),
                message.payload(),
                Message.Origin.MQTT,
                subject,
                message.qos(),
                message.retain(),
                message.properties(),
                Caller.of(Message.Origin.MQTT, message.from(), null, subject)));
        return switch (admission) {
            case Admission.Accepted accepted -> {
                intake.append(accepted.message(), new BridgeReceipt(receipt));
                yield new Answer.Taken();
            }
            case Admission.Refused refused -> new Answer.Refused(refused.detail());
            case Admission.Throttled throttled ->
                new Answer.Later(throttled.retryAfter(), "over the limit " + throttled.limit());
        };
    }
}
