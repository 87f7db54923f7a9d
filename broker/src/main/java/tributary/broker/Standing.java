package tributary.broker;

import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.registry.Devices;

/// Whether messages may still be heard: whether the devices that they are of exist, and nobody erased them. The
/// former is asked once for each message and not again for every client that gets it: the answer counts until the
/// devices of some tenant change, which [Sweep] looks for every second. From all threads.
final class Standing {
    private final Devices devices;
    private final Erased erased = new Erased();

    /// Answers of this round count. Only the broker's thread counts on.
    private volatile int round = 1;

    Standing(Devices devices) {
        this.devices = devices;
    }

    /// @return what was erased
    Erased erased() {
        return erased;
    }

    /// @return whether the message is of a device that was removed, or was erased
    boolean isLost(Delivery delivery) {
        Message message = delivery.message();
        if (erased.has(message, delivery.partition(), delivery.position())) {
            return true;
        }
        DeviceId device = message.device();
        if (device == null) {
            return false;
        }
        int now = round; // before asking: a change that comes meanwhile begins another round
        if (delivery.standsIn() == now) {
            return false;
        }
        if (!devices.exists(message.tenant(), device)) {
            return true;
        }
        delivery.stands(now);
        return false;
    }

    /// The devices of a tenant changed: nothing that was answered counts any more.
    @SuppressWarnings("NonAtomicVolatileUpdate") // by one thread
    void changed() {
        round++;
    }
}
