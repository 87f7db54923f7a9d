package tributary.broker;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tributary.broker.RetainedStore.Kept;
import tributary.broker.Subscription.Key;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.model.TenantId;

/// Reads the journal from the last whole note on: which sessions there were, what was retained, and from where the log
/// of messages has to be read again.
final class JournalReplay {
    private final RetainedStore retained;
    private final Erased erased;

    /// By number: where a client id was used anew, the later session comes later.
    private final Map<Integer, Remembered> sessions = new TreeMap<>();
    private final Map<GroupName, RememberedGroup> groups = new HashMap<>();

    private final int partitions;
    private long @Nullable [] offeredTo;
    private long @Nullable [] takenTo;
    private int highest;

    record GroupName(TenantId tenant, Key key) {}

    /// @param partitions of the log of messages
    JournalReplay(int partitions, RetainedStore retained, Erased erased) {
        this.partitions = partitions;
        this.retained = retained;
        this.erased = erased;
    }

    /// Reads to the end.
    void read(Log journal, LogReader reader) {
        Pieces pieces = new Pieces();
        while (reader.position(0) < journal.end(0)) {
            Batch batch = reader.poll(Duration.ZERO);
            if (batch == null) {
                return;
            }
            for (int i = 0; i < batch.size(); i++) {
                byte[] record = pieces.join(batch.message(i).payload());
                if (record != null) {
                    apply(new ChangeReader(record));
                }
            }
        }
    }

    private void apply(ChangeReader changes) {
        while (changes.hasNext()) {
            apply(changes.next());
        }
    }

    private void apply(Change change) {
        switch (change) {
            case Change.State state -> state(state);
            case Change.Attached attached ->
                session(attached.number(), attached.tenant(), attached.clientId())
                        .apply(attached);
            case Change.Detached c -> known(c.number()).ifThere(session -> session.apply(c));
            case Change.Ended c -> sessions.remove(c.number());
            case Change.Subscribed c -> known(c.number()).ifThere(session -> session.apply(c));
            case Change.Unsubscribed c -> known(c.number()).ifThere(session -> session.apply(c));
            case Change.Sent c -> sent(c);
            case Change.Received c -> known(c.number()).ifThere(session -> session.apply(c));
            case Change.Completed c -> known(c.number()).ifThere(session -> session.apply(c));
            case Change.Returned c -> returned(c);
            case Change.Released c -> known(c.number()).ifThere(session -> session.apply(c));
            case Change.WillSettled c -> known(c.number()).ifThere(session -> session.apply(c));
            case Change.WillDue c -> known(c.number()).ifThere(session -> session.apply(c));
            case Change.Progress progress -> {
                offeredTo = progress.offeredTo();
                takenTo = progress.takenTo();
                sessions.values().forEach(session -> session.offered(progress.offeredTo()));
                groups.values().forEach(group -> group.offered(progress.offeredTo()));
            }
            case Change.GroupState state ->
                group(new GroupName(state.tenant(), state.key())).apply(state);
            case Change.Spent spent -> spent(spent);
            case Change.Erased one -> erased.add(one);
            case Change.Kept kept -> kept(kept);
        }
    }

    private void kept(Change.Kept kept) {
        boolean end = kept.message().payload().length == 0;
        if (end || !erased.has(kept.message(), kept.partition(), kept.position())) {
            retained.put(new Kept(kept.message(), kept.partition(), kept.position()));
        }
    }

    private void state(Change.State state) {
        Remembered session = session(state.number(), state.tenant(), state.clientId());
        session.apply(state);
        for (Change.Sent sent : state.inFlight()) {
            Key share = sent.share();
            if (share != null) {
                RememberedGroup group = group(new GroupName(state.tenant(), share));
                group.heldBy(session, share, sent.partition(), sent.position());
                group.underWay(sent.partition(), sent.position());
            }
        }
    }

    private void sent(Change.Sent sent) {
        Remembered session = sessions.get(sent.number());
        if (session == null) {
            return;
        }
        session.apply(sent);
        Key share = sent.share();
        if (share != null) {
            RememberedGroup group = group(new GroupName(session.tenant(), share));
            group.heldBy(session, share, sent.partition(), sent.position());
            group.sent(sent.partition(), sent.position());
        }
    }

    private void returned(Change.Returned change) {
        Remembered session = sessions.get(change.number());
        if (session == null) {
            return;
        }
        session.apply(new Change.Completed(change.number(), change.packetId(), change.partition(), change.position()));
        group(new GroupName(session.tenant(), change.share())).returned(change.partition(), change.position());
    }

    private void spent(Change.Spent spent) {
        RememberedGroup group = group(new GroupName(spent.tenant(), spent.key()));
        if (spent.back()) {
            group.returned(spent.partition(), spent.position());
        } else {
            group.heldBy(null, spent.key(), spent.partition(), spent.position());
            group.sent(spent.partition(), spent.position());
        }
    }

    private RememberedGroup group(GroupName name) {
        return groups.computeIfAbsent(name, _ -> new RememberedGroup(partitions));
    }

    private Remembered session(int number, TenantId tenant, String clientId) {
        highest = Math.max(highest, number);
        return sessions.computeIfAbsent(number, _ -> new Remembered(number, tenant, clientId, new long[partitions]));
    }

    private Known known(int number) {
        return new Known(sessions.get(number));
    }

    /// A session, or one that has ended meanwhile.
    private record Known(@Nullable Remembered session) {
        void ifThere(Consumer<Remembered> then) {
            if (session != null) {
                then.accept(session);
            }
        }
    }

    Map<Integer, Remembered> sessions() {
        return sessions;
    }

    /// @return the highest number that a session ever had
    int highest() {
        return highest;
    }

    /// @param begin from where the log of messages is read where nothing was ever noted
    /// @param ends  of the log of messages
    /// @return from where the log has to be read, by partition, to offer messages and to find publishes of QoS 2
    long[] readFrom(long[] begin, long[] ends) {
        long[] offered = offeredTo;
        long[] taken = takenTo;
        return offered == null || taken == null ? begin : lower(lower(offered, taken), ends);
    }

    private static long[] lower(long[] to, long[] ends) {
        long[] lower = Arrays.copyOf(to, ends.length);
        for (int p = 0; p < ends.length; p++) {
            lower[p] = Math.min(lower[p], ends[p]);
        }
        return lower;
    }

    /// @return what waited for the group and was not sent
    List<Backlog.Entry> waiting(GroupName name) {
        Map<Long, Backlog.Entry> waiting = group(name).waiting();
        for (Remembered session : sessions.values()) {
            if (session.tenant().equals(name.tenant())) {
                session.inFlight().stream()
                        .filter(sent -> name.key().equals(sent.share()))
                        .forEach(sent -> waiting.remove(group(name).place(sent.partition(), sent.position())));
            }
        }
        return List.copyOf(waiting.values());
    }

    /// @return whether the group is still to be offered the message at that place
    boolean wants(GroupName group, int partition, long position) {
        long[] to = offeredTo;
        return (to == null || position >= to[partition]) && group(group).wants(partition, position);
    }
}
