package tributary.broker;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import tributary.broker.RetainedStore.Kept;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.TenantId;

/// Forgets what nobody is to have any more: sessions and retained messages of devices that were removed,
/// sessions of keys that were revoked, retained messages that have expired. On the broker's thread, a look a second.
final class Sweep {
    private static final long EVERY_NANOS = 1_000_000_000L;
    private static final int EXPIRED_EVERY = 30;

    private final Commons commons;
    private final Directory directory;

    /// The version of each tenant's devices that was looked at last.
    private final Map<TenantId, Long> versions = new HashMap<>();

    /// Whether a key was revoked since the last look; at the start one may have been that nobody has looked at.
    private final AtomicBoolean keysChanged = new AtomicBoolean(true);

    private long lookedAt;
    private int looks;

    Sweep(Commons commons, Directory directory) {
        this.commons = commons;
        this.directory = directory;
    }

    void turn(long nanos) {
        if (nanos - lookedAt < EVERY_NANOS) {
            return;
        }
        lookedAt = nanos;
        commons.ages().follow();
        boolean expired = looks++ % EXPIRED_EVERY == 0;
        Set<TenantId> changed = new HashSet<>(0);
        for (TenantId tenant : directory.tenants()) {
            long version = commons.devices().version(tenant);
            Long before = versions.put(tenant, version);
            if (before == null || before != version) {
                changed.add(tenant);
                expired |= before != null;
            }
        }
        boolean keys = keysChanged.getAndSet(false);
        if (!changed.isEmpty()) {
            commons.standing().changed();
        }
        if (!changed.isEmpty() || keys) {
            endSessions(changed, keys);
        }
        if (expired) {
            commons.retained().over(this::isOver).forEach(commons::forget);
        }
    }

    private boolean removed(TenantId tenant, @Nullable DeviceId device) {
        return device != null && !commons.devices().exists(tenant, device);
    }

    /// Ends what belongs to nobody any more. A tenant that is looked at for the first time counts as changed: what was
    /// removed just before the process ended, nobody has looked at.
    ///
    /// @param changed tenants whose devices changed
    /// @param keys    whether a key was revoked
    private void endSessions(Set<TenantId> changed, boolean keys) {
        for (Session session : List.copyOf(directory.sessions())) {
            TenantId tenant = session.tenant();
            boolean ofRemoved = changed.contains(tenant) && removed(tenant, session.device());
            if (ofRemoved || keys && commons.holders().gone(tenant, session.subject())) {
                session.end(Client.Why.REVOKED);
            }
        }
    }

    /// A key was revoked: its sessions are looked at soon. From any thread.
    void keyRevoked() {
        keysChanged.set(true);
    }

    private boolean isOver(Kept kept) {
        Message message = kept.message();
        return commons.expired(message) || removed(message.tenant(), message.device());
    }
}
