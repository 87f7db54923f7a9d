package tributary.registry;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tributary.model.TenantId;

/// Limits that hold for one tenant in place of those of the settings. Who enforces a limit asks here each time, or
/// listens for changes, so that a new one holds for what is under way.
public interface TenantLimits {
    /// No tenant has a limit of its own.
    TenantLimits NONE = new NoTenantLimits();

    /// What is limited for each tenant.
    enum Limit {
        DEVICES("devices", "registry.devices-per-tenant", 1, 10_000_000, "devices; further ones are refused"),
        SENSORS(
                "sensors",
                "registry.sensors-per-tenant",
                1,
                100_000_000,
                "sensors; further ones are stored, but not listed"),
        MESSAGE_RATE(
                "messageRate",
                "intake.tenant-rate",
                0,
                100_000_000,
                "messages a second of all clients together, 0 for no limit"),
        DEVICE_RATE(
                "deviceRate", "intake.device-rate", 0, 100_000_000, "messages a second of one device, 0 for no limit"),
        SESSIONS("sessions", "broker.sessions-max", 0, 10_000_000, "MQTT sessions that outlive their connection"),
        RETAINED("retained", "broker.retained-max", 0, 100_000_000, "retained messages"),
        RETAINED_BYTES(
                "retainedBytes", "broker.retained-bytes-max", 0, 1L << 40, "bytes of payload of retained messages"),
        STREAMS("streams", "api.streams-per-tenant-max", 1, 10_000, "live streams at once");

        private final String label;
        private final String setting;
        private final long least;
        private final long most;
        private final String meaning;

        Limit(String label, String setting, long least, long most, String meaning) {
            this.label = label;
            this.setting = setting;
            this.least = least;
            this.most = most;
            this.meaning = meaning;
        }

        /// @return its name in REST, on the command line and in the database
        public String label() {
            return label;
        }

        /// @return the setting that holds for tenants without a limit of their own
        public String setting() {
            return setting;
        }

        /// @return the least that may be set
        public long least() {
            return least;
        }

        /// @return the most that may be set
        public long most() {
            return most;
        }

        /// @return what is limited, in words
        public String meaning() {
            return meaning;
        }

        /// @return the limit of that name
        public static Optional<Limit> named(String label) {
            return Stream.of(values()).filter(one -> one.label.equals(label)).findFirst();
        }
    }

    /// In memory: all limits that tenants have of their own. Immutable; a change makes another one.
    Map<TenantId, Map<Limit, Long>> all();

    /// Replaces the limits of a tenant; what is not among them is as the settings say. Durable when it returns, and
    /// listeners have heard it.
    ///
    /// @return whether there is such a tenant
    /// @throws IllegalArgumentException where a value is not what may be set
    boolean set(TenantId tenant, Map<Limit, Long> limits);

    /// Calls `listener` after each change, one call at a time; it reads [#all] and does not wait for anything.
    void onChange(Runnable listener);

    /// In memory: what holds for a tenant.
    ///
    /// @param usual what the setting says
    default long of(TenantId tenant, Limit limit, long usual) {
        Map<Limit, Long> own = all().get(tenant);
        Long value = own == null ? null : own.get(limit);
        return value == null ? usual : value;
    }

    /// In memory: the name for people of what holds for a tenant: the setting's, or that of its own limit.
    default String nameFor(TenantId tenant, Limit limit) {
        return all().getOrDefault(tenant, Map.of()).containsKey(limit)
                ? "the tenant's own limit '" + limit.label() + "'"
                : limit.setting();
    }
}
