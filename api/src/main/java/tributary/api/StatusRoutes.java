package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;

import io.helidon.http.Method;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.broker.TenantFigures;
import tributary.engine.RuleEngine;
import tributary.lake.Lake;
import tributary.log.Log;
import tributary.model.TenantId;
import tributary.sinks.SinkStatus;
import tributary.sinks.SourceStatus;

/// One document that says how the platform is.
final class StatusRoutes {
    /// Counters of this name, with the tag `reason`, are what `refused` shows; doors bind them.
    static final String REFUSED = "tributary.refused";

    private static final long LAG_RECORDS_MAX = 1_000_000;
    private static final int DEAREST_MAX = 10;
    private static final double DISK_FREE_MIN = 0.05;

    private static final Schema COUNT = new Schema.Whole("a count", 0, Long.MAX_VALUE);

    private static final Schema.Obj PARTITION = new Schema.Obj(
            "PartitionStatus",
            "One partition of the log.",
            List.of(
                    must("partition", new Schema.Whole("its number", 0, Integer.MAX_VALUE)),
                    must("start", new Schema.Whole("oldest position kept", 0, Long.MAX_VALUE)),
                    must("end", new Schema.Whole("all before it is durable", 0, Long.MAX_VALUE)),
                    must("visibleUpTo", new Schema.Whole("all before it is seen by queries", 0, Long.MAX_VALUE))));

    private static final Schema.Obj SESSIONS = new Schema.Obj(
            "SessionFigures",
            "MQTT sessions and retained messages of the caller's tenant.",
            List.of(
                    must("connected", new Schema.Whole("sessions with a client", 0, Long.MAX_VALUE)),
                    must("away", new Schema.Whole("sessions that wait for theirs", 0, Long.MAX_VALUE)),
                    must("subscriptions", new Schema.Whole("filters of these sessions", 0, Long.MAX_VALUE)),
                    must("waiting", new Schema.Whole("messages that wait for them", 0, Long.MAX_VALUE)),
                    must("waitingBytes", new Schema.Whole("bytes of their payloads", 0, Long.MAX_VALUE)),
                    must("dropped", new Schema.Whole("messages that a limit cost them", 0, Long.MAX_VALUE)),
                    must("retained", new Schema.Whole("retained messages", 0, Long.MAX_VALUE)),
                    must("retainedBytes", new Schema.Whole("bytes of their payloads", 0, Long.MAX_VALUE))));

    private static final Schema.Obj STATUS = new Schema.Obj(
            "Status",
            "How the platform is. Figures of the whole installation are shown to the tenant 'main' only.",
            List.of(
                    must("version", Schema.text("of this build", 100)),
                    must("startedAt", new Schema.Moment("when the process began")),
                    must("uptimeSeconds", COUNT),
                    must("ready", new Schema.Flag("whether every station is ready")),
                    must("lagRecords", new Schema.Whole("durable but not yet seen by queries", 0, Long.MAX_VALUE)),
                    must("partitions", new Schema.ListOf("by number", PARTITION, Integer.MAX_VALUE)),
                    must(
                            "problems",
                            new Schema.ListOf("empty where all is well", Schema.text("a sentence", 4096), 1000)),
                    must("sessions", SESSIONS),
                    may("rates", new Schema.FreeObject("growth over the last ten seconds")),
                    may("log", new Schema.FreeObject("the log's figures")),
                    may("lake", new Schema.FreeObject("the lake's figures")),
                    may("rules", new Schema.FreeObject("what rules of all tenants do")),
                    may("sinks", new Schema.FreeObject("what sinks of all tenants do")),
                    may(
                            "query",
                            new Schema.FreeObject(
                                    "what the system keeps SQL from, and what it cannot; once a statement has run")),
                    may("refused", new Schema.FreeObject("refusals at the doors by reason, since start")),
                    may(
                            "disk",
                            new Schema.FreeObject(
                                    "the disk of the data folder; daysLeft as the last hour went, where it fills")),
                    may("liveStreams", COUNT)));

    private final Stations stations;
    private final ApiSettings settings;
    private final Watch watch;
    private final InstantSource clock;
    private final Instant startedAt;

    /// What the API itself watches.
    record Watch(Readiness readiness, Rates rates, DiskTrend trend, LiveStreams streams, MeterRegistry meters) {}

    StatusRoutes(Stations stations, ApiSettings settings, Watch watch, InstantSource clock) {
        this.stations = stations;
        this.settings = settings;
        this.watch = watch;
        this.clock = clock;
        this.startedAt = clock.instant();
    }

