package tributary.app.cli;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import tools.jackson.databind.JsonNode;

/// Statements typed one after the other, with history and completion. What begins with a dot or a backslash is a
/// command of the shell.
final class SqlShell {
    private static final String HELP = """
            End a statement with ; and leave with Ctrl-D. Tab completes, Ctrl-C gives up.
              .schema [TABLE]        tables and views, or the columns of one with sample values (also \\d)
              .format FORMAT         table, csv, json, ndjson, chart
              .chart STATEMENT       draws the answer
              .saved                 saved queries
              .run NAME [n=v ...]    runs one
              .running               statements that run now
              .cancel ID             ends one
              .help                  this""";

    private final ServerOptions server;
    private final SqlSession session;
    private SqlSession.Format format;

    SqlShell(ServerOptions server, SqlSession session, SqlSession.Format format) {
        this.server = server;
        this.session = session;
        this.format = format;
    }

    void run() {
        SqlNames names = new SqlNames(session.client().get("/api/v1/sql/schema?samples=false"));
        try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
            LineReader reader = LineReaderBuilder.builder()
                    .terminal(terminal)
                    .completer(names)
                    .variable(LineReader.HISTORY_FILE, server.data().resolve("sql_history"))
                    .variable(LineReader.SECONDARY_PROMPT_PATTERN, "...> ")
                    .option(LineReader.Option.CASE_INSENSITIVE, true)
                    .build();
            terminal.handle(Terminal.Signal.INT, _ -> session.cancel());
            say("tables and views: " + String.join(", ", names.tables())
                    + "; end a statement with ;, .help shows more");
            StringBuilder typed = new StringBuilder();
            while (true) {
                try {
                    String line = reader.readLine(typed.isEmpty() ? "sql> " : "...> ");
                    take(typed, line);
                } catch (UserInterruptException e) {
                    if (typed.isEmpty() && e.getPartialLine().isEmpty()) {
                        return;
                    }
                    typed.setLength(0);
                }
            }
        } catch (EndOfFileException e) {
            // the way out
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "the terminal broke off: " + e.getMessage(), "");
        }
    }

    /// Takes a line; whole statements and commands are run, and what went wrong is said.
    void take(StringBuilder typed, String line) throws IOException {
        String text = line.strip();
        try {
            if (typed.isEmpty() && (text.startsWith(".") || text.startsWith("\\"))) {
                command(text.split("\\s+", 2));
                return;
            }
            typed.append(line).append('\n');
            if (text.endsWith(";")) {
                String sql = typed.toString().strip();
                typed.setLength(0);
                session.ask(sql.substring(0, sql.length() - 1), format, null);
            } else if (typed.toString().isBlank()) {
                typed.setLength(0);
            }
        } catch (CommandFailure e) {
            say(String.valueOf(e.getMessage()));
        }
    }

    private void command(String[] words) throws IOException {
        String rest = words.length > 1 ? words[1].strip() : "";
        switch (words[0]) {
            case ".schema", "\\d" -> schema(rest.replaceAll(";$", ""));
            case ".format" -> format = SqlSession.Format.parse(rest);
            case ".chart" -> session.ask(rest.replaceAll(";$", ""), SqlSession.Format.CHART, null);
            case ".saved" -> saved();
            case ".run" -> run(rest.split("\\s+"));
            case ".running" -> running();
            case ".cancel" -> session.client().delete("/api/v1/sql/running/" + rest);
            case ".help", "\\?" -> say(HELP);
            default -> say("there is no command " + words[0] + "; .help shows all");
        }
    }

    private void schema(String wanted) {
        JsonNode tables = session.client()
                .get("/api/v1/sql/schema?samples=" + !wanted.isEmpty())
                .path("tables");
        Table table = wanted.isEmpty()
                ? new Table("NAME", "KIND", "TYPES", "COLUMNS")
                : new Table("COLUMN", "TYPE", "SAMPLES");
        boolean found = wanted.isEmpty();
        for (JsonNode one : tables) {
            if (wanted.isEmpty()) {
                table.row(
                        one.path("name").asString(""),
                        one.path("kind").asString(""),
                        joined(one.path("types"), ""),
                        joined(one.path("columns"), "name"));
            } else if (one.path("name").asString("").equalsIgnoreCase(wanted)) {
                found = true;
                for (JsonNode column : one.path("columns")) {
                    table.row(
                            column.path("name").asString(""),
                            column.path("type").asString(""),
                            joined(column.path("samples"), ""));
                }
            }
        }
        if (!found) {
            say("there is no table or view " + wanted + "; .schema lists them");
            return;
        }
        table.print(server.out());
    }

    private static String joined(JsonNode list, String field) {
        StringBuilder text = new StringBuilder();
        for (JsonNode one : list) {
            text.append(text.isEmpty() ? "" : ", ").append(SqlSession.cell(field.isEmpty() ? one : one.path(field)));
        }
        return text.toString();
    }

    private void saved() {
        Table table = new Table("NAME", "PARAMETERS", "DESCRIPTION");
        for (JsonNode query : session.client().get("/api/v1/sql/saved").path("queries")) {
            table.row(
                    query.path("name").asString(""),
                    joined(query.path("names"), ""),
                    query.path("description").asString(""));
        }
        table.print(server.out());
    }

    private void run(String[] words) throws IOException {
        Map<String, Object> values = new LinkedHashMap<>();
        for (int i = 1; i < words.length; i++) {
            String[] pair = words[i].split("=", 2);
            if (pair.length < 2) {
                throw new CommandFailure(ExitCode.USAGE, "a value is name=value, was '" + words[i] + "'", "");
            }
            values.put(pair[0], SqlSession.value(pair[1]));
        }
        session.run(words[0], values, format);
    }

    private void running() {
        Table table = new Table("ID", "SINCE", "DONE", "ROWS", "STATEMENT");
        for (JsonNode query : session.client().get("/api/v1/sql/running").path("queries")) {
            table.row(
                    query.path("id").asString(""),
                    query.path("since").asString(""),
                    query.has("percent") ? query.path("percent") + " %" : "",
                    query.path("rows").toString(),
                    query.path("sql").asString(""));
        }
        table.print(server.out());
    }

    private void say(String text) {
        server.err().println(text);
        server.err().flush();
    }
}
