package tributary.registry;

import java.util.function.Consumer;
import tributary.model.TenantId;

/// Says who holds what belongs to a subject and not to one credential, such as an MQTT session.
///
/// A device is its own holder, whichever token it shows. An application is known by its keys: those that have the same
/// title and the same rights, as [Credentials#replace] makes them, are one application's.
public interface Holders {
    /// Each subject is a holder of its own, and none is gone.
    Holders NONE = new Holders() {
        @Override
        public boolean same(TenantId tenant, String former, String subject) {
            return former.equals(subject);
        }

        @Override
        public boolean gone(TenantId tenant, String subject) {
            return false;
        }

        @Override
        public void onRevoked(Consumer<String> listener) {}
    };

    /// In memory: whether two subjects of a tenant are one holder.
    boolean same(TenantId tenant, String former, String subject);

    /// In memory: whether the subject is a key that was revoked or is no more. Devices are asked for elsewhere.
    boolean gone(TenantId tenant, String subject);

    /// Calls `listener` with the id of each credential that is revoked or removed, soon after; doors close sockets.
    void onRevoked(Consumer<String> listener);
}
