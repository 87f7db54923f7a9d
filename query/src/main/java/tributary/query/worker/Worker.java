package tributary.query.worker;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tributary.query.wire.Failure;
import tributary.query.wire.Frame;
import tributary.query.wire.FrameReader;
import tributary.query.wire.FrameWriter;
import tributary.query.wire.Kind;
import tributary.query.wire.Needed;
import tributary.query.wire.Packer;
import tributary.query.wire.SeriesAsk;
import tributary.query.wire.SqlAsk;
import tributary.query.wire.Tables;
import tributary.query.wire.TypeView;
import tributary.query.wire.Views;

/// Serves one tenant: takes frames from main, one thread a query beside it.
///
/// The thread that reads frames also loads data; main waits for each load, so a `CANCEL` is never behind more than one.
final class Worker {
    /// Deep statements recurse in the engine's parser; 800 nested sub-selects overflow the usual megabyte.
    private static final long STACK_BYTES = 64L << 20;
    /// A query that ended for main may still hold its thread for a moment.
    private static final int QUEUE_MAX = 1024;

    private static final long TELL_EVERY_MILLIS = 500;

    private final Feed feed;
    private final FrameReader in;
    private final FrameWriter out;
    private final ThreadPoolExecutor threads;
    private final ScheduledThreadPoolExecutor teller;
    private final Map<Integer, RunningQuery> running = new ConcurrentHashMap<>();
    private final Sessions sessions;
    private final Gate.Trees trees = new Gate.Trees();

