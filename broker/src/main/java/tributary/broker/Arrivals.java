package tributary.broker;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Fault;
import tributary.model.TenantId;
import tributary.registry.Principal;
import tributary.registry.TenantLimits.Limit;

/// Gives clients that connect their sessions.
final class Arrivals {
    private final Broker broker;
    private final Commons commons;
    private final Directory directory;
    private final AtomicInteger numbers = new AtomicInteger();

    Arrivals(Broker broker, Commons commons, Directory directory) {
        this.broker = broker;
        this.commons = commons;
        this.directory = directory;
    }

    /// @param highest number that a session ever had
    void goOn(int highest) {
        numbers.set(highest);
    }

    /// Opens a session for a client that connected, or gives it the one that it had. A client that has it is told; one
    /// of another subject keeps it.
    ///
    /// @param then hears the answer: at once where nothing has to be remembered, else on the client's thread
    void connect(Arrival arrival, Consumer<Welcome> then) {
        TenantId tenant = arrival.principal().tenant();
        long expires = Math.min(
                arrival.expirySeconds(), commons.settings().sessionExpiryMax().toSeconds());
        while (true) {
            Session before = directory.session(tenant, arrival.clientId());
            if (before != null && commons.holders().gone(tenant, before.subject())) {
                before.end(Client.Why.REVOKED);
                continue;
            }
            if (before != null && !sameHolder(before, arrival.principal())) {
                then.accept(new Welcome.Occupied());
                return;
            }
            DeviceId device = arrival.principal().device();
            int deviceMax = commons.settings().deviceSessionsMax();
            if (before == null && device != null && directory.sessionCount(tenant, device) >= deviceMax) {
                then.accept(new Welcome.Unavailable(
                        false,
                        "device '" + device + "' has " + deviceMax + " sessions (broker.sessions-per-device); close"
                                + " connections or end sessions that are not used, or give each client a device of"
                                + " its own"));
                return;
            }
            if (before == null && expires > 0 && full(tenant)) {
                then.accept(new Welcome.Unavailable(
                        false,
                        "the tenant has " + max(tenant) + " sessions that outlive their connection ("
                                + commons.limits().nameFor(tenant, Limit.SESSIONS) + "); connect with a"
                                + " session expiry of 0, or end sessions that are not used"));
                return;
            }
            Session session = before != null && !arrival.cleanStart() && before.resumable() ? before : null;
            boolean resumed = session != null;
            if (session == null) {
                session = new Session(
                        broker,
                        commons,
                        numbers.incrementAndGet(),
                        tenant,
                        arrival.clientId(),
                        arrival.principal().subject(),
                        broker.ends());
            }
            if (!resumed && !directory.put(before, session)) {
                continue;
            }
            boolean lingers = before != null || directory.lingers(tenant, arrival.clientId());
            if (!resumed && lingers && !commons.has(Flaw.REVIVE)) {
                session.chronicle().replaces();
            }
            if (!resumed && before != null) {
                before.end(Client.Why.TAKEN_OVER);
            }
            Admission admission = new Admission(arrival.outlet(), then, resumed, expires);
            Attachment attachment = session.attach(arrival, expires, admission);
            if (attachment != null) {
                admission.attached(attachment);
                return;
            }
        }
    }

    private boolean sameHolder(Session before, Principal now) {
        String former = before.subject();
        return former.equals(now.subject()) || commons.holders().same(now.tenant(), former, now.subject());
    }

    private long max(TenantId tenant) {
        return commons.limits().of(tenant, Limit.SESSIONS, commons.settings().sessionsMax());
    }

    private boolean full(TenantId tenant) {
        return commons.tally().of(tenant).lasting.sum() >= max(tenant);
    }

    /// Answers an arrival when both the session and the disk have spoken.
    private static final class Admission implements Journal.Done {
        private final Outlet outlet;
        private final Consumer<Welcome> then;
        private final boolean resumed;
        private final long expires;
        private final AtomicInteger open = new AtomicInteger(2);
        private volatile @Nullable Attachment attachment;
        private volatile Welcome.@Nullable Unavailable unavailable;

        Admission(Outlet outlet, Consumer<Welcome> then, boolean resumed, long expires) {
            this.outlet = outlet;
            this.then = then;
            this.resumed = resumed;
            this.expires = expires;
        }

        void attached(Attachment to) {
            attachment = to;
            if (open.decrementAndGet() == 0) {
                answer();
            }
        }

        @Override
        public void done(@Nullable Fault fault, String detail) {
            if (fault != null) {
                unavailable = new Welcome.Unavailable(true, "the session cannot be kept: " + detail);
            }
            if (open.decrementAndGet() == 0) {
                outlet.execute(this::answer);
            }
        }

        private void answer() {
            Attachment to = Objects.requireNonNull(attachment, "attached");
            Welcome.Unavailable no = unavailable;
            if (no != null) {
                to.refuse(resumed); // a session that was there before outlives a full disk
                then.accept(no);
            } else {
                to.admit();
                then.accept(new Welcome.Attached(to, resumed, expires));
            }
        }
    }
}
