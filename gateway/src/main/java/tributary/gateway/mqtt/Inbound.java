package tributary.gateway.mqtt;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import tributary.broker.Attachment;
import tributary.gateway.Admission;
import tributary.gateway.Admission.Refused;
import tributary.gateway.Admission.Throttled;
import tributary.gateway.Cause;
import tributary.gateway.Intake;
import tributary.gateway.Route;
import tributary.gateway.mqtt.Packet.Acknowledgement.Kind;
import tributary.gateway.mqtt.PacketWriter.Outcome;
import tributary.model.Message;
import tributary.model.MessageProperties;

/// What a client publishes: through the intake into the log, and an acknowledgement for each once it is durable, in
/// the order of the publishes. What was taken at QoS 2 is the session's to remember.
final class Inbound {
    private static final String BRIDGE_STATE = "$SYS/broker/connection/";

    /// How long a 5.0 client that was over its rate is not read: it could go on as fast as it can be refused, and
    /// others would pay for that.
    private static final long THROTTLE_MIN_MILLIS = 50;

    private static final long THROTTLE_MAX_MILLIS = 1_000;

    /// For a publish of QoS 2 that a client repeats while its first copy is on the way to the disk.
    private static final Outcome REFUSED =
            new Outcome(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR, "not stored: the log refused it; send it again");

    private final Peer peer;
    private final Attachment attachment;
    private final MqttConnection connection;
    private final Services services;
    private final int receiveMax;
    private @Nullable Queue<Pending> pending;

    /// How many of them are of QoS 1.
    private int waitingAtLeastOnce;

    private @Nullable TopicName @Nullable [] aliases;
    private @Nullable Runnable whenAnswered;

    Inbound(Peer peer, Attachment attachment) {
        this.peer = peer;
        this.attachment = attachment;
        this.connection = peer.connection();
        this.services = connection.loop().services();
        this.receiveMax = services.settings().receiveMax();
    }

    ReceiptQueue receipts() {
        return connection.loop().receipts();
    }

    /// @return whether the publish was dealt with; false where it is to be taken again after a pause
    boolean publish(Packet.Publish publish) throws MqttFault {
        int packetId = publish.packetId();
        if (publish.qos() == 2 && repeated(packetId)) {
            return true;
        }
        if (publish.qos() > 0) {
            checkWindow(publish);
        }
        TopicName name = name(publish);
        if (peer.bridge() && name.text().startsWith(BRIDGE_STATE)) {
            return leaveOut(publish);
        }
        Outcome unfit = unfit(publish);
        if (unfit != null) {
            peer.refused(ReasonCode.cause(unfit.reason()), unfit.detail());
            return refuse(publish, unfit);
        }
        return switch (admit(publish, name)) {
            case Admission.Accepted accepted -> {
                append(publish, accepted.message());
                yield true;
            }
            case Refused refused -> refuse(publish, new Outcome(code(refused.reason()), refused.detail()));
            case Throttled throttled -> slowDown(publish, throttled);
        };
    }

    /// What Mosquitto says of its own bridge is no message of ours; a connection closed for it would end the bridge.
    private boolean leaveOut(Packet.Publish publish) {
        if (publish.qos() > 0) {
            remember(Pending.decided(this, publish.packetId(), publish.qos() == 2, Outcome.SUCCESS));
            answer();
        }
        return true;
    }

    private Admission admit(Packet.Publish publish, TopicName name) {
        Intake intake = services.intake();
        Route known = name.route();
        Route route = known == null ? intake.route(peer.principal(), name.text()) : intake.fresh(known);
        if (route != known) {
            name.route(route);
            if (route instanceof Route.Open open && open.device() != null) {
                peer.carries(open.device());
            }
        }
        Properties said = publish.properties();
        return intake.admit(new Intake.Routed(
                route,
                publish.payload(),
                Message.Origin.MQTT,
                attachment.clientId(),
                publish.qos(),
                publish.retain(),
                said == Properties.NONE ? MessageProperties.NONE : said.ofMessage(),
                peer));
    }

