package tributary.sinks;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.TenantId;
import tributary.registry.SinkDefinitions.SinkDefinition;

/// Sees to it that no sink holds the outbox of all: tells it what is delivered, and where that leaves it crowded,
/// moves what waits into files of the sinks that it waits for. For one thread, except where said.
///
/// What does not fit into a sink's files, or into those of all sinks of its tenant together, is dropped from their old
/// end, counted and told. So the sink of one tenant costs another nothing, however long it is away.
final class Relief {
    private static final Logger LOG = LoggerFactory.getLogger(Relief.class);
    private static final long BYTES_AT_ONCE = 8 << 20;
    private static final Duration TELL_EVERY = Duration.ofMinutes(10);

    private final SharedParcels parcels;
    private final Sinks.Losses losses;
    private final InstantSource clock;
    private final long tenantMax;
    private final Map<String, Told> told = new HashMap<>();
    private String trouble = "";
    private volatile boolean closing;

    /// Before it everything that is not delivered is in files. Read by the sinks' threads.
    private volatile long moved;

    /// A sink that reads.
    interface Waiting {
        SinkDefinition definition();

        Spool spool();

        /// @return everything before it is delivered, whatever crashes
        long safe();

        /// @return everything before it is delivered now, which a power cut may take back
        long reached();
    }

    private record Told(long count, Instant at) {}

    Relief(SharedParcels parcels, Sinks.Losses losses, InstantSource clock, long tenantMax) {
        this.parcels = parcels;
        this.losses = losses;
        this.clock = clock;
        this.tenantMax = tenantMax;
        this.moved = parcels.start();
    }

    /// For any thread.
    ///
    /// @return what a sink reads from
    Parcels line(Spool spool) {
        return new Line(parcels, spool, () -> moved);
    }

    /// One round.
    ///
    /// @param changing held while sinks come and go
    void tend(Collection<? extends Waiting> sinks, Lock changing) {
        changing.lock();
        try {
            release(sinks);
            tell(sinks);
        } finally {
            changing.unlock();
        }
        long end = parcels.end();
        boolean more = parcels.crowded();
        while (more && moved < end && !closing) {
            changing.lock();
            try {
                more = move(sinks);
            } finally {
                changing.unlock();
            }
        }
    }

    /// Ends the round that is under way. For any thread.
    void stop() {
        closing = true;
    }

    private void release(Collection<? extends Waiting> sinks) {
        long least = parcels.end();
        for (Waiting sink : sinks) {
            long safe = sink.safe();
            least = Math.min(least, safe);
            try {
                sink.spool().trim(safe);
            } catch (IOException e) {
                LOG.warn("files of sink {} that are delivered cannot be removed: {}", name(sink), e.getMessage());
            }
        }
        parcels.release(Math.max(least, moved));
    }

    /// Moves the next parcels.
    ///
    /// @return whether there may be more
    private boolean move(Collection<? extends Waiting> sinks) {
        Parcels.Page page = gather();
        if (page.next() <= moved) {
            return false;
        }
        Map<TenantId, Map<String, List<Parcel>>> waiting = page.parcels().stream()
                .collect(
                        Collectors.groupingBy(Parcel::tenant, LinkedHashMap::new, Collectors.groupingBy(Parcel::sink)));
        for (Waiting sink : sinks) {
            long safe = sink.safe();
            List<Parcel> its = waiting
                    .getOrDefault(sink.definition().tenant(), Map.of())
                    .getOrDefault(sink.definition().name(), List.of())
                    .stream()
                    .filter(parcel -> parcel.position() >= safe)
                    .toList();
            if (!its.isEmpty() && !taken(sink, its)) {
                return false;
            }
        }
        shareFairly(sinks);
        moved = page.next();
        parcels.release(moved);
        trouble = "";
        return true;
    }

    /// @return so much that flushing the files and telling the outbox is little beside it
    private Parcels.Page gather() {
        List<Parcel> all = new ArrayList<>();
        long bytes = 0;
        long next = moved;
        while (bytes < BYTES_AT_ONCE) {
            Parcels.Page page = parcels.all(next);
            if (page.next() <= next) {
                break;
            }
            all.addAll(page.parcels());
            bytes += page.parcels().stream().mapToLong(Parcel::bytes).sum();
            next = page.next();
        }
        return new Parcels.Page(all, next);
    }

    /// @return false where it has to be tried again later
    private boolean taken(Waiting sink, List<Parcel> its) {
        try {
            sink.spool().reached(sink.reached());
            sink.spool().add(its);
            return true;
        } catch (IOException e) {
            String why = "what waits for the sink cannot be written: " + e.getMessage();
            if (parcels.full()) {
                sink.spool().giveUp(its, why);
                return true;
            }
            if (!why.equals(trouble)) {
                LOG.error("sink {}: {}. Look after the disk of the data folder", name(sink), why);
                trouble = why;
            }
            return false;
        }
    }

    /// Holds the sinks of each tenant together to their limit.
    private void shareFairly(Collection<? extends Waiting> sinks) {
        Map<TenantId, List<Waiting>> byTenant = sinks.stream()
                .collect(Collectors.groupingBy(sink -> sink.definition().tenant()));
        byTenant.forEach((tenant, its) -> {
            long left = its.stream().mapToLong(sink -> sink.spool().bytes()).sum();
            while (left > tenantMax) {
                Spool largest = its.stream()
                        .map(Waiting::spool)
                        .max(Comparator.comparingLong(Spool::bytes))
                        .orElseThrow();
                try {
                    largest.dropOldest(
                            "%,d bytes wait for all sinks of the tenant, which is the limit (sinks.waiting-max)"
                                    .formatted(tenantMax));
                } catch (IOException e) {
                    LOG.warn("tenant {}: what waits for its sinks beyond the limit cannot be removed", tenant, e);
                    return;
                }
                left = its.stream().mapToLong(sink -> sink.spool().bytes()).sum();
            }
        });
    }

    /// Says what was lost, of each sink now and then.
    private void tell(Collection<? extends Waiting> sinks) {
        told.keySet()
                .retainAll(sinks.stream().map(sink -> sink.definition().id()).collect(Collectors.toSet()));
        for (Waiting sink : sinks) {
            Spool.Loss loss = sink.spool().loss();
            Told known = told.computeIfAbsent(sink.definition().id(), _ -> new Told(loss.count(), Instant.EPOCH));
            Instant now = clock.instant();
            if (loss.count() > known.count() && !now.isBefore(known.at().plus(TELL_EVERY))) {
                LOG.error("sink {} lost {} parcels: {}", name(sink), loss.count() - known.count(), loss.why());
                losses.lost(sink.definition(), loss.count() - known.count(), loss.why());
                told.put(sink.definition().id(), new Told(loss.count(), now));
            }
        }
    }

    private static String name(Waiting sink) {
        return sink.definition().tenant() + "/" + sink.definition().name();
    }
}
