package tributary.lake;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.model.TenantId;
import tributary.registry.Sensors;

/// Decodes the messages of a past window again, and puts what that gives in the place of what tables have of them.
///
/// In this order: decode; have later readings of the same time be late, and everything before in files; write; commit
/// and show; newest values. Roll-ups follow the files. Of the thread that has the lock of care.
final class Redecoder {
    private static final Logger LOG = LoggerFactory.getLogger(Redecoder.class);
    private static final long SEALED_MILLIS_MAX = 60_000;
    private static final long LOOK_MILLIS = 10;
    private static final int RENEWALS_MAX = 50;
    private static final int PLANS_MAX = 10;
    /// Of more devices than these newest values are read together with those of all.
    private static final int DEVICES_ASKED_MAX = 500;

    private final LakeTables tables;
    private final Map<TenantId, TenantTail> tails;
    private final Tools tools;
    private final Surroundings around;
    private final Path staging;
    /// Tenants whose tables may not be shown yet, or whose newest values are not those of their tables.
    private final Set<TenantId> unrenewed = new HashSet<>();

    /// What it works with.
    record Tools(
            ParquetFiles parquet, Merger merger, Rollups rollups, Checkpoints checkpoints, RedecodeCommit commits) {}

    /// @param visible  by partition: what the lake's thread has taken
    /// @param stopping ends every wait
    record Surroundings(
            LakeInputs inputs,
            AtomicLongArray visible,
            Forgetting hands,
            Erasures erasures,
            int seriesMax,
            Steps steps,
            CountDownLatch stopping) {}

    Redecoder(LakeTables tables, Map<TenantId, TenantTail> tails, Tools tools, Surroundings around, Path lake) {
        this.tables = tables;
        this.tails = tails;
        this.tools = tools;
        this.around = around;
        this.staging = lake.resolve(".care-redecoded").toAbsolutePath();
    }

    /// Does it whole or not at all.
    Lake.Redecoded run(Lake.Redecoding what) throws IOException, InterruptedException {
        settle();
        TenantTail tail = tails.get(what.tenant());
        if (tail == null) {
            return new Lake.Redecoded(0, 0);
        }
        for (int p = 0; p < what.ends().length; p++) {
            if (around.visible.get(p) < what.ends()[p]) {
                throw failure("the lake has not yet read all messages of the window");
            }
        }
        List<Erasures.Wish> erased = around.erasures.all().stream()
                .filter(wish -> wish.tenant().equals(what.tenant()))
                .toList();
        RedecodedRows rows = RedecodedRows.read(what, around.inputs.log(), erased, around.seriesMax);
        List<Sensors.Seen> fresh = awaitFiles(tail, rows);
        try {
            Merger.clear(staging);
            Lake.Redecoded done = replace(RedecodeWindow.of(what), tail, rows);
            around.hands.ask(hands -> hands.met(fresh)); // else the next start tells them
            return done;
        } finally {
            Merger.clear(staging);
        }
    }

    private Lake.Redecoded replace(RedecodeWindow window, TenantTail tail, RedecodedRows rows)
            throws IOException, InterruptedException {
        for (int i = 0; i < PLANS_MAX; i++) {
            if (tried(window, tail, rows)) {
                return new Lake.Redecoded(
                        rows.readings().rows(), rows.rejected().rows());
            }
        }
        throw failure("newer readings of the same times kept coming");
    }

    /// @return false where what came meanwhile replaces what was planned
    private boolean tried(RedecodeWindow window, TenantTail tail, RedecodedRows rows)
            throws IOException, InterruptedException {
        RedecodePlan plan = new RedecodePlan(tables, tools.parquet, tools.merger, staging, around.steps);
        RedecodePlan.Part readings = RedecodePlan.Part.of(LakeCatalog.Kind.READINGS);
        RedecodePlan.Part rejected = RedecodePlan.Part.of(LakeCatalog.Kind.of(Side.REJECTED));
        Set<String> devices = new HashSet<>();
        boolean written = false;
        try {
            Set<Path> hits = plan.holding(window, tail.files(LakeCatalog.Kind.READINGS));
            devices.addAll(plan.devices(window, hits));
            rows.sensors().forEach(seen -> devices.add(seen.device().value()));
            readings = plan.readings(window, rows, tail, hits, readings);
            rejected = plan.rejected(window, rows, tail, rejected);
            written = true;
        } finally {
            if (!written) {
                tools.commits.discard(List.of(readings, rejected));
            }
        }
        List<RedecodePlan.Part> parts =
                Stream.of(readings, rejected).filter(part -> !part.empty()).toList();
        return parts.isEmpty() || commit(plan, tail, parts, devices);
    }

    private boolean commit(RedecodePlan plan, TenantTail tail, List<RedecodePlan.Part> parts, Set<String> devices)
            throws IOException, InterruptedException {
        RedecodePlan.Part first = parts.getFirst();
        tools.checkpoints.hold(tail.tenant());
        unrenewed.add(tail.tenant());
        boolean done = tools.commits.commit(
                UUID.randomUUID().toString(),
                tail,
                parts,
                () -> !first.kind().readings() || !plan.overtaken(tail, first));
        renew(tail, devices);
        if (done) {
            tools.rollups.dropStale(tail);
        }
        return done;
    }

