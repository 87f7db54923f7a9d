package tributary.api;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import tributary.model.TenantId;
import tributary.query.QueryEngine;
import tributary.query.QueryException;
import tributary.query.RowFormat;
import tributary.query.Rows;

/// A query engine that does as the statement says: `refuse REASON`, `break after N`, or answers `N` rows; so that the
/// way of every outcome over HTTP can be tried. What a worker makes of real SQL is tried with the real one.
final class ScriptedQuery implements QueryEngine {
    final List<SeriesRequest> seriesAsked = new ArrayList<>();
    final List<QueryLimits> limitsAsked = new ArrayList<>();
    final AtomicInteger open = new AtomicInteger();

    @Override
    public Rows sql(TenantId tenant, String statement, QueryLimits limits) {
        limitsAsked.add(limits);
        String[] words = statement.split(" ");
        return switch (words[0]) {
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
