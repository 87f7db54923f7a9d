package tributary.broker;

import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.registry.Devices;

/// Whether the devices that messages are of still exist. Asked once for each message and not again for every
/// client that gets it: the answer counts until the devices of some tenant change, which [Sweep] looks for
/// every second. From all threads.
final class Standing {
    private final Devices devices;

    /// Answers of this round count. Only the broker's thread counts on.
    private volatile int round = 1;

    Standing(Devices devices) {
        this.devices = devices;
    }

    /// @return whether the message is of a device that was removed
    boolean isLost(Delivery delivery) {
        Message message = delivery.message();
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
