package tributary.broker;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.broker.RetainedStore.Kept;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.TenantId;

/// Forgets what nobody is to have any more: sessions and retained messages of devices that were removed, retained
/// messages that have expired. On the broker's thread, a look a second.
final class Sweep {
    private static final long EVERY_NANOS = 1_000_000_000L;
    private static final int EXPIRED_EVERY = 30;

    private final Commons commons;
    private final Directory directory;

    /// The version of each tenant's devices that was looked at last.
    private final Map<TenantId, Long> versions = new HashMap<>();

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
        for (TenantId tenant : directory.tenants()) {
            long version = commons.devices().version(tenant);
            Long before = versions.put(tenant, version);
            if (before == null || before != version) {
                commons.standing().changed();
            }
            if (before != null && before != version) {
                endSessions(tenant);
                expired = true;
            }
        }
        if (expired) {
            commons.retained().over(this::isOver).forEach(commons::forget);
        }
    }

    private boolean removed(TenantId tenant, @Nullable DeviceId device) {
        return device != null && !commons.devices().exists(tenant, device);
    }

    private void endSessions(TenantId tenant) {
        for (Session session : List.copyOf(directory.sessions())) {
            if (session.tenant().equals(tenant) && removed(tenant, session.device())) {
                session.end(Client.Why.REVOKED);
            }
        }
    }

    private boolean isOver(Kept kept) {
        Message message = kept.message();
        return commons.expired(message) || removed(message.tenant(), message.device());
    }
}
