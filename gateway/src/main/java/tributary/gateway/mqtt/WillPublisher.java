package tributary.gateway.mqtt;

import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import tributary.broker.LastWords;
import tributary.broker.Will;
import tributary.gateway.Admission;
import tributary.gateway.Caller;
import tributary.gateway.Cause;
import tributary.gateway.Grounds;
import tributary.gateway.Intake;
import tributary.log.Receipt;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.Quote;
import tributary.registry.Principal;

/// Publishes wills with the rights that their author has now, not those that it had at CONNECT.
final class WillPublisher implements LastWords {
    private final Intake intake;
    private final Predicate<Principal> disowned;

    /// @param disowned whether what somebody proved to be with is worth nothing any more
    WillPublisher(Intake intake, Predicate<Principal> disowned) {
        this.intake = Objects.requireNonNull(intake, "intake");
        this.disowned = Objects.requireNonNull(disowned, "disowned");
    }

    @Override
    public void publish(Will will, Consumer<Boolean> said) {
        Principal author = will.author();
        Caller caller = Caller.of(Message.Origin.MQTT, "", null, will.clientId());
        if (disowned.test(author)) {
            intake.attempts()
                    .note(
                            caller,
                            Grounds.of(
                                    author,
                                    Cause.REVOKED_CREDENTIAL,
                                    "the will to '" + Quote.shorten(will.topic()) + "' is not published, because the"
                                            + " credential was revoked: connect with a good one"));
            said.accept(true);
            return;
        }
        Admission admission = intake.admit(new Intake.Publish(
                author,
                will.topic(),
                will.payload(),
                Message.Origin.MQTT,
                will.clientId(),
                will.qos(),
                will.retain(),
                will.properties(),
                caller));
        switch (admission) {
            case Admission.Accepted accepted ->
                intake.append(accepted.message().as(Message.WILL + will.number()), new Receipt() {
                    @Override
                    public void durable(int partition, long position) {
                        said.accept(true);
                    }

                    @Override
                    public void refused(Fault fault, String detail) {
                        said.accept(false);
                    }
                });
            case Admission.Refused _ -> said.accept(true); // noted by the intake
            case Admission.Throttled _ -> said.accept(false);
        }
    }
}