    List<Route> routes() {
        return List.of(new Route(
                Method.GET,
                "/api/v1/status",
                Access.VIEWER,
                new Doc(
                        "status",
                        "status",
                        "Say how the platform is",
                        "What was acknowledged is seen by queries once 'visibleUpTo' reaches the 'end' of"
                                + " its partition."),
                new Shape(List.of(), null, Success.json(200, STATUS)),
                this::status));
    }

    private Answer status(Call call) {
        Log log = stations.log();
        Lake lake = stations.lake();
        ObjectNode node = Json.object();
        node.put("version", settings.version());
        node.put("startedAt", Json.time(startedAt));
        node.put("uptimeSeconds", Duration.between(startedAt, clock.instant()).toSeconds());
        List<String> reasons = watch.readiness().reasons();
        node.put("ready", reasons.isEmpty());
        ArrayNode partitions = Json.array();
        long lag = 0;
        for (int partition = 0; partition < log.partitions(); partition++) {
            long visible = lake.visibleUpTo(partition);
            long end = log.end(partition);
            lag += Math.max(0, end - visible);
            partitions
                    .addObject()
                    .put("partition", partition)
                    .put("start", log.start(partition))
                    .put("end", end)
                    .put("visibleUpTo", visible);
        }
        node.put("lagRecords", lag);
        List<String> problems = new ArrayList<>(reasons);
        if (lag > LAG_RECORDS_MAX) {
            problems.add("queries are " + lag + " records behind the log; the lake cannot keep up or its disk is slow");
        }
        lake.trouble().ifPresent(problems::add);
        if (call.tenant().equals(TenantId.MAIN)) {
            installation(node, problems);
        }
        ArrayNode shown = node.putArray("problems");
        problems.forEach(shown::add);
        node.set("partitions", partitions);
        sessions(node.putObject("sessions"), stations.broker().of(call.tenant()).figures());
        return Answer.ok(node);
    }

    private static void sessions(ObjectNode node, TenantFigures figures) {
        node.put("connected", figures.connected())
                .put("away", figures.away())
                .put("subscriptions", figures.subscriptions())
                .put("waiting", figures.waiting())
                .put("waitingBytes", figures.waitingBytes())
                .put("dropped", figures.dropped())
                .put("retained", figures.retained())
                .put("retainedBytes", figures.retainedBytes());
    }

    private void installation(ObjectNode node, List<String> problems) {
        node.putObject("rates")
                .put("messagesPerSecond", watch.rates().messagesPerSecond())
                .put("readingsPerSecond", watch.rates().readingsPerSecond());
        log(node.putObject("log"), problems);
        lake(node.putObject("lake"));
        rules(node.putObject("rules"), problems);
        sinks(node.putObject("sinks"), problems);
        stations.query().walls().ifPresent(walls -> {
            ObjectNode query = node.putObject("query");
            walls.standing().forEach(query.putArray("walls")::add);
            walls.missing().forEach(query.putArray("missing")::add);
        });
        ObjectNode refused = node.putObject("refused");
        refused().forEach((reason, count) -> refused.put(reason, count.longValue()));
        disk(node, problems);
        node.put("liveStreams", watch.streams().count());
    }

    private void log(ObjectNode node, List<String> problems) {
        Log.LogStats stats = stations.log().stats();
        node.put("appended", stats.appended())
                .put("refused", stats.refused())
                .put("bytes", stats.bytes())
                .put("pendingBytes", stats.pendingBytes())
                .put("flushes", stats.flushes())
                .put("flushMicrosMean", stats.flushes() == 0 ? 0 : stats.flushMicros() / stats.flushes())
                .put("congested", stations.log().congested());
        ArrayNode damage = node.putArray("damage");
        for (Log.Damage stretch : stations.log().damage()) {
            damage.addObject()
                    .put("partition", stretch.partition())
                    .put("first", stretch.first())
                    .put("end", stretch.end())
                    .put("detail", stretch.detail());
            problems.add("log records " + stretch.first() + " to " + stretch.end() + " of partition "
                    + stretch.partition() + " are damaged: " + stretch.detail());
        }
        if (stations.log().congested()) {
            problems.add("more arrives than the disk takes; the doors slow their senders down");
        }
    }

    private void lake(ObjectNode node) {
        Lake.LakeStats stats = stations.lake().stats();
        node.put("readings", stats.readings())
                .put("rejected", stats.rejected())
                .put("hotRows", stats.hotRows())
                .put("files", stats.files())
                .put("bytes", stats.bytes())
                .put("rows", stats.rows())
                .put("commits", stats.commits())
                .put("lagRecords", stats.lagRecords());
        care(node.putObject("care"), stations.lake().care());
    }

