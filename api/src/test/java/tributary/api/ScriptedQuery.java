package tributary.api;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import tributary.model.TenantId;
import tributary.query.QueryEngine;
import tributary.query.QueryException;
import tributary.query.RowFormat;
import tributary.query.Rows;
import tributary.query.Statement;

/// A query engine that does as the statement says: `refuse REASON`, `break after N`, or answers `N` rows; so that the
/// way of every outcome over HTTP can be tried. What a worker makes of real SQL is tried with the real one.
final class ScriptedQuery implements QueryEngine {
    final List<SeriesRequest> seriesAsked = new ArrayList<>();
    final List<QueryLimits> limitsAsked = new ArrayList<>();
    final List<Statement> statementsAsked = new ArrayList<>();
    final List<Running> running = new ArrayList<>();
    final List<String> cancelled = new ArrayList<>();
    final AtomicInteger open = new AtomicInteger();

    @Override
    public Rows sql(TenantId tenant, Statement statement, QueryLimits limits) {
        limitsAsked.add(limits);
        statementsAsked.add(statement);
        String[] words = statement.text().split("[ \n]+");
        return switch (words[0]) {
            case "misspelled" ->
                throw new QueryException(QueryException.Reason.REFUSED, "there is no table pmup", 2, 8, "pump");
            case "SELECT" -> new Script(1, false);
            case "refuse" ->
                throw new QueryException(QueryException.Reason.valueOf(words[1]), "refused as asked: " + words[1]);
            case "break" -> new Script(Integer.parseInt(words[2]), true);
            default -> new Script(Integer.parseInt(words[0]), false);
        };
    }

    @Override
    public Rows series(TenantId tenant, SeriesRequest request, QueryLimits limits) {
        seriesAsked.add(request);
        return new Script(1, false);
    }

    @Override
    public Optional<Walls> walls() {
        return Optional.of(new Walls(List.of("memory"), List.of("no network")));
    }

    @Override
    public List<Running> running(TenantId tenant) {
        return running;
    }

    @Override
    public boolean cancel(TenantId tenant, String id) {
        cancelled.add(id);
        return running.stream().anyMatch(query -> query.id().equals(id));
    }

    @Override
    public Known known(TenantId tenant) {
        return new Known(
                List.of("readings", "readings_1h"),
                List.of(new View(
                        "pump", List.of("pump"), List.of(new ViewColumn("temperature", "DOUBLE", "temperature")))),
                Set.of("avg"));
    }

    @Override
    public void close() {}

    private final class Script implements Rows {
        private final int count;
        private final boolean breaks;
        private boolean closed;

        Script(int count, boolean breaks) {
            this.count = count;
            this.breaks = breaks;
            open.incrementAndGet();
        }

        @Override
        public List<Column> columns() {
            return List.of(new Column("n", "BIGINT"));
        }

        @Override
        public void writeTo(RowFormat format, OutputStream out) throws IOException {
            String head =
                    format == RowFormat.JSON ? "{\"columns\":[{\"name\":\"n\",\"type\":\"BIGINT\"}],\"rows\":[" : "";
            out.write(head.getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < count; i++) {
                String row = format == RowFormat.JSON ? (i == 0 ? "[" : ",[") + i + "]" : i + "\n";
                out.write(row.getBytes(StandardCharsets.UTF_8));
            }
            if (breaks) {
                throw new QueryException(QueryException.Reason.TIMEOUT, "took too long, as asked");
            }
            String tail = format == RowFormat.JSON ? "],\"rowCount\":" + count + "}" : "";
            out.write(tail.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public long written() {
            return count;
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                open.decrementAndGet();
            }
        }
    }
}