    private void append(Packet.Publish publish, Message message) {
        connection.loop().tally().published.increment();
        if (publish.qos() == 0) {
            services.intake().append(message, connection.loop().unanswered());
        } else if (publish.qos() == 1) {
            Pending receipt = Pending.atLeastOnce(this, publish.packetId());
            remember(receipt);
            services.intake().append(message, receipt);
        } else {
            // Its name goes to the disk with the message: after a crash the log tells what was taken.
            Attachment.Taking taking =
                    attachment.take(publish.packetId(), services.intake().partition(message));
            Pending receipt = Pending.exactlyOnce(this, publish.packetId(), taking);
            remember(receipt);
            services.intake().append(message.as(taking.publishId()), receipt);
        }
        if (services.intake().congested()) {
            connection.awaitRelief();
        }
        if (!peer.five() && waiting() >= receiveMax) {
            connection.pause(MqttConnection.Pause.UNACKNOWLEDGED);
        }
    }

    private void remember(Pending receipt) {
        if (pending == null) {
            pending = new ArrayDeque<>();
        }
        pending.add(receipt);
        waitingAtLeastOnce += receipt.exactlyOnce() ? 0 : 1;
    }

    private int waiting() {
        return pending == null ? 0 : pending.size();
    }

    /// A 5.0 client was told how many publishes may wait. A 3.1.1 client was not and is made to wait instead; only one
    /// that never completes QoS 2 has to be closed.
    private void checkWindow(Packet.Publish publish) throws MqttFault {
        int unreleased = attachment.takenCount();
        boolean full = peer.five()
                ? waitingAtLeastOnce + unreleased >= receiveMax
                : publish.qos() == 2 && unreleased >= receiveMax;
        if (full) {
            throw new MqttFault(
                    ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
                    "more than " + receiveMax + " publishes without acknowledgement (mqtt.receive-max)");
        }
    }

    /// A QoS 2 publish that was taken before is answered again, once it is on the disk, and not stored again.
    private boolean repeated(int packetId) {
        if (attachment.taken(packetId) == Attachment.Taken.NO) {
            return false;
        }
        attachment.whenTaken(packetId, stored -> {
            if (!peer.ended()) {
                acknowledge(Kind.PUBREC, packetId, stored ? Outcome.SUCCESS : REFUSED);
            }
        });
        return true;
    }

    private TopicName name(Packet.Publish publish) throws MqttFault {
        TopicName topic = publish.topic();
        if (!publish.properties().has(Property.TOPIC_ALIAS)) {
            if (topic == null) {
                throw MqttFault.protocol("a PUBLISH with neither topic nor topic alias");
            }
            return topic;
        }
        int alias = (int) publish.properties().number(Property.TOPIC_ALIAS, 0);
        if (alias < 1 || alias > SignIn.TOPIC_ALIAS_MAX) {
            throw new MqttFault(ReasonCode.TOPIC_ALIAS_INVALID, "a topic alias is 1 to " + SignIn.TOPIC_ALIAS_MAX);
        }
        if (aliases == null) {
            aliases = new @Nullable TopicName[SignIn.TOPIC_ALIAS_MAX + 1];
        }
        if (topic != null) {
            aliases[alias] = topic;
            return topic;
        }
        TopicName known = aliases[alias];
        if (known == null) {
            throw MqttFault.protocol("topic alias " + alias + " was never given a topic");
        }
        return known;
    }

    private @Nullable Outcome unfit(Packet.Publish publish) {
        if (publish.properties().number(Property.PAYLOAD_FORMAT_INDICATOR, 0) == 1 && !Utf8.valid(publish.payload())) {
            return new Outcome(
                    ReasonCode.PAYLOAD_FORMAT_INVALID, "the payload is declared to be UTF-8 text and is not");
        }
        if (publish.qos() == 1 && attachment.taken(publish.packetId()) != Attachment.Taken.NO) {
            return new Outcome(
                    ReasonCode.PACKET_IDENTIFIER_IN_USE,
                    "packet identifier " + publish.packetId() + " is in use by a publish of QoS 2");
        }
        return null;
    }

    private static ReasonCode code(Admission.Reason reason) {
        return switch (reason) {
            case TOPIC_INVALID, UNKNOWN_DEVICE -> ReasonCode.TOPIC_NAME_INVALID;
            case NOT_ALLOWED, EXPIRED_CREDENTIAL -> ReasonCode.NOT_AUTHORIZED;
            case TOO_LARGE, RETAINED_FULL -> ReasonCode.QUOTA_EXCEEDED;
        };
    }

