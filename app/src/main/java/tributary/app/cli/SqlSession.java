package tributary.app.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Asks statements and prints their answers; shows how far a long one is, and cancels it where its person gives up.
final class SqlSession {
    /// A table for people is built in memory, so it has an end; every other format streams.
    private static final int TABLE_ROWS_MAX = 10_000;
    private static final int CHART_ROWS_MAX = 200_000;
    private static final int CHART_WIDTH = 100;
    private static final int CHART_HEIGHT = 12;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final ServerOptions server;
    private final ServerClient client;
    private final Map<String, Object> parameters;
    private volatile @Nullable String running;

    /// How an answer is printed.
    enum Format {
        TABLE,
        CSV,
        JSON,
        NDJSON,
        ARROW,
        PARQUET,
        CHART;

        static Format parse(String text) {
            try {
                return Format.valueOf(text.toUpperCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "--format is table, csv, json, ndjson, arrow, parquet or chart, was '" + text + "'",
                        "");
            }
        }
    }

    /// @param parameters values for `:name`, in every statement that has it
    SqlSession(ServerOptions server, ServerClient client, Map<String, Object> parameters) {
        this.server = server;
        this.client = client;
        this.parameters = Map.copyOf(parameters);
    }

    ServerClient client() {
        return client;
    }

    /// @param output where the answer goes, or null for standard output
    void ask(String sql, Format format, @Nullable Path output) throws IOException {
        ask("/api/v1/sql", sql, parameters, format, output);
    }

    /// Runs a saved query.
    void run(String name, Map<String, Object> values, Format format) throws IOException {
        ask("/api/v1/sql/saved/" + name + "/rows", null, values, format, null);
    }

    private void ask(
            String path, @Nullable String sql, Map<String, Object> values, Format format, @Nullable Path output)
            throws IOException {
        byte[] random = new byte[6];
        RANDOM.nextBytes(random);
        String id = "cli-" + HexFormat.of().formatHex(random);
        Map<String, Object> body = new LinkedHashMap<>();
        ServerClient.put(body, "sql", sql);
        body.put("id", id);
        body.put("parameters", values);
        if (format == Format.CHART) {
            body.put("rowsMax", CHART_ROWS_MAX);
        }
        String wire = switch (format) {
            case TABLE -> "ndjson";
            case CHART -> "json";
            case CSV, JSON, NDJSON, ARROW, PARQUET -> format.name().toLowerCase(Locale.ROOT);
        };
        running = id;
        try (ScheduledExecutorService watch = watch(id);
                InputStream answer = client.stream("POST", path + "?format=" + wire, body, Map.of())) {
            watch.shutdownNow();
            print(answer, format, output);
        } finally {
            running = null;
        }
    }

    /// Any thread: gives up the statement that runs, if one does.
    void cancel() {
        String id = running;
        if (id != null) {
            try {
                client.delete("/api/v1/sql/running/" + id);
            } catch (CommandFailure e) {
                // it has ended by itself
            }
        }
    }

    private void print(InputStream answer, Format format, @Nullable Path output) throws IOException {
        if (format == Format.TABLE) {
            table(answer);
        } else if (format == Format.CHART) {
            chart(ServerClient.JSON.readTree(answer));
        } else if (output != null) {
            try (OutputStream file = Files.newOutputStream(output)) {
                answer.transferTo(file);
            }
        } else {
            answer.transferTo(System.out);
            System.out.flush();
        }
    }

    /// Tells a person how far the statement is, once a second, until its first rows are there.
    private ScheduledExecutorService watch(String id) {
        ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon(true).name("sql-progress").factory());
        if (Person.present()) {
            watch.scheduleWithFixedDelay(() -> progress(id), 1, 1, TimeUnit.SECONDS);
        }
        return watch;
    }

    private void progress(String id) {
        try {
            for (JsonNode query : client.get("/api/v1/sql/running").path("queries")) {
                if (query.path("id").asString("").equals(id) && id.equals(running)) {
                    String percent = query.has("percent")
                            ? String.format(
                                    Locale.ROOT,
                                    "%.0f %%",
                                    query.path("percent").asDouble(0))
                            : "...";
                    server.err().print("\r" + percent + "  (Ctrl-C cancels) \r");
                    server.err().flush();
                }
            }
        } catch (CommandFailure e) {
            // the statement itself will tell
        }
    }

    private void chart(JsonNode answer) {
        Chart chart = new Chart(CHART_WIDTH, CHART_HEIGHT);
        for (Chart.Line line : ChartRows.lines(answer)) {
            chart.draw(line).forEach(server.out()::println);
        }
        server.out().flush();
    }

    private void table(InputStream answer) throws IOException {
        List<String> header = new ArrayList<>();
        List<List<String>> rows = new ArrayList<>();
        boolean more = false;
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(answer, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (rows.size() == TABLE_ROWS_MAX) {
                    more = true;
                    break;
                }
                JsonNode row = ServerClient.JSON.readTree(line);
                if (header.isEmpty()) {
                    row.properties().forEach(field -> header.add(field.getKey()));
                }
                List<String> cells = new ArrayList<>();
                for (String name : header) {
                    cells.add(cell(row.path(name)));
                }
                rows.add(cells);
            }
        }
        if (!rows.isEmpty()) {
            Table table = new Table(header);
            rows.forEach(table::row);
            table.print(server.out());
        }
        server.err()
                .println(
                        more
                                ? "(the first " + TABLE_ROWS_MAX + " rows; --format csv prints all)"
                                : "(" + rows.size() + (rows.size() == 1 ? " row)" : " rows)"));
        server.err().flush();
    }

    static String cell(JsonNode value) {
        return value.isNull() || value.isMissingNode() ? "" : value.isString() ? value.asString() : value.toString();
    }

    /// @return a value as its text looks: a number, true, false, or the text; `'1'` in quotes is a text
    static Object value(String text) {
        if (text.length() > 1 && text.startsWith("'") && text.endsWith("'")) {
            return text.substring(1, text.length() - 1);
        }
        if (text.matches("-?\\d{1,18}")) {
            return Long.parseLong(text);
        }
        if (text.matches("-?\\d+\\.\\d+([eE][-+]?\\d+)?")) {
            return Double.parseDouble(text);
        }
        return text.equals("true") || text.equals("false") ? (Object) Boolean.parseBoolean(text) : text;
    }
}
