package tributary.gateway.mqtt;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.broker.Attachment;
import tributary.broker.Attachment.Failure;
import tributary.broker.Subscription;
import tributary.broker.Subscription.Key;
import tributary.gateway.Cause;
import tributary.gateway.Hearing;
import tributary.gateway.mqtt.PacketWriter.Outcome;
import tributary.model.DeviceId;
import tributary.model.Quote;
import tributary.model.TopicFilter;

/// What a client wants to hear: SUBSCRIBE and UNSUBSCRIBE. The answers leave when a crash would not undo what they say.
final class Interests {
    private static final String SHARE = "$share/";

    /// Characters that the filters of a client, with the names of groups, may have together, for each that it may
    /// have: ten times a usual one.
    private static final int CHARACTERS_EACH = 256;

    /// So many they may have in any case: the longest filter that there is.
    private static final int CHARACTERS_LEAST = 65_535;

    private final Peer peer;
    private final MqttConnection connection;
    private final Attachment attachment;
    private final int subscriptionsMax;

    Interests(Peer peer, Attachment attachment) {
        this.peer = peer;
        this.connection = peer.connection();
        this.attachment = attachment;
        this.subscriptionsMax = connection.loop().services().settings().subscriptionsMax();
    }

    /// A filter as the client wrote it, taken apart.
    ///
    /// @param share  name of the group, or "" where the subscription is not shared
    /// @param filter the rest
    private record Typed(String share, String filter) {
        /// @return null where it begins like a shared one and is none
        static @Nullable Typed of(String text) {
            if (!text.startsWith(SHARE)) {
                return new Typed("", text);
            }
            int slash = text.indexOf('/', SHARE.length());
            if (slash <= SHARE.length() || slash + 1 == text.length()) {
                return null;
            }
            String share = text.substring(SHARE.length(), slash);
            boolean wild = share.indexOf('+') >= 0 || share.indexOf('#') >= 0;
            return wild ? null : new Typed(share, text.substring(slash + 1));
        }
    }

    void subscribe(Packet.Subscribe subscribe) throws MqttFault {
        checkAnswerFits(subscribe.requests().size());
        int identifier = (int) subscribe.properties().number(Property.SUBSCRIPTION_IDENTIFIER, 0);
        Wanted wanted = new Wanted(subscribe.requests().size());
        List<Outcome> outcomes = new ArrayList<>(subscribe.requests().size());
        for (Packet.Subscribe.Request request : subscribe.requests()) {
            Outcome outcome = judge(request, identifier, wanted);
            outcomes.add(outcome);
        }
        attachment.subscribe(wanted.requests, failure -> {
            if (!peer.ended()) {
                answer(subscribe, outcomes, failure);
            }
        });
    }

    private void answer(Packet.Subscribe subscribe, List<Outcome> outcomes, @Nullable Failure failure) {
        if (failure != null) {
            peer.refused(Cause.NO_SESSION, "the subscription cannot be kept: " + failure.detail());
        }
        List<Integer> codes = new ArrayList<>(outcomes.size());
        String detail = "";
        for (int i = 0; i < outcomes.size(); i++) {
            Outcome outcome = outcomes.get(i);
            if (outcome.reason() == ReasonCode.SUCCESS && failure != null) {
                outcome = new Outcome(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR, "not kept: " + failure.detail());
            }
            if (outcome.reason() == ReasonCode.SUCCESS) {
                codes.add(subscribe.requests().get(i).qos());
            } else {
                codes.add(peer.five() ? outcome.reason().code() : ReasonCode.UNSPECIFIED_ERROR.code());
                detail = detail.isEmpty() ? outcome.detail() : detail;
            }
        }
        PacketWriter.subscribed(
                connection.out(), peer.version(), subscribe.packetId(), codes, peer.explanation(detail, codes.size()));
    }

    /// @return why nobody may subscribe to it in this way, or null
    private @Nullable String notHere(Typed typed) {
        if (typed.filter().startsWith("$") && !typed.share().isEmpty()) {
            return "topics that begin with '$' are not shared; subscribe to '" + Quote.shorten(typed.filter()) + "'";
        }
        return typed.filter().startsWith("$SYS/")
                        && !connection.loop().services().tellsFigures()
                ? "figures under $SYS/ are switched off here (broker.sys-interval is 0)"
                : null;
    }

    /// What is granted of one SUBSCRIBE, and what it adds to what the client has.
    private static final class Wanted {
        private final List<Attachment.Request> requests;
        private final Set<Key> added = new HashSet<>();
        private int characters;

        Wanted(int size) {
            requests = new ArrayList<>(size);
        }
    }