    /// A 5.0 client is told; a 3.1.1 client cannot be told and must not take silence for success, so it is closed
    /// (3.1.1, 3.3.5). At QoS 0 nobody waits for an answer.
    private boolean refuse(Packet.Publish publish, Outcome outcome) {
        connection.loop().tally().published.increment();
        if (publish.qos() == 0) {
            return true;
        }
        if (peer.five()) {
            remember(Pending.decided(
                    this,
                    publish.packetId(),
                    publish.qos() == 2,
                    new Outcome(outcome.reason(), peer.explanation(outcome.detail()))));
            answer();
        } else {
            connection.fail(outcome.reason(), outcome.detail());
        }
        return true;
    }

    /// Over its rate, a 5.0 client is told and keeps the message; a 3.1.1 client is not read until it may go on.
    private boolean slowDown(Packet.Publish publish, Throttled throttled) {
        long waitMillis = Math.ceilDiv(throttled.retryAfter().toNanos(), 1_000_000L);
        if (!peer.five() || publish.qos() == 0) {
            connection.slowDown(Math.min(waitMillis, THROTTLE_MAX_MILLIS)); // the limit may be raised meanwhile
            return false;
        }
        connection.slowDown(Math.clamp(waitMillis, THROTTLE_MIN_MILLIS, THROTTLE_MAX_MILLIS));
        return refuse(
                publish,
                new Outcome(
                        ReasonCode.QUOTA_EXCEEDED,
                        "over " + throttled.limit() + "; try again in " + waitMillis + " ms"));
    }

    /// PUBREL: the client will not send this QoS 2 publish again.
    void release(int packetId) throws MqttFault {
        if (attachment.taken(packetId) == Attachment.Taken.SOON) {
            throw MqttFault.protocol("PUBREL before PUBREC, packet identifier " + packetId);
        }
        attachment.release(packetId, known -> {
            if (!peer.ended()) {
                Outcome outcome = !known && peer.five() ? notFound(packetId) : Outcome.SUCCESS;
                PacketWriter.acknowledge(connection.out(), Kind.PUBCOMP, packetId, outcome);
            }
        });
    }

    private Outcome notFound(int packetId) {
        return new Outcome(
                ReasonCode.PACKET_IDENTIFIER_NOT_FOUND,
                peer.explanation("no publish of yours of packet identifier " + packetId + " is open"));
    }

    /// The log has answered for one of the publishes.
    void settled(Pending one) {
        one.settle();
        Outcome outcome = one.outcome();
        if (outcome != null && outcome.reason() != ReasonCode.SUCCESS) {
            peer.refused(Cause.NOT_STORED, outcome.detail());
        }
        answer();
    }

    /// Acknowledges from the oldest on as far as the answers are there.
    private void answer() {
        while (pending != null && !pending.isEmpty()) {
            Pending oldest = pending.element();
            Outcome outcome = oldest.outcome();
            if (outcome == null) {
                break;
            }
            pending.remove();
            waitingAtLeastOnce -= oldest.exactlyOnce() ? 0 : 1;
            if (!peer.ended()) {
                acknowledge(oldest, outcome);
            }
        }
        if (pending == null || pending.isEmpty()) {
            Runnable idle = whenAnswered;
            whenAnswered = null;
            if (idle != null) {
                idle.run();
            }
        }
        if (waiting() <= receiveMax / 2) {
            connection.resume(MqttConnection.Pause.UNACKNOWLEDGED);
        }
    }

    private void acknowledge(Pending one, Outcome outcome) {
        acknowledge(one.exactlyOnce() ? Kind.PUBREC : Kind.PUBACK, one.packetId(), outcome);
    }

    private void acknowledge(Kind kind, int packetId, Outcome outcome) {
        boolean stored = outcome.reason() == ReasonCode.SUCCESS;
        if (!stored && !peer.five()) {
            connection.fail(outcome.reason(), outcome.detail());
            return;
        }
        Outcome told = stored ? outcome : new Outcome(outcome.reason(), peer.explanation(outcome.detail()));
        PacketWriter.acknowledge(connection.out(), kind, packetId, told);
    }

    /// Runs `action` when every publish is answered; at once where that is so.
    void whenAnswered(Runnable action) {
        if (waiting() == 0) {
            action.run();
        } else {
            whenAnswered = action;
        }
    }
}
