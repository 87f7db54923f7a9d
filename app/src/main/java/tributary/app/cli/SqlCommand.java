package tributary.app.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `tributary sql "SELECT ..."`, or a shell with history where no statement is given.
@Command(
        name = "sql",
        description = {
            "Ask the tables readings, devices, sensors, messages, rejected and events; a shell where no statement is",
            "given.",
            "Example: tributary sql \"SELECT sensor, avg(value) FROM readings GROUP BY sensor\""
        })
final class SqlCommand implements Runnable {
    /// A table for people is built in memory, so it has an end; every other format streams.
    private static final int TABLE_ROWS_MAX = 10_000;

    /// How the answer is printed.
    enum Format {
        TABLE,
        CSV,
        JSON,
        NDJSON,
        ARROW,
        PARQUET
    }

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Parameters(arity = "0..1", paramLabel = "STATEMENT", description = "one SELECT; - reads it from standard input")
    private @Nullable String statement;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "table (default), csv, json, ndjson, arrow, parquet")
    private String format = "table";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "write the answer to a file")
    private @Nullable Path output;

    @Override
    public void run() {
        Format chosen = server.json() ? Format.JSON : parse(format);
        ServerClient client = server.client();
        if (statement == null && Person.present()) {
            shell(client, chosen);
            return;
        }
        try {
            ask(client, statement == null || statement.equals("-") ? standardInput() : statement, chosen);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "the answer broke off: " + e.getMessage(), "");
        }
    }

    private static Format parse(String text) {
        try {
            return Format.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--format is table, csv, json, ndjson, arrow or parquet, was '" + text + "'", "");
        }
    }

    private static String standardInput() throws IOException {
        return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    }

    private void ask(ServerClient client, String sql, Format chosen) throws IOException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("sql", sql);
        String wire = chosen == Format.TABLE ? "ndjson" : chosen.name().toLowerCase(Locale.ROOT);
        try (InputStream answer = client.stream("POST", "/api/v1/sql?format=" + wire, body, Map.of())) {
            if (chosen == Format.TABLE) {
                table(answer);
            } else if (output != null) {
                try (OutputStream file = Files.newOutputStream(output)) {
                    answer.transferTo(file);
                }
            } else {
                answer.transferTo(System.out);
                System.out.flush();
            }
        }
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
                    JsonNode value = row.path(name);
                    cells.add(
                            value.isNull() || value.isMissingNode()
                                    ? ""
                                    : value.isString() ? value.asString() : value.toString());
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

    private void shell(ServerClient client, Format chosen) {
        try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
            LineReader reader = LineReaderBuilder.builder()
                    .terminal(terminal)
                    .variable(LineReader.HISTORY_FILE, server.data().resolve("sql_history"))
                    .variable(LineReader.SECONDARY_PROMPT_PATTERN, "...> ")
                    .build();
            server.err()
                    .println("tables: readings, devices, sensors, messages, rejected, events; end a statement with ;"
                            + " and leave with Ctrl-D");
            server.err().flush();
            StringBuilder typed = new StringBuilder();
            while (true) {
                String line = reader.readLine(typed.isEmpty() ? "sql> " : "...> ");
                typed.append(line).append('\n');
                if (line.strip().endsWith(";")) {
                    String sql = typed.toString().strip();
                    typed.setLength(0);
                    try {
                        ask(client, sql.substring(0, sql.length() - 1), chosen);
                    } catch (CommandFailure e) {
                        server.err().println(e.getMessage());
                        server.err().flush();
                    }
                }
            }
        } catch (EndOfFileException | UserInterruptException e) {
            // the way out
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "the terminal broke off: " + e.getMessage(), "");
        }
    }
}
