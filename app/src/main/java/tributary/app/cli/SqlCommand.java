package tributary.app.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tributary sql "SELECT ..."`, or a shell with history and completion where no statement is given.
@Command(
        name = "sql",
        description = {
            "Ask the tables readings, devices, sensors, messages, rejected and events, and the views of device types;",
            "a shell with history and completion where no statement is given. See docs/sql.md.",
            "Example: tributary sql \"SELECT sensor, avg(value) FROM readings GROUP BY sensor\""
        })
final class SqlCommand implements Runnable {
    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Parameters(arity = "0..1", paramLabel = "STATEMENT", description = "one SELECT; - reads it from standard input")
    private @Nullable String statement;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "table (default), csv, json, ndjson, arrow, parquet, chart")
    private String format = "table";

    @Option(names = "--chart", description = "draw the answer: time along, numbers up")
    private boolean chart;

    @Option(
            names = {"-p", "--param"},
            paramLabel = "NAME=VALUE",
            description = "what :NAME in the statement stands for; may be given several times")
    private Map<String, String> parameters = new LinkedHashMap<>();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "write the answer to a file")
    private @Nullable Path output;

    @Override
    public void run() {
        SqlSession.Format chosen = chart
                ? SqlSession.Format.CHART
                : server.json() ? SqlSession.Format.JSON : SqlSession.Format.parse(format);
        Map<String, Object> values = new LinkedHashMap<>();
        parameters.forEach((name, text) -> values.put(name, SqlSession.value(text)));
        SqlSession session = new SqlSession(server, server.client(), values);
        if (statement == null && Person.present()) {
            new SqlShell(server, session, chosen).run();
            return;
        }
        // Ctrl-C ends the statement on the server too, and not only whoever waits for it.
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(session::cancel));
        try {
            session.ask(statement == null || statement.equals("-") ? standardInput() : statement, chosen, output);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "the answer broke off: " + e.getMessage(), "");
        }
    }

    private static String standardInput() throws IOException {
        return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    }
}
