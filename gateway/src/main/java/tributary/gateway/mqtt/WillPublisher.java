package tributary.gateway.mqtt;

import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.broker.LastWords;
import tributary.broker.Will;
import tributary.gateway.Admission;
import tributary.gateway.Intake;
import tributary.log.Receipt;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.registry.Principal;

/// Publishes wills with the rights that their author has now, not those that it had at CONNECT.
final class WillPublisher implements LastWords {
    private static final Logger LOG = LoggerFactory.getLogger(WillPublisher.class);

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
        if (disowned.test(author)) {
            refused(will, "the credential of " + author.subject() + " was revoked");
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
                will.properties()));
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
            case Admission.Refused refused -> {
                refused(will, refused.detail());
                said.accept(true);
            }
            case Admission.Throttled _ -> said.accept(false);
        }
    }

    private static void refused(Will will, String detail) {
        LOG.info("the will of {} to {} is not published: {}", will.author().subject(), will.topic(), detail);
    }
}
