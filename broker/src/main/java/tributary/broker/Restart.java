package tributary.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import tributary.broker.JournalReplay.GroupName;
import tributary.broker.RetainedStore.Kept;
import tributary.log.Batch;
import tributary.log.LogReader;
import tributary.model.Message;
import tributary.model.TenantId;
import tributary.model.Topic;

/// Brings sessions back after a start: from the journal, then from the messages that came after what it noted last.
final class Restart {
    private final Commons commons;
    private final Directory directory;
    private final JournalReplay replay;
    private final Map<Session, Remembered> remembered = new HashMap<>();

    /// Sessions in whose place others came, and whose will was not published yet.
    private final List<Session> replaced = new ArrayList<>(0);

    Restart(Commons commons, Directory directory, JournalReplay replay) {
        this.commons = commons;
        this.directory = directory;
        this.replay = replay;
    }

    void session(Broker broker, Remembered known) {
        Session session = new Session(
                broker, commons, known.number(), known.tenant(), known.clientId(), known.subject(), known.born());
        Session former = directory.session(known.tenant(), known.clientId());
        directory.put(former, session);
        if (former != null) {
            replaced.add(former);
        }
        session.chronicle().restore(known);
        remembered.put(session, known);
        for (Change.Listening listening : known.subscriptions()) {
            GroupName name =
                    new GroupName(known.tenant(), listening.subscription().key());
            Group group = directory.group(name.tenant(), name.key());
            if (group != null && group.isNew()) {
                group.restore(replay.waiting(name));
            }
        }
    }

    /// Reads the log up to `ends`: offers to each what it was not offered before, finds the publishes of QoS 2 and the
    /// wills that the process before had taken.
    void read(LogReader reader, long[] ends, BiFunction<TenantId, Topic, Audience> audiences) {
        while (behind(reader, ends)) {
            Batch batch = reader.poll(Duration.ZERO);
            if (batch == null) {
                return;
            }
            for (int i = 0; i < batch.size(); i++) {
                if (batch.first() + i < ends[batch.partition()]) {
                    one(batch, i, audiences.apply(batch.tenant(i), batch.topic(i)));
                }
            }
        }
    }

    private static boolean behind(LogReader reader, long[] ends) {
        for (int p = 0; p < ends.length; p++) {
            if (reader.position(p) < ends[p]) {
                return true;
            }
        }
        return false;
    }

    private void one(Batch batch, int index, Audience audience) {
        boolean marked = batch.marked(index);
        if (!marked && audience.matches().length == 0) {
            return;
        }
        Message message = batch.message(index);
        int partition = batch.partition();
        long position = batch.first() + index;
        boolean erased = commons.standing().erased().has(message, partition, position);
        if (message.retain() && !erased) {
            commons.retained().put(new Kept(message, partition, position));
        }
        if (message.publishId() > 0 && !forgets(message)) {
            published(message, partition, position);
        }
        if (audience.matches().length == 0) {
            return;
        }
        Delivery delivery = new Delivery(message, partition, position);
        for (Match match : audience.matches()) {
            if (wants(match.hearer(), partition, position)) {
                match.hearer().offer(delivery, match);
            }
        }
    }

    private boolean forgets(Message message) {
        return commons.has(isWill(message) ? Flaw.FORGET_SPOKEN : Flaw.FORGET_TAKEN);
    }

    private boolean wants(Hearer hearer, int partition, long position) {
        return switch (hearer) {
            case Session session -> {
                Remembered known = remembered.get(session);
                yield known != null && (known.wants(partition, position) || commons.has(Flaw.OFFER_AGAIN));
            }
            case Group group -> replay.wants(new GroupName(group.tenant(), group.key()), partition, position);
        };
    }

    /// All has been read: whoever was connected is gone, and so are sessions in whose place others came.
    void resume() {
        commons.retained().restored();
        replaced.forEach(session -> session.chronicle().resume(true));
        List.copyOf(directory.sessions()).forEach(session -> session.chronicle().resume(false));
    }

    private static boolean isWill(Message message) {
        return message.publishId() >= Message.WILL && message.publishId() < Message.EXACTLY_ONCE;
    }

    private void published(Message message, int partition, long position) {
        if (isWill(message)) {
            for (Session former : replaced) {
                if (former.tenant().equals(message.tenant())) {
                    former.farewell().found(message.publishId() - Message.WILL);
                }
            }
        }
        Session session = directory.session(message.tenant(), message.publisher());
        @Nullable Remembered known = session == null ? null : remembered.get(session);
        if (session == null || known == null || !known.lived(partition, position)) {
            return;
        }
        if (isWill(message)) {
            session.farewell().found(message.publishId() - Message.WILL);
        } else if (message.origin() == Message.Origin.MQTT) {
            int packetId = Inflow.packetId(session.number(), message.publishId());
            if (packetId > 0) {
                session.inflow().restore(new Change.Taken(packetId, partition, position));
            }
        }
    }
}
