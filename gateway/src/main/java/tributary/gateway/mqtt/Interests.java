package tributary.gateway.mqtt;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tributary.broker.Subscription;
import tributary.gateway.Hearing;
import tributary.model.TopicFilter;

/// What a client wants to hear: SUBSCRIBE and UNSUBSCRIBE.
final class Interests {
    private final Peer peer;
    private final MqttConnection connection;
    private final int subscriptionsMax;

    /// The filters in force by the text that the client knows them by.
    private final Map<String, TopicFilter> filters = new HashMap<>(2);

    Interests(Peer peer) {
        this.peer = peer;
        this.connection = peer.connection();
        this.subscriptionsMax = connection.loop().services().settings().subscriptionsMax();
    }

    void subscribe(Packet.Subscribe subscribe) {
        int identifier = (int) subscribe.properties().number(Property.SUBSCRIPTION_IDENTIFIER, 0);
        List<Integer> codes = new ArrayList<>(subscribe.requests().size());
        String detail = "";
        for (Packet.Subscribe.Request request : subscribe.requests()) {
            PacketWriter.Outcome refusal = begin(request, identifier);
            if (refusal.reason() == ReasonCode.SUCCESS) {
                codes.add(request.qos());
                continue;
            }
            connection.loop().complaints().say(peer.principal().subject(), refusal.reason(), refusal.detail());
            codes.add(peer.five() ? refusal.reason().code() : ReasonCode.UNSPECIFIED_ERROR.code());
            detail = detail.isEmpty() ? refusal.detail() : detail;
        }
        PacketWriter.subscribed(
                connection.out(), peer.version(), subscribe.packetId(), codes, peer.explanation(detail));
    }

    private PacketWriter.Outcome begin(Packet.Subscribe.Request request, int identifier) {
        return switch (connection.loop().services().intake().hear(peer.principal(), request.filter())) {
            case Hearing.Denied denied -> {
                ReasonCode reason = switch (denied.reason()) {
                    case FILTER_INVALID -> ReasonCode.TOPIC_FILTER_INVALID;
                    case NOT_ALLOWED -> ReasonCode.NOT_AUTHORIZED;
                    case SHARED_UNSUPPORTED -> ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED;
                };
                yield new PacketWriter.Outcome(reason, denied.detail());
            }
            case Hearing.Granted granted -> {
                if (filters.size() >= subscriptionsMax && !filters.containsKey(request.filter())) {
                    yield new PacketWriter.Outcome(
                            ReasonCode.QUOTA_EXCEEDED,
                            "a client has at most " + subscriptionsMax
                                    + " subscriptions (mqtt.subscriptions-max); use wildcards");
                }
                filters.put(request.filter(), granted.filter());
                peer.session()
                        .subscribe(new Subscription(
                                granted.filter(),
                                request.qos(),
                                request.noLocal(),
                                request.retainAsPublished(),
                                identifier));
                yield PacketWriter.Outcome.SUCCESS;
            }
        };
    }

    void unsubscribe(Packet.Unsubscribe unsubscribe) {
        List<Integer> codes = new ArrayList<>(unsubscribe.filters().size());
        for (String typed : unsubscribe.filters()) {
            TopicFilter filter = filters.remove(typed);
            boolean existed = filter != null && peer.session().unsubscribe(filter);
            codes.add((existed ? ReasonCode.SUCCESS : ReasonCode.NO_SUBSCRIPTION_EXISTED).code());
        }
        PacketWriter.unsubscribed(connection.out(), peer.version(), unsubscribe.packetId(), codes);
    }
}
