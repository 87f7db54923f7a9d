package tributary.api;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.broker.Attachment.Failure;
import tributary.lake.Lake;
import tributary.model.TenantId;
import tributary.registry.Tenants;

/// Brings tenants that were removed to their end: nobody of them is connected, no sink works for them, and what
/// they sent is erased. The registry says which there are; every step may be done again, so a restart goes on where
/// it was.
///
/// What they sent is erased twice: once at once, and again when that is through, with what was under way at
/// that moment: goodbyes of connections, a rule's last word. Then goes what rules said, once all have read it,
/// and what the broker's journal has of sessions and retained messages. Owns one thread.
final class TenantRemovals implements AutoCloseable {
    /// Sessions, sinks and connections end.
    static final String STOPPING = "stopping";

    static final String DONE = "done";

    private static final Logger LOG = LoggerFactory.getLogger(TenantRemovals.class);
    private static final long LOOK_MILLIS = 500;
    private static final long CLOSE_SECONDS_MAX = 5;

    /// What was taken from a client before its tenant was removed is in the log by then.
    private static final Duration UNDER_WAY_MAX = Duration.ofSeconds(5);

    private final Stations stations;
    private final InstantSource clock;
    private final Set<TenantId> open = ConcurrentHashMap.newKeySet();

    /// Of tenants of whom only these may be left. Of the thread.
    private final Map<TenantId, Leftovers> leftovers = new HashMap<>();

    private final ScheduledExecutorService thread;
    private String trouble = "";

    /// @param said    where what rules said ended
    /// @param journal where the broker's journal ended
    private record Leftovers(long said, long journal) {}

    /// How far one is.
    ///
    /// @param phase [#STOPPING], those of [Lake.Phase] in small letters, and at last [#DONE]
    record Removal(TenantId id, Instant removedAt, String phase, Instant since) {}

    TenantRemovals(Stations stations, InstantSource clock) {
        this.stations = stations;
        this.clock = clock;
        this.thread = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("api-removals").daemon(true).factory());
        for (Tenants.Removed removed : stations.registry().tenants().removed()) {
            if (removed.erasedAt() == null) {
                open.add(removed.id());
            }
        }
        thread.scheduleWithFixedDelay(this::turn, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /// Removes a tenant. Nobody signs in to it from now on; the rest goes on by itself.
    ///
    /// @return empty where there is none
    Optional<Removal> remove(TenantId id) {
        if (!stations.registry().tenants().remove(id)) {
            return Optional.empty();
        }
        // said before anything is done, which begins once it is known as open
        Optional<Removal> removal =
                all().stream().filter(one -> one.id().equals(id)).findFirst();
        open.add(id);
        return removal;
    }

    /// @return those that are under way, and those that are done and whose names nobody has taken since
    List<Removal> all() {
        return stations.registry().tenants().removed().stream().map(this::shown).toList();
    }

    private Removal shown(Tenants.Removed removed) {
        Instant erasedAt = removed.erasedAt();
        if (erasedAt != null) {
            return new Removal(removed.id(), removed.removedAt(), DONE, erasedAt);
        }
        return wishes(removed).stream()
                .min(Comparator.comparing(Lake.Erasure::phase))
                .map(wish -> new Removal(
                        removed.id(),
                        removed.removedAt(),
                        min(wish.phase(), Lake.Phase.LOG).name().toLowerCase(Locale.ROOT),
                        Instant.ofEpochMilli(wish.changedMillis())))
                .orElseGet(() -> new Removal(removed.id(), removed.removedAt(), STOPPING, removed.removedAt()));
    }

    private static Lake.Phase min(Lake.Phase one, Lake.Phase other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /// @return the erasures of all that the tenant sent, which came after it was removed
    private List<Lake.Erasure> wishes(Tenants.Removed removed) {
        long since = removed.removedAt().toEpochMilli();
        return stations.lake().erasures(removed.id()).stream()
                .filter(wish -> wish.device() == null && wish.wishedMillis() >= since)
                .toList();
    }

    private void turn() {
        if (open.isEmpty()) {
            return;
        }
        try {
            for (Tenants.Removed removed : stations.registry().tenants().removed()) {
                if (open.contains(removed.id())) {
                    step(removed);
                }
            }
            trouble = "";
        } catch (RuntimeException e) {
            String why = String.valueOf(e.getMessage());
            if (!thread.isShutdown() && !why.equals(trouble)) {
                LOG.warn("a tenant that was removed is not at its end yet, it is tried again", e);
                trouble = why;
            }
        }
    }

    private void step(Tenants.Removed removed) {
        TenantId id = removed.id();
        List<Lake.Erasure> wishes = wishes(removed);
        boolean erased = wishes.size() > 1 && wishes.stream().allMatch(TenantRemovals::over);
        if (removed.erasedAt() == null && erased && !swept(id)) {
            return;
        }
        if (removed.erasedAt() != null || erased) {
            stations.registry().tenants().erased(id);
            open.remove(id);
            leftovers.remove(id);
            LOG.info("nothing of the removed tenant {} is left", id);
            return;
        }
        boolean late = clock.instant().isAfter(removed.removedAt().plus(UNDER_WAY_MAX));
        boolean again = wishes.size() == 1 && late && wishes.getFirst().phase().compareTo(Lake.Phase.EXPIRING) >= 0;
        if (wishes.isEmpty() || again) {
            stations.sinks().dismiss(id);
            stations.attempts().forget(id);
            stations.broker().of(id).endAll();
            if (stations.broker().of(id).figures().connected() == 0) {
                eraseNow(id);
            }
        }
    }

    /// @return whether all is gone that rules had said and the journal had when it was asked first
    private boolean swept(TenantId id) {
        Leftovers left = leftovers.computeIfAbsent(
                id,
                _ -> new Leftovers(stations.rules().forget(), stations.broker().forget()));
        return stations.rules().isForgotten(left.said()) && stations.broker().isForgotten(left.journal());
    }

    private void eraseNow(TenantId id) {
        CompletableFuture<Optional<Failure>> forgotten = new CompletableFuture<>();
        stations.broker().of(id).erase(null, failure -> forgotten.complete(Optional.ofNullable(failure)));
        RetainedRoutes.await(forgotten, "whether messages in sessions and retained ones are erased");
        stations.lake().erase(id, null);
    }

    private static boolean over(Lake.Erasure wish) {
        return wish.phase() == Lake.Phase.DONE;
    }

    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS)) {
                LOG.warn("the removal of a tenant was stopped in the middle; the next start goes on with it");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
