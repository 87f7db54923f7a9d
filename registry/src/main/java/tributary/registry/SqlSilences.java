package tributary.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tributary.model.DeviceId;
import tributary.model.TenantId;

/// Silences in the database, with those of tenants that were asked about in memory.
final class SqlSilences implements Silences {
    private static final int WHAT_BYTES_MAX = 2_000;
    private static final int REASON_BYTES_MAX = 2_000;
    private static final Duration KEEP = Duration.ofDays(30);

    private final Database database;
    private final Devices devices;
    private final Map<TenantId, List<Silence>> known = new ConcurrentHashMap<>();

    SqlSilences(Database database, Devices devices) {
        this.database = database;
        this.devices = devices;
    }

    @Override
    public Silence add(Silence silence) {
        Checked.text("what a silence is about", silence.what(), WHAT_BYTES_MAX);
        Checked.text("the reason of a silence", silence.reason(), REASON_BYTES_MAX);
        if (silence.what().isEmpty()) {
            throw new IllegalArgumentException("a silence is about a device, a type or a label");
        }
        if (silence.kind() == Kind.LABEL && silence.what().indexOf('=') < 1) {
            throw new IllegalArgumentException("a label is written name=value, was '" + silence.what() + "'");
        }
        if (!silence.from().isBefore(silence.to())) {
            throw new IllegalArgumentException("a silence ends after it begins");
        }
        return database.write(handle -> {
            handle.createUpdate("DELETE FROM silence WHERE tenant = :tenant AND ends < :before")
                    .bind("tenant", silence.tenant().value())
                    .bind("before", silence.createdAt().minus(KEEP).toEpochMilli())
                    .execute();
            int count = handle.createQuery("SELECT COUNT(*) FROM silence WHERE tenant = :tenant")
                    .bind("tenant", silence.tenant().value())
                    .mapTo(Integer.class)
                    .one();
            if (count >= PER_TENANT_MAX) {
                throw new IllegalArgumentException(
                        "a tenant has at most %,d silences; remove some first".formatted(PER_TENANT_MAX));
            }
            handle.createUpdate(
                            "INSERT INTO silence (id, tenant, kind, what, begins, ends, reason, created, created_by)"
                                    + " VALUES (:id, :tenant, :kind, :what, :begins, :ends, :reason, :created, :by)")
                    .bind("id", silence.id())
                    .bind("tenant", silence.tenant().value())
                    .bind("kind", silence.kind().slug())
                    .bind("what", silence.what())
                    .bind("begins", silence.from().toEpochMilli())
                    .bind("ends", silence.to().toEpochMilli())
                    .bind("reason", silence.reason())
                    .bind("created", silence.createdAt().toEpochMilli())
                    .bind("by", silence.createdBy())
                    .execute();
            return new Database.Written<>(silence, () -> known.remove(silence.tenant()));
        });
    }

    @Override
    public boolean remove(TenantId tenant, String id) {
        return Checked.storable(id)
                && database.write(handle -> {
                    int removed = handle.createUpdate("DELETE FROM silence WHERE tenant = :tenant AND id = :id")
                            .bind("tenant", tenant.value())
                            .bind("id", id)
                            .execute();
                    return new Database.Written<>(removed == 1, () -> known.remove(tenant));
                });
    }

    /// A tenant was removed: whoever gets its name has silences of its own.
    void forget(TenantId tenant) {
        known.remove(tenant);
    }

    @Override
    public List<Silence> all(TenantId tenant) {
        return database.read(handle -> handle.createQuery("SELECT id, tenant, kind, what, begins, ends, reason,"
                        + " created, created_by FROM silence WHERE tenant = :tenant ORDER BY ends DESC, id")
                .bind("tenant", tenant.value())
                .map((row, _) -> silence(row))
                .list());
    }

    @Override
    public boolean covers(TenantId tenant, String device, Instant at) {
        List<Silence> then = known.computeIfAbsent(tenant, this::all).stream()
                .filter(silence -> !at.isBefore(silence.from()) && at.isBefore(silence.to()))
                .toList();
        if (then.isEmpty() || !DeviceId.valid(device)) {
            return false;
        }
        if (then.stream()
                .anyMatch(silence ->
                        silence.kind() == Kind.DEVICE && silence.what().equals(device))) {
            return true;
        }
        return devices.find(tenant, new DeviceId(device))
                .filter(found -> then.stream().anyMatch(silence -> isOf(silence, found)))
                .isPresent();
    }

    private static boolean isOf(Silence silence, Device device) {
        return switch (silence.kind()) {
            case DEVICE -> device.id().value().equals(silence.what());
            case TYPE -> device.type().equals(silence.what());
            case LABEL -> {
                int equal = silence.what().indexOf('=');
                String value = device.labels().get(silence.what().substring(0, equal));
                yield silence.what().substring(equal + 1).equals(value);
            }
        };
    }

    private static Silence silence(ResultSet row) throws SQLException {
        return new Silence(
                row.getString("id"),
                new TenantId(row.getString("tenant")),
                Kind.of(row.getString("kind")),
                row.getString("what"),
                Instant.ofEpochMilli(row.getLong("begins")),
                Instant.ofEpochMilli(row.getLong("ends")),
                row.getString("reason"),
                Instant.ofEpochMilli(row.getLong("created")),
                row.getString("created_by"));
    }
}