    /// @param queriesMax how many queries main sends at once
    Worker(Engine engine, FrameReader in, FrameWriter out, int queriesMax) throws EngineException {
        this.sessions = new Sessions(engine, queriesMax);
        this.feed = new Feed(engine.session());
        this.in = in;
        this.out = out;
        this.threads = new ThreadPoolExecutor(
                queriesMax,
                queriesMax,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(QUEUE_MAX),
                Thread.ofPlatform()
                        .name("query-", 0)
                        .daemon(true)
                        .stackSize(STACK_BYTES)
                        .factory());
        // Now, because a worker at the limit of its memory could not start a thread for the next query.
        threads.prestartAllCoreThreads();
        this.teller = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("progress").daemon(true).factory());
        teller.scheduleWithFixedDelay(this::tell, TELL_EVERY_MILLIS, TELL_EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    /// Serves until main closes the connection.
    void serve() throws IOException {
        for (Frame frame = in.next(); frame != null; frame = in.next()) {
            switch (frame.kind()) {
                case HOT, ROWS, SIDE, TABLES, VIEWS -> load(frame);
                case SQL -> start(frame, this::tenantQuery);
                case SERIES -> start(frame, this::seriesQuery);
                case CREDIT -> with(frame.query(), RunningQuery::credit);
                case HAVE -> with(frame.query(), RunningQuery::have);
                case CANCEL -> with(frame.query(), RunningQuery::cancel);
                case SETUP, READY, APPLIED, NEED, SCHEMA, BATCH, PROGRESS, END, FAILED ->
                    throw new IOException("main does not send " + frame.kind());
            }
        }
    }

    /// Tells main how far queries are.
    private void tell() {
        running.forEach((id, query) -> {
            double percent = query.progress();
            if (percent >= 0) {
                try {
                    out.write(new Frame(
                            Kind.PROGRESS, id, new Packer(64).putDouble(percent).body()));
                } catch (IOException e) {
                    // Main is gone; the thread that reads sees that too and ends the process.
                    teller.shutdown();
                }
            }
        });
    }

    private void load(Frame frame) throws IOException {
        try {
            switch (frame.kind()) {
                case HOT -> feed.hot(frame);
                case ROWS -> feed.rows(frame);
                case SIDE -> feed.side(frame);
                case VIEWS -> feed.views(Views.of(frame));
                default -> feed.tables(Tables.of(frame));
            }
            out.write(Frame.bare(Kind.APPLIED, 0));
        } catch (EngineException e) {
            // What queries would see is unknown now: main starts another worker.
            throw new IOException("data could not be loaded: " + e.getMessage(), e);
        }
    }

    private interface Body {
        void run(RunningQuery query, Frame frame) throws EngineException, IOException;
    }

    private void start(Frame frame, Body body) {
        RunningQuery query = new RunningQuery(sessions.take());
        running.put(frame.query(), query);
        threads.execute(() -> {
            run(query, frame, body);
            sessions.prepare();
        });
    }

    private void run(RunningQuery query, Frame frame, Body body) {
        Frame last;
        boolean broken = false;
        try {
            body.run(query, frame);
            last = Frame.bare(Kind.END, frame.query());
        } catch (EngineException e) {
            broken = e.leavesTheEngineBroken();
            String statement = frame.kind() == Kind.SQL ? SqlAsk.of(frame).text() : "";
            last = ErrorText.told(e.failure(), statement, query.columns()).frame(frame.query());
        } catch (StackOverflowError e) {
            last = new Failure(Failure.REFUSED, "the statement is nested too deeply").frame(frame.query());
        } catch (OutOfMemoryError e) {
            last = new Failure(Failure.MEMORY, "a row of the answer is too large").frame(frame.query());
        } catch (IOException e) {
            return;
        }
        running.remove(frame.query());
        query.close();
        try {
            out.write(last);
        } catch (IOException e) {
            // Main is gone; the thread that reads sees that too and ends the process.
            return;
        }
        if (broken) {
            Runtime.getRuntime().halt(WorkerMain.EXIT_BROKEN);
        }
    }

    private void tenantQuery(RunningQuery query, Frame frame) throws EngineException, IOException {
        SqlAsk ask = SqlAsk.of(frame);
        Engine.Session session = query.session();
        Uses uses = Gate.check(session, trees, ask, feed.views());
        uses.views().forEach(query::shows);
        Planned planned = plan(query, ask, uses);
        Tables tables = planned.tables();
        String readings = "main.readings";
        List<SlotTables.View> slots = SlotTables.used(uses).stream()
                .map(table -> SlotTables.view(table, tables, planned.plan()))
                .toList();
        if (tables.remote()) {
            List<String> files = OwnTables.files(tables, uses, planned.plan());
            slots.forEach(view -> files.addAll(view.paths()));
            fetch(query, frame.query(), files.stream().distinct().toList());
        }
        for (SlotTables.View view : slots) {
            session.run(view.create());
        }
        for (String view : OwnTables.sides(feed, tables, uses, planned.plan())) {
            session.run(view);
        }
        if (OwnTables.planned(tables, uses)) {
            readings = OwnTables.READINGS;
            session.run(OwnTables.readings(
                    Feed.readings(tables, file -> planned.plan().needs("readings", file))));
        }
        makeViews(session, uses, readings);
        if (ask.explain()) {
            String profile = session.ask(Explained.PREFIX + ask.text(), ask.arguments(), 1);
            answer(query, frame.query(), new SqlAsk(Explained.sql(profile, tables), ask.rowsMax(), false, List.of()));
        } else {
            answer(query, frame.query(), ask);
        }
    }

    /// What a statement sees, and which files of it it needs.
    private record Planned(Tables tables, ReadPlan plan) {}

    /// Begins a transaction that can only read: wall two and a half, even what passed the gate cannot change the
    /// catalogue.
    private Planned plan(RunningQuery query, SqlAsk ask, Uses uses) throws EngineException {
        Engine.Session session = query.session();
        Tables tables = begin(session);
        List<String> standIns = OwnTables.standIns(feed, tables, uses);
        if (standIns.isEmpty()) {
            return new Planned(tables, ReadPlan.ALL);
        }
        try {
            for (String view : standIns) {
                session.run(view);
            }
            makeViews(session, uses, OwnTables.planned(tables, uses) ? OwnTables.READINGS : "main.readings");
            return new Planned(tables, ReadPlan.of(session.ask(ReadPlan.PREFIX + ask.text(), ask.arguments(), 1)));
        } catch (EngineException e) {
            query.checkCancelled();
            // The statement itself will say what is wrong with it, and where.
            session.run("ROLLBACK");
            return new Planned(begin(session), ReadPlan.ALL);
        }
    }

    /// Makes the views of device types that the statement uses.
    private static void makeViews(Engine.Session session, Uses uses, String readings) throws EngineException {
        for (TypeView view : uses.views()) {
            session.run(ViewSql.of(view, uses, readings));
        }
    }

    /// Begins a transaction that can only read.
    ///
    /// @return what it sees: nothing that a later load drops goes from under it
    private Tables begin(Engine.Session session) throws EngineException {
        while (true) {
            Tables before = feed.shown();
            session.run("BEGIN TRANSACTION READ ONLY");
            session.run("SELECT 1 FROM feed.no_readings WHERE false"); // from here on it is of one moment
            if (feed.shown() == before) {
                return before;
            }
            session.run("ROLLBACK");
        }
    }

    /// Waits until main has brought the files.
    private void fetch(RunningQuery query, int id, List<String> paths) throws EngineException, IOException {
        if (!paths.isEmpty()) {
            out.write(new Needed(paths).frame(id));
            query.awaitFiles();
        }
    }

    private void seriesQuery(RunningQuery query, Frame frame) throws EngineException, IOException {
        SeriesAsk ask = SeriesAsk.of(frame);
        Set<String> devices = ask.names().stream().map(SeriesAsk.Name::device).collect(Collectors.toSet());
        Tables tables = begin(query.session());
        SeriesPlan plan = SeriesPlan.of(ask, tables, (min, max) -> Feed.mayHold(min, max, devices));
        Predicate<Tables.Sealed> wanted =
                file -> plan.readings().stream().anyMatch(span -> Feed.mayHold(file, devices, span.from(), span.to()));
        Predicate<Tables.Sealed> raw = wanted.and(file -> !plan.single().contains(file.path()));
        Predicate<Tables.Sealed> replacing = wanted.and(Tables.Sealed::late);
        if (tables.remote()) {
            List<String> files = new ArrayList<>();
            tables.readings().stream().filter(raw.or(replacing)).forEach(file -> files.add(file.path()));
            plan.rolled().forEach(part -> files.addAll(part.paths()));
            fetch(query, frame.query(), files);
        }
        String source = Feed.readings(tables, raw, replacing);
        answer(query, frame.query(), new SqlAsk(SeriesSql.of(ask, plan, source), ask.rowsMax(), false, List.of()));
    }

    private void answer(RunningQuery query, int id, SqlAsk ask) throws EngineException, IOException {
        long rowsMax = ask.rowsMax();
        try (Engine.Answer answer = query.session().query(ask.text(), ask.arguments())) {
            Packer head = new Packer(512).putInt(answer.columns().size());
            answer.columns().forEach(column -> head.putText(column.name()).putText(column.type()));
            out.write(new Frame(Kind.SCHEMA, id, head.putBytes(answer.head()).body()));
            Batches batches = new Batches(query, id);
            long rows = 0;
            for (Engine.Batch batch = answer.next(); batch != null; batch = answer.next()) {
                rows += batch.rows();
                if (rows > rowsMax) {
                    throw new EngineException(
                            Failure.TOO_LARGE,
                            "the answer has more than the allowed " + rowsMax + " rows; add a LIMIT");
                }
                batches.add(batch);
                query.checkCancelled();
            }
            batches.end();
        }
    }

    private void with(int id, Act act) {
        @Nullable RunningQuery query = running.get(id);
        if (query != null) {
            act.on(query);
        }
    }

    private interface Act {
        void on(RunningQuery query);
    }

    /// Puts small batches together, so that a frame pays, and sends the first at once, so that nobody waits.
    private final class Batches {
        private static final int FRAME_BYTES = 256 << 10;

        private final RunningQuery query;
        private final int id;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private int rows;
        private int sent;

        Batches(RunningQuery query, int id) {
            this.query = query;
            this.id = id;
        }

        void add(Engine.Batch batch) throws EngineException, IOException {
            if (batch.message().length + bytes.size() + 16 > Frame.BODY_BYTES_MAX) {
                throw new EngineException(Failure.TOO_LARGE, "2,048 rows of the answer have more than 64 MB");
            }
            bytes.writeBytes(batch.message());
            rows += batch.rows();
            if (sent == 0 || bytes.size() >= FRAME_BYTES) {
                send();
            }
        }

        void end() throws EngineException, IOException {
            bytes.writeBytes(ArrowBatch.end());
            send();
        }

        private void send() throws EngineException, IOException {
            query.awaitCredit();
            byte[] body = new Packer(bytes.size() + 8)
                    .putInt(rows)
                    .putBytes(bytes.toByteArray())
                    .body();
            out.write(new Frame(Kind.BATCH, id, body));
            bytes.reset();
            rows = 0;
            sent++;
        }
    }
}
