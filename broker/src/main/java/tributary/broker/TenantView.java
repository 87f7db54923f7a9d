package tributary.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tributary.broker.Attachment.Failure;
import tributary.log.Receipt;
import tributary.model.DeviceId;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.model.TopicFilter;

/// What one tenant's owner sees of the broker, and may change there. Nothing of another tenant can be reached from it.
public final class TenantView {
    private final TenantId tenant;
    private final Broker broker;
    private final Directory directory;
    private final Commons commons;

    TenantView(TenantId tenant, Broker broker, Directory directory, Commons commons) {
        this.tenant = tenant;
        this.broker = broker;
        this.directory = directory;
        this.commons = commons;
    }

    /// Which sessions are asked for.
    ///
    /// @param text      part of the client id, or "" for any
    /// @param connected whether a client has to be there or must not, or null where both will do
    /// @param after     only client ids behind this one, or "" from the first on
    public record Filter(String text, @Nullable Boolean connected, String after) {
        private boolean admits(Session session) {
            return session.clientId().compareTo(after) > 0
                    && session.clientId().contains(text)
                    && (connected == null || connected == session.view().connected());
        }
    }

    /// @param max how many at most
    /// @return sessions in order of their client ids
    public List<SessionView> sessions(Filter filter, int max) {
        return own().filter(filter::admits)
                .sorted(Comparator.comparing(Session::clientId))
                .limit(max)
                .map(Session::view)
                .toList();
    }

    public Optional<SessionView> session(String clientId) {
        return Optional.ofNullable(directory.session(tenant, clientId)).map(Session::view);
    }

    /// @param topic     of the message at that place
    /// @param partition of the log
    /// @return what became of a message for each session that listens to it; members of groups are left out
    public List<Heard> heard(Topic topic, int partition, long position) {
        return own().map(session -> session.heard(topic, partition, position))
                .filter(Objects::nonNull)
                .sorted(Comparator.comparing(Heard::clientId))
                .toList();
    }

    /// Ends a session for good: nothing of it is left, its client is disconnected, its will is published.
    ///
    /// @return whether there was one
    public boolean end(String clientId) {
        Session session = directory.session(tenant, clientId);
        if (session == null) {
            return false;
        }
        session.end(Client.Why.ENDED);
        return true;
    }

    /// Ends all sessions for good, as of somebody who lost the right: no will is published.
    public void endAll() {
        own().forEach(session -> session.end(Client.Why.REVOKED));
    }

    /// @param after only topics behind this one, or "" from the first on
    /// @param max   how many at most
    /// @return retained messages in order of their topics
    public List<Message> retained(TopicFilter filter, String after, int max) {
        return commons.retained().list(tenant, filter, after, max);
    }

    /// @param bytes of a payload
    /// @return why the message could not be retained now, or null where it could
    public @Nullable String cannotRetain(Topic topic, int bytes) {
        return commons.retained().full(tenant, topic, bytes);
    }

    /// Removes the retained message of a topic, as publishing an empty one there does: subscribers hear that.
    ///
    /// @param done hears that new subscribers do not get it any more, or why it cannot be removed
    /// @return whether there was one; `done` hears nothing otherwise
    public boolean forget(Topic topic, Consumer<@Nullable Failure> done) {
        Message kept = commons.retained().at(tenant, topic);
        if (kept == null) {
            return false;
        }
        Message empty = new Message(
                tenant,
                kept.device(),
                topic,
                new byte[0],
                commons.nowMicros(),
                Message.Origin.PLATFORM,
                "",
                1,
                true,
                MessageProperties.NONE);
        commons.log().append(empty, new Receipt() {
            @Override
            public void durable(int partition, long position) {
                long[] until = new long[commons.log().partitions()];
                until[partition] = position + 1;
                broker.whenRead(until, () -> done.accept(null));
            }

            @Override
            public void refused(Fault fault, String detail) {
                done.accept(new Failure(fault, detail));
            }
        });
        return true;
    }

    /// Erases the messages of a device, or of the whole tenant, that were published until now: those that are
    /// retained go, and those that wait for sessions and groups are not delivered. Subscribers are not told. What a
    /// client was being sent already is told to its end. The journal's files that have retained ones go soon
    /// after.
    ///
    /// @param device or null for all
    /// @param done   hears that a crash would not bring them back, or why that is not known
    public void erase(@Nullable DeviceId device, Consumer<@Nullable Failure> done) {
        long[] until = broker.ends();
        broker.after(
                Duration.ZERO,
                () -> broker.whenRead(until, () -> {
                    commons.retained()
                            .over(kept -> isOf(kept.message(), device))
                            .forEach(commons::forget);
                    Change.Erased erased = new Change.Erased(tenant, device == null ? "" : device.value(), until);
                    commons.standing().erased().add(erased);
                    commons.journal().note(erased);
                    commons.journal().whenNoted(Journal.NO_SESSION, (fault, detail) -> {
                        broker.forget();
                        done.accept(fault == null ? null : new Failure(fault, detail));
                    });
                }));
    }

    private boolean isOf(Message message, @Nullable DeviceId device) {
        return message.tenant().equals(tenant) && (device == null || device.equals(message.device()));
    }

    /// @return how many sessions outlive their connection
    public int lasting() {
        return (int) commons.tally().of(tenant).lasting.sum();
    }

    public TenantFigures figures() {
        int connected = 0;
        int subscriptions = 0;
        long waiting = 0;
        long waitingBytes = 0;
        long dropped = 0;
        List<Session> sessions = own().toList();
        for (Session session : sessions) {
            SessionView view = session.view();
            connected += view.connected() ? 1 : 0;
            subscriptions += view.subscriptions().size();
            waiting += view.waiting();
            waitingBytes += view.waitingBytes();
            dropped += view.dropped();
        }
        return new TenantFigures(
                connected,
                sessions.size() - connected,
                subscriptions,
                waiting,
                waitingBytes,
                dropped,
                commons.retained().count(tenant),
                commons.retained().bytes(tenant));
    }

    private Stream<Session> own() {
        return new ArrayList<>(directory.sessions())
                .stream().filter(session -> session.tenant().equals(tenant));
    }
}
