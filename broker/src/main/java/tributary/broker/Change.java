package tributary.broker;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.TenantId;

/// One step in the life of a session that outlives its connection, as the journal keeps it. Applying a change a
/// second time changes nothing, because what is in memory may be ahead of what the journal has when its state
/// is noted.
///
/// `number` is the session's in the journal: short, and never used again.
sealed interface Change {
    /// A change of one session.
    sealed interface OfSession extends Change {
        int number();
    }

    /// All that is known of a session at this point; what came before does not matter any more.
    ///
    /// @param connected     whether a client is there
    /// @param detachedAt    microseconds since 1970 at which the client left, or 0
    /// @param connection    number of the connection, the latest
    /// @param will          what is to be published when the client is gone, or null
    /// @param due           wills whose time has come and that the log may not have yet
    /// @param born          by partition, the log's end when the session began
    /// @param waiting       may be a view, good only while the session is locked
    /// @param offeredTo     by partition, up to where the log was searched for messages of the session
    record State(
            int number,
            TenantId tenant,
            String clientId,
            String subject,
            String device,
            long expirySeconds,
            boolean connected,
            long detachedAt,
            int connection,
            @Nullable Will will,
            List<Will> due,
            long[] born,
            List<Listening> subscriptions,
            List<Sent> inFlight,
            List<Taken> taken,
            List<Taken> released,
            Collection<Backlog.Entry> waiting,
            long[] offeredTo)
            implements OfSession {}

    /// A client came to its session, or made a new one.
    record Attached(
            int number,
            TenantId tenant,
            String clientId,
            String subject,
            String device,
            long expirySeconds,
            int connection,
            @Nullable Will will,
            long[] born)
            implements OfSession {}

    /// The client left.
    ///
    /// @param willing whether its will is still to be published
    record Detached(int number, long at, long expirySeconds, boolean willing) implements OfSession {}

    /// The session is no more.
    record Ended(int number) implements OfSession {}

    /// @param listening a subscription, new or in place of one with the same key
    record Subscribed(int number, Listening listening) implements OfSession {}

    record Unsubscribed(int number, Subscription.Key key) implements OfSession {}

    /// A subscription and from where it counts.
    record Listening(Subscription subscription, Since since) {}

    /// A message was given a packet identifier and is about to be sent.
    ///
    /// @param state what the client has to answer next
    /// @param share the group that it came from, or null
    record Sent(
            int number,
            int packetId,
            int qos,
            Window.State state,
            boolean retained,
            int partition,
            long position,
            Subscription.@Nullable Key share)
            implements OfSession {}

    /// PUBREC came: the client has the message of QoS 2.
    record Received(int number, int packetId) implements OfSession {}

    /// The client is done with the message of that packet identifier.
    record Completed(int number, int packetId, int partition, long position) implements OfSession {}

    /// The client did not get the message through, and another member of the group is to have it.
    record Returned(int number, int packetId, int partition, long position, Subscription.Key share)
            implements OfSession {}

    /// PUBREL came: the client will not send this QoS 2 publish again.
    record Released(int number, Taken publish) implements OfSession {}

    /// A QoS 2 publish of the client, by its packet identifier and its place in the log.
    record Taken(int packetId, int partition, long position) {}

    /// The time of a will has come: whatever becomes of its session, it is published.
    record WillDue(int number, Will will) implements OfSession {}

    /// The will of that connection has been published, or will never be.
    record WillSettled(int number, int connection) implements OfSession {}

    /// Up to these positions of the log all is noted: messages offered to sessions, retained messages,
    /// publishes of QoS 2.
    ///
    /// @param offeredTo by partition, for sessions, groups and retained messages
    /// @param takenTo   by partition, for publishes of QoS 2; not beyond `offeredTo`
    record Progress(long[] offeredTo, long[] takenTo) implements Change {}

    /// What waits for a group that shares a subscription.
    ///
    /// @param anew whether changes were dropped before: what members were sent and gave back counts no more, and
    ///     what is under way to them at QoS 1 is among what waits
    record GroupState(
            TenantId tenant, Subscription.Key key, List<Backlog.Entry> waiting, long[] offeredTo, boolean anew)
            implements Change {}

    /// A message of QoS 2 that a group handed over ends with its member, whose session is over or ends with a crash:
    /// nobody else is to have it.
    ///
    /// @param back whether it was not sent after all, and is the group's again
    record Spent(TenantId tenant, Subscription.Key key, int partition, long position, boolean back) implements Change {}

    /// A topic's retained message; an empty payload means that there is none any more.
    record Kept(Message message, int partition, long position) implements Change {}

    /// Messages of a device, or of a whole tenant, are erased, up to some place in the log: nobody hears them any
    /// more.
    ///
    /// @param device or "" for all of the tenant
    /// @param before by partition
    record Erased(TenantId tenant, String device, long[] before) implements Change {
        /// @return whether the message at that place is among them
        boolean has(Message message, int partition, long position) {
            DeviceId of = message.device();
            return message.tenant().equals(tenant)
                    && (device.isEmpty() || of != null && of.value().equals(device))
                    && partition < before.length
                    && position < before[partition];
        }
    }
}