    /// Ends what a failure left open. Until that is done nothing may be deleted.
    void settle() throws IOException, InterruptedException {
        unrenewed.addAll(tools.commits.settle(tools.parquet));
        for (TenantId tenant : List.copyOf(unrenewed)) {
            TenantTail tail = tails.get(tenant);
            if (tail != null) {
                tools.commits.show(tail);
                renew(tail, null);
            }
        }
    }

    /// Newest values are those of files and of what is in none yet.
    ///
    /// @param devices whose, or null for all
    private void renew(TenantTail tail, @Nullable Set<String> devices) throws IOException, InterruptedException {
        boolean all = devices == null || devices.size() > DEVICES_ASKED_MAX;
        Set<String> some = devices == null ? Set.of() : devices;
        Predicate<String> which = device -> all || some.contains(device);
        for (int i = 0; i < RENEWALS_MAX; i++) {
            List<Snapshot.DataFile> files = tail.files(LakeCatalog.Kind.READINGS);
            List<Path> paths = files.stream().map(Snapshot.DataFile::path).toList();
            Map<String, Lake.LatestValue> left = new HashMap<>();
            if (all) {
                left.putAll(tools.checkpoints.newest(tools.parquet, paths, null));
            } else {
                for (String device : some) {
                    List<Path> his = files.stream()
                            .filter(file -> MergePlan.overlap(file, device, device))
                            .map(Snapshot.DataFile::path)
                            .toList();
                    left.putAll(tools.checkpoints.newest(tools.parquet, his, device));
                }
            }
            if (around.hands.ask(_ -> tail.renew(which, files, left))) {
                unrenewed.remove(tail.tenant());
                tools.checkpoints.release(tail.tenant());
                tools.checkpoints.write(tail, tables, around.steps);
                return;
            }
            if (around.stopping.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new InterruptedException("the lake stops");
            }
        }
        LOG.info("newest values of tenant {} are read from files again with the next care", tail.tenant());
    }

    /// What the lake's thread found.
    ///
    /// @param waiting segments that are on their way into files
    /// @param fresh   sensors that it did not know
    /// @param room    whether there is room for them
    private record Raised(Set<Object> waiting, List<Sensors.Seen> fresh, boolean room) {}

    /// From now on a reading that comes is late where it may replace one of these, and all before are in files.
    ///
    /// @return sensors that are new
    private List<Sensors.Seen> awaitFiles(TenantTail tail, RedecodedRows rows) throws InterruptedException {
        AtomicReference<@Nullable Raised> found = new AtomicReference<>();
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SEALED_MILLIS_MAX);
        while (!around.hands.ask(hands -> {
            List<Sensors.Seen> fresh = unknown(tail, rows);
            boolean room = tail.seriesCount() + fresh.size() <= around.seriesMax;
            if (room) {
                raise(tail, rows);
            }
            boolean frozen = hands.freeze(tail);
            Set<Object> waiting = Collections.newSetFromMap(new IdentityHashMap<>());
            waiting.addAll(segments(tail));
            waiting.remove(tail.hot());
            waiting.remove(tail.side(Side.REJECTED));
            found.set(new Raised(waiting, fresh, room));
            return frozen;
        })) {
            pause(deadline);
        }
        Raised raised = Objects.requireNonNull(found.get(), "it was answered");
        if (!raised.room) {
            throw failure("the tenant would have more sensors than lake.series-max allows");
        }
        while (segments(tail).stream().anyMatch(raised.waiting::contains)) {
            pause(deadline);
        }
        return raised.fresh;
    }

    private void pause(long deadline) throws InterruptedException {
        if (System.nanoTime() > deadline) {
            throw failure("what came before is not in files yet");
        }
        if (around.stopping.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
            throw new InterruptedException("the lake stops");
        }
    }

    private static List<Object> segments(TenantTail tail) {
        TenantTail.View seen = tail.view();
        List<Object> segments = new ArrayList<>(seen.hot());
        segments.addAll(seen.side(Side.REJECTED).hot());
        return segments;
    }

    private static List<Sensors.Seen> unknown(TenantTail tail, RedecodedRows rows) {
        return rows.sensors().stream()
                .filter(seen -> !tail.knows(seen.device().value(), seen.path()))
                .toList();
    }

    private static void raise(TenantTail tail, RedecodedRows rows) {
        for (DeviceSeries decoded : rows.tail().devices()) {
            for (Series series : decoded.all()) {
                Series known = tail.known(decoded.device(), series.sensor, series.kind);
                known.raisedTs = Math.max(known.raisedTs, series.newestTs);
            }
        }
    }

    private static PlatformException failure(String why) {
        return new PlatformException(Fault.LAKE_FAILED, why + "; nothing was changed, try again in a moment");
    }
}
