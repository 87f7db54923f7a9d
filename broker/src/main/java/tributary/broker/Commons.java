package tributary.broker;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import tributary.broker.RetainedStore.Kept;
import tributary.log.Log;
import tributary.model.Message;
import tributary.model.TenantId;
import tributary.registry.Devices;
import tributary.registry.Holders;
import tributary.registry.TenantLimits;

/// What sessions and groups work with.
record Commons(
        Log log,
        Journal journal,
        Fetcher fetcher,
        RetainedStore retained,
        Devices devices,
        TenantLimits limits,
        Holders holders,
        Standing standing,
        Ages ages,
        BrokerSettings settings,
        Tally tally,
        Set<Flaw> flaws) {
    /// Counts since start, added to from all threads.
    static final class Tally {
        final LongAdder matched = new LongAdder();
        final LongAdder deliveries = new LongAdder();
        final LongAdder dropped = new LongAdder();
        final LongAdder expired = new LongAdder();
        final LongAdder spilled = new LongAdder();
        final LongAdder fetched = new LongAdder();
        final LongAdder wills = new LongAdder();
        private final Map<TenantId, TenantTally> tenants = new ConcurrentHashMap<>();

        /// @return the counts of one tenant
        TenantTally of(TenantId tenant) {
            return tenants.computeIfAbsent(tenant, _ -> new TenantTally());
        }

        Map<TenantId, Long> received() {
            Map<TenantId, Long> received = new HashMap<>();
            tenants.forEach((tenant, tally) -> received.put(tenant, tally.received.sum()));
            return received;
        }
    }

    /// Ends a retained message as an empty one would, but tells nobody. On the broker's thread.
    void forget(Kept kept) {
        Message message = kept.message();
        Message empty = new Message(
                message.tenant(),
                message.device(),
                message.topic(),
                new byte[0],
                message.receivedMicros(),
                message.origin(),
                message.publisher(),
                message.qos(),
                true,
                message.properties());
        Kept end = new Kept(empty, kept.partition(), kept.position());
        if (retained.put(end)) {
            journal.note(Notes.change(end));
        }
    }

    boolean has(Flaw flaw) {
        return flaws.contains(flaw);
    }

    long nowMicros() {
        return ages.nowMicros();
    }

    /// @return whether the message has waited for a session for too long
    boolean tooOld(Delivery delivery) {
        return ages.of(delivery.message().receivedMicros())
                > settings.sessionAgeMax().toMillis() * 1000;
    }

    /// @return whether the message's time is over
    boolean expired(Message message) {
        long expirySeconds = message.properties().expirySeconds();
        return expirySeconds >= 0 && ages.of(message.receivedMicros()) >= expirySeconds * 1_000_000;
    }

    /// @return whether nobody is to hear the message any more: it has expired, was erased, or is of a device that was
    ///     removed
    boolean stale(Delivery delivery) {
        if (expired(delivery.message())) {
            tally.expired.increment();
            return true;
        }
        return standing.isLost(delivery);
    }
}
