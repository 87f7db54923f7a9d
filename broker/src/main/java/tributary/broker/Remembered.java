package tributary.broker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.broker.Subscription.Key;
import tributary.model.DeviceId;
import tributary.model.TenantId;

/// A session as the journal tells it, change by change. Only used while the broker opens.
final class Remembered {
    private final int number;
    private final TenantId tenant;
    private final String clientId;
    private String subject = "";
    private String device = "";
    private long expirySeconds;
    private boolean connected;
    private long detachedAt;
    private int connection;
    private @Nullable Will will;

    /// Wills that are published whatever comes, by number.
    private final Map<Integer, Will> due = new LinkedHashMap<>();

    private long[] born = {};
    private final Map<Key, Change.Listening> subscriptions = new LinkedHashMap<>();
    private final Map<Integer, Change.Sent> inFlight = new LinkedHashMap<>();
    private List<Change.Taken> taken = new ArrayList<>();
    private final List<Change.Taken> released = new ArrayList<>();
    private List<Backlog.Entry> waiting = new ArrayList<>();

    /// By partition: everything before was offered to the session, and everything up to `sentTo` was sent.
    private long[] offeredTo;

    private final long[] sentTo;

    Remembered(int number, TenantId tenant, String clientId, long[] offeredTo) {
        this.number = number;
        this.tenant = tenant;
        this.clientId = clientId;
        this.offeredTo = offeredTo.clone();
        this.sentTo = new long[offeredTo.length];
        Arrays.fill(sentTo, -1);
    }

    void apply(Change.State state) {
        subject = state.subject();
        device = state.device();
        expirySeconds = state.expirySeconds();
        connected = state.connected();
        detachedAt = state.detachedAt();
        connection = state.connection();
        will = state.will();
        due.clear();
        state.due().forEach(one -> due.put(one.number(), one));
        born = state.born();
        subscriptions.clear();
        state.subscriptions()
                .forEach(one -> subscriptions.put(one.subscription().key(), one));
        inFlight.clear();
        state.inFlight().forEach(one -> inFlight.put(one.packetId(), one));
        taken = new ArrayList<>(state.taken());
        released.clear();
        released.addAll(state.released());
        waiting = new ArrayList<>(state.waiting());
        offeredTo = state.offeredTo().clone();
    }

    void apply(Change.Attached attached) {
        subject = attached.subject();
        device = attached.device();
        expirySeconds = attached.expirySeconds();
        connection = attached.connection();
        will = attached.will();
        born = attached.born();
        connected = true;
        detachedAt = 0;
    }

    void apply(Change.Detached detached) {
        connected = false;
        detachedAt = detached.at();
        expirySeconds = detached.expirySeconds();
        if (!detached.willing()) {
            will = null;
        }
    }

    void apply(Change.Subscribed subscribed) {
        subscriptions.put(subscribed.listening().subscription().key(), subscribed.listening());
    }

    void apply(Change.Unsubscribed unsubscribed) {
        subscriptions.remove(unsubscribed.key());
    }

    void apply(Change.Sent sent) {
        inFlight.put(sent.packetId(), sent);
        if (sent.share() == null && !sent.retained()) {
            sentTo[sent.partition()] = Math.max(sentTo[sent.partition()], sent.position());
        }
    }

    void apply(Change.Received received) {
        Change.Sent sent = inFlight.get(received.packetId());
        if (sent != null) {
            inFlight.put(
                    sent.packetId(),
                    new Change.Sent(
                            number,
                            sent.packetId(),
                            sent.qos(),
                            Window.State.PUBCOMP,
                            sent.retained(),
                            sent.partition(),
                            sent.position(),
                            sent.share()));
        }
    }

    void apply(Change.Completed completed) {
        Change.Sent sent = inFlight.get(completed.packetId());
        boolean same =
                sent != null && sent.partition() == completed.partition() && sent.position() == completed.position();
        if (same) {
            inFlight.remove(completed.packetId());
        }
    }

    /// Another member of the group has it.
    void lost(Key share, int partition, long position) {
        inFlight.values()
                .removeIf(sent ->
                        share.equals(sent.share()) && sent.partition() == partition && sent.position() == position);
    }

    void apply(Change.Released change) {
        released.add(change.publish());
        taken.remove(change.publish());
    }

    void apply(Change.WillDue change) {
        due.put(change.will().number(), change.will());
        if (will != null && will.number() == change.will().number()) {
            will = null;
        }
    }

    void apply(Change.WillSettled settled) {
        due.remove(settled.connection());
        if (will != null && will.number() == settled.connection()) {
            will = null;
        }
    }

    /// Everything before these positions was offered: what of it is not waiting was sent.
    void offered(long[] to) {
        for (int p = 0; p < to.length; p++) {
            offeredTo[p] = Math.max(offeredTo[p], to[p]);
        }
    }

    /// @return whether a message at that place is still to be offered
    boolean wants(int partition, long position) {
        return position >= offeredTo[partition] && position > sentTo[partition];
    }

    /// @return whether a publish at that place can be of this session and not of one before it with the same client id
    boolean lived(int partition, long position) {
        return born.length > 0 && position >= born[partition];
    }

    long[] born() {
        return born;
    }

    int number() {
        return number;
    }

    TenantId tenant() {
        return tenant;
    }

    String clientId() {
        return clientId;
    }

    String subject() {
        return subject;
    }

    @Nullable
    DeviceId device() {
        return device.isEmpty() ? null : new DeviceId(device);
    }

    long expirySeconds() {
        return expirySeconds;
    }

    boolean connected() {
        return connected;
    }

    long detachedAt() {
        return detachedAt;
    }

    int connection() {
        return connection;
    }

    @Nullable
    Will will() {
        return will;
    }

    /// @return wills whose time had come
    Collection<Will> due() {
        return due.values();
    }

    List<Change.Listening> subscriptions() {
        return List.copyOf(subscriptions.values());
    }

    List<Change.Sent> inFlight() {
        return List.copyOf(inFlight.values());
    }

    List<Change.Taken> taken() {
        return taken;
    }

    List<Change.Taken> released() {
        return released;
    }

    /// @return what waits and was not sent
    List<Backlog.Entry> waiting() {
        return waiting.stream()
                .filter(entry -> entry.position() > sentTo[entry.partition()])
                .toList();
    }
}
