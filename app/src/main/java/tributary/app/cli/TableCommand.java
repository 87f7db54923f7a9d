package tributary.app.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `tributary table ...`: tables that rules look into, from the shell.
@Command(
        name = "table",
        description = "Keep tables that rules look into with JOIN TABLE.",
        subcommands = {TableCommand.Ls.class, TableCommand.Show.class, TableCommand.Put.class, TableCommand.Rm.class})
final class TableCommand {
    private static final String PATH = "/api/v1/tables";

    private TableCommand() {}

    private static String path(String name) {
        return PATH + "/" + ServerClient.piece(name);
    }

    @Command(name = "ls", description = "List tables.")
    static final class Ls implements Runnable {
        @Mixin
        private final Listing list = new Listing(1, "name", "revision", "rowCount", "savedAt", "savedBy");

        @Override
        public void run() {
            list.all(
                    list.client().get(PATH).path("tables"),
                    new Table("NAME", "ROWS", "REVISION", "SAVED", "BY"),
                    one -> List.of(
                            one.path("name").asString(),
                            one.path("rowCount").toString(),
                            one.path("revision").toString(),
                            When.shown(one.path("savedAt")),
                            one.path("savedBy").asString()));
        }
    }

    @Command(name = "show", description = "Show the rows of a table; with --json one a line.")
    static final class Show implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "NAME", description = "the table's name")
        private String name = "";

        @Override
        public void run() {
            JsonNode rows = server.client().get(path(name)).path("rows");
            if (server.json()) {
                rows.forEach(server.out()::println);
                return;
            }
            Set<String> columns = new TreeSet<>();
            rows.forEach(row -> columns.addAll(row.propertyNames()));
            Table table = new Table(columns.toArray(String[]::new));
            rows.forEach(row -> table.row(
                    columns.stream().map(column -> text(row.path(column))).toArray(String[]::new)));
            table.print(server.out());
        }

        private static String text(JsonNode value) {
            return value.isMissingNode() || value.isNull()
                    ? ""
                    : value.isString() ? value.asString() : value.toString();
        }
    }

    @Command(
            name = "put",
            description = {
                "Save a table, in place of the rows that it had: a CSV file with a header, or a JSON list of objects.",
                "In a CSV file what looks like a number, true or false is that, and an empty cell is nothing."
            })
    static final class Put implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(index = "0", paramLabel = "NAME", description = "the table's name")
        private String name = "";

        @Parameters(index = "1", paramLabel = "FILE", description = "FILE.csv or FILE.json")
        private Path file = Path.of("table.csv");

        @Option(names = "--as-text", split = ",", paramLabel = "COLUMN", description = "whose cells stay texts")
        private List<String> texts = List.of();

        @Option(names = "--delimiter", paramLabel = "C", description = "between cells of CSV (${DEFAULT-VALUE})")
        private char delimiter = ',';

        @Override
        public void run() {
            JsonNode rows = TableRows.read(file, Set.copyOf(texts), delimiter);
            JsonNode saved = server.client().put(path(name), Map.of("rows", rows));
            server.err()
                    .println("saved " + saved.path("name").asString() + ", " + saved.path("rowCount")
                            + " rows, revision " + saved.path("revision"));
        }
    }

    @Command(name = "rm", description = "Remove a table that no rule looks into.")
    static final class Rm implements Runnable {
        @Mixin
        private final Removal removal = new Removal();

        @Override
        public void run() {
            removal.of("remove the table %s?", PATH);
        }
    }
}