    private void rules(ObjectNode node, List<String> problems) {
        RuleEngine engine = stations.rules();
        RuleEngine.Status status = engine.status();
        RuleEngine.Totals totals = engine.totals();
        node.put("running", engine.count())
                .put("lagRecords", status.lag())
                .put("taken", totals.taken())
                .put("said", totals.said())
                .put("failed", totals.failed())
                .put("restarts", status.restarts())
                .put("skipped", status.skipped())
                .put("setAside", status.setAside())
                .put("outboxBytes", engine.outbox().bytes())
                .put("outboxBytesMax", engine.outbox().bytesMax());
        ArrayNode dearest = node.putArray("dearest");
        for (RuleEngine.Cost cost : engine.dearest(DEAREST_MAX)) {
            dearest.addObject()
                    .put("tenant", cost.tenant().value())
                    .put("rule", cost.rule())
                    .put("microsAMessage", cost.nanos() / 1000.0)
                    .put("taken", cost.taken())
                    .put("failed", cost.failed());
        }
        status.troubles().forEach((name, why) -> problems.add(name + ": " + why));
    }

    private void sinks(ObjectNode node, List<String> problems) {
        Map<String, SinkStatus> all = stations.sinks().statuses();
        for (SinkStatus.State state : SinkStatus.State.values()) {
            node.put(
                    state.name().toLowerCase(Locale.ROOT),
                    all.values().stream()
                            .filter(status -> status.state() == state)
                            .count());
        }
        node.put(
                        "delivered",
                        all.values().stream().mapToLong(SinkStatus::delivered).sum())
                .put(
                        "waitingBytes",
                        all.values().stream().mapToLong(SinkStatus::waiting).sum())
                .put("lost", all.values().stream().mapToLong(SinkStatus::lost).sum());
        Map<String, SourceStatus> sources = stations.sinks().sources();
        node.put(
                        "taken",
                        sources.values().stream().mapToLong(SourceStatus::taken).sum())
                .put(
                        "away",
                        sources.values().stream()
                                .filter(status -> status.state() == SourceStatus.State.AWAY)
                                .count());
        all.forEach((name, status) -> {
            if (status.state() == SinkStatus.State.BLOCKED || status.state() == SinkStatus.State.BROKEN) {
                problems.add("sink %s is %s: %s"
                        .formatted(name, status.state().name().toLowerCase(Locale.ROOT), status.lastError()));
            }
        });
    }

    private static void care(ObjectNode node, Lake.CareStats care) {
        node.put("smallFiles", care.smallFiles())
                .put("filesWaiting", care.waiting())
                .put("merges", care.merges())
                .put("mergedBytes", care.mergedBytes())
                .put("removedFiles", care.removedFiles())
                .put("orphans", care.orphans())
                .put("snapshots", care.snapshots())
                .put("rolledDays", care.rolledDays())
                .put("rollupsDue", care.rollupsDue())
                .put("erasures", care.erasures())
                .put("lastMerge", care.lastMillis() == 0 ? null : moment(care.lastMillis()))
                .put("nextLook", care.nextMillis() == 0 ? null : moment(care.nextMillis()))
                .put("diskBytes", care.diskBytes())
                .put("diskBytesMax", care.diskBytesMax());
    }

    private static String moment(long millis) {
        return Json.time(Instant.ofEpochMilli(millis));
    }

    private Map<String, Double> refused() {
        Map<String, Double> byReason = new TreeMap<>();
        for (Counter counter : watch.meters().find(REFUSED).counters()) {
            byReason.merge(reason(counter), counter.count(), Double::sum);
        }
        for (FunctionCounter counter : watch.meters().find(REFUSED).functionCounters()) {
            byReason.merge(reason(counter), counter.count(), Double::sum);
        }
        return byReason;
    }

    private static String reason(Meter meter) {
        String reason = meter.getId().getTag("reason");
        return reason == null ? "unknown" : reason;
    }

    private void disk(ObjectNode node, List<String> problems) {
        ObjectNode disk = node.putObject("disk");
        try {
            FileStore store = Files.getFileStore(settings.data());
            long total = store.getTotalSpace();
            long free = store.getUsableSpace();
            disk.put("totalBytes", total).put("freeBytes", free);
            watch.trend().daysLeft().ifPresent(days -> disk.put("daysLeft", Math.round(days * 10) / 10.0));
            if (free < total * DISK_FREE_MIN) {
                problems.add("the disk of the data folder has %d MB left; make room, or the log will refuse messages"
                        .formatted(free >> 20));
            }
        } catch (IOException e) {
            problems.add("cannot look at the disk of the data folder: " + e.getMessage());
        }
    }
}