    private Outcome judge(Packet.Subscribe.Request request, int identifier, Wanted wanted) {
        Typed typed = Typed.of(request.filter());
        if (typed == null) {
            String detail = "a shared subscription is $share/<group>/<filter>, the group without wildcard: '"
                    + Quote.shorten(request.filter()) + "'";
            peer.refused(Cause.FILTER_INVALID, detail);
            return new Outcome(ReasonCode.TOPIC_FILTER_INVALID, detail);
        }
        String notHere = notHere(typed);
        if (notHere != null) {
            peer.refused(Cause.SUBSCRIBE_NOT_ALLOWED, notHere);
            return new Outcome(ReasonCode.NOT_AUTHORIZED, notHere);
        }
        return switch (connection.loop().services().intake().hear(peer.principal(), typed.filter(), peer)) {
            case Hearing.Denied denied -> {
                ReasonCode reason = switch (denied.reason()) {
                    case FILTER_INVALID -> ReasonCode.TOPIC_FILTER_INVALID;
                    case NOT_ALLOWED -> ReasonCode.NOT_AUTHORIZED;
                };
                yield new Outcome(reason, denied.detail());
            }
            case Hearing.Granted granted -> {
                Subscription subscription = new Subscription(
                        typed.share(),
                        granted.filter(),
                        request.qos(),
                        request.noLocal() || peer.bridge() && typed.share().isEmpty(),
                        request.retainAsPublished() || peer.bridge(),
                        identifier);
                String tooMuch = tooMuch(subscription.key(), wanted);
                if (tooMuch != null) {
                    peer.refused(Cause.TOO_MANY_SUBSCRIPTIONS, tooMuch);
                    yield new Outcome(ReasonCode.QUOTA_EXCEEDED, tooMuch);
                }
                wanted.requests.add(new Attachment.Request(subscription, request.showRetained()));
                carried(granted.filter());
                yield Outcome.SUCCESS;
            }
        };
    }

    /// Counts a subscription among those that are added, where the client has none of that name.
    ///
    /// @return why it is one too many, or null
    private @Nullable String tooMuch(Key key, Wanted wanted) {
        if (attachment.subscribed(key) || wanted.added.contains(key)) {
            return null;
        }
        if (attachment.subscriptionCount() + wanted.added.size() >= subscriptionsMax) {
            return "a client has at most " + subscriptionsMax
                    + " subscriptions (mqtt.subscriptions-max); use wildcards";
        }
        int characters = key.characters();
        long max = Math.max(CHARACTERS_LEAST, (long) subscriptionsMax * CHARACTERS_EACH);
        if (attachment.filterCharacters() + wanted.characters + characters > max) {
            return "the filters of a client have at most " + max + " characters together, " + CHARACTERS_EACH
                    + " for each that it may have (mqtt.subscriptions-max); use shorter topics or wildcards";
        }
        wanted.added.add(key);
        wanted.characters += characters;
        return null;
    }

    /// The client listens from now on to what its session is subscribed to.
    void begin() {
        attachment.subscriptions().forEach(one -> carried(one.filter()));
    }

    /// Tells which device the client listens for, where the filter is of one.
    private void carried(TopicFilter filter) {
        String[] levels = filter.value().split("/", 3);
        DeviceId self = peer.principal().device();
        if (self != null && levels.length == 3 && levels[0].equals("devices") && DeviceId.valid(levels[1])) {
            DeviceId device = new DeviceId(levels[1]);
            if (connection
                    .loop()
                    .services()
                    .intake()
                    .devices()
                    .carries(peer.principal().tenant(), self, device)) {
                peer.carries(device);
            }
        }
    }

    /// The answer has a code for each filter.
    private void checkAnswerFits(int filters) throws MqttFault {
        if (peer.five() && PacketWriter.codesBytes(filters) > peer.packetBytesMax()) {
            throw new MqttFault(
                    ReasonCode.PACKET_TOO_LARGE,
                    "the answer to " + filters
                            + " filters is larger than the client's maximum packet size; name fewer");
        }
    }

    void unsubscribe(Packet.Unsubscribe unsubscribe) throws MqttFault {
        checkAnswerFits(unsubscribe.filters().size());
        List<Key> keys = new ArrayList<>(unsubscribe.filters().size());
        List<Integer> codes = new ArrayList<>(unsubscribe.filters().size());
        String invalid = "";
        for (String text : unsubscribe.filters()) {
            Typed typed = Typed.of(text);
            boolean valid = typed != null && TopicFilter.fault(typed.filter()) == null;
            codes.add((valid ? ReasonCode.NO_SUBSCRIPTION_EXISTED : ReasonCode.TOPIC_FILTER_INVALID).code());
            if (!valid && invalid.isEmpty()) {
                invalid = "'" + Quote.shorten(text) + "' is no topic filter, so that nobody subscribed to it";
            }
            if (typed != null && valid) {
                String filter = connection.loop().services().intake().resolved(peer.principal(), typed.filter());
                keys.add(new Key(typed.share(), new TopicFilter(filter)));
            }
        }
        String detail = peer.explanation(invalid, codes.size());
        attachment.unsubscribe(keys, existed -> {
            int next = 0;
            for (int i = 0; i < codes.size(); i++) {
                if (codes.get(i) == ReasonCode.NO_SUBSCRIPTION_EXISTED.code() && existed[next++]) {
                    codes.set(i, ReasonCode.SUCCESS.code());
                }
            }
            if (!peer.ended()) {
                PacketWriter.unsubscribed(connection.out(), peer.version(), unsubscribe.packetId(), codes, detail);
            }
        });
    }

    /// Ends the subscriptions that the client has no right to any more.
    void recheck() {
        List<Key> lost = new ArrayList<>(0);
        for (Subscription one : attachment.subscriptions()) {
            Hearing hearing = connection
                    .loop()
                    .services()
                    .intake()
                    .hear(peer.principal(), one.filter().value(), peer);
            if (hearing instanceof Hearing.Denied) {
                lost.add(one.key());
            }
        }
        attachment.withdraw(lost);
    }
}
