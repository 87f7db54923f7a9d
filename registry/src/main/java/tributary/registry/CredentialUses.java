package tributary.registry;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.Micros;

/// When credentials were last accepted. Noted in memory by whoever verifies; a thread writes it down once a minute and
/// at the end, so a crash costs the last minute.
final class CredentialUses implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CredentialUses.class);
    private static final long WRITE_EVERY_SECONDS = 60;
    private static final long EXACT_MICROS = 1_000_000;

    private final Database database;
    private final World world;
    private final Map<String, Long> fresh = new ConcurrentHashMap<>();
    private final ScheduledThreadPoolExecutor writer = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("credential-uses").daemon(true).factory());

    CredentialUses(Database database, World world) {
        this.database = Objects.requireNonNull(database, "database");
        this.world = Objects.requireNonNull(world, "world");
    }

    void start() {
        writer.scheduleWithFixedDelay(this::tryToWrite, WRITE_EVERY_SECONDS, WRITE_EVERY_SECONDS, TimeUnit.SECONDS);
    }

    /// Any thread.
    void note(String credential) {
        long now = world.nowMicros();
        Long before = fresh.get(credential);
        if (before == null || now - before >= EXACT_MICROS) {
            fresh.put(credential, now);
        }
    }

    /// @param written what the database says
    @Nullable
    Instant last(String credential, @Nullable Instant written) {
        Long micros = fresh.get(credential);
        return micros == null ? written : Micros.instant(micros);
    }

    private void tryToWrite() {
        try {
            write();
        } catch (RuntimeException e) {
            LOG.warn("when credentials were last used could not be written down; it is tried again", e);
        }
    }

    private void write() {
        Map<String, Long> noted = Map.copyOf(fresh);
        if (noted.isEmpty()) {
            return;
        }
        database.write(handle -> {
            PreparedBatch batch = handle.prepareBatch(
                    "UPDATE credential SET used = :used WHERE id = :id AND (used IS NULL OR used < :used)");
            noted.forEach((id, used) -> batch.bind("id", id).bind("used", used).add());
            batch.execute();
            return Database.Written.only(true);
        });
        noted.forEach(fresh::remove);
    }

    @Override
    public void close() {
        writer.shutdownNow();
        tryToWrite();
    }
}
