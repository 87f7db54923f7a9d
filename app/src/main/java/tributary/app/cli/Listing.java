package tributary.app.cli;

import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// How a command lists things: as a table, with `--json` as a document a line, with `-q` as their names for a script.
final class Listing {
    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Option(names = "-q", description = "only what each is called, one a line")
    private boolean namesOnly;

    ServerClient client() {
        return server.client();
    }

    ServerOptions server() {
        return server;
    }

    /// Lists all of them.
    ///
    /// @param name  the field that says what one is called
    /// @param table where its row goes
    void all(JsonNode things, String name, Table table, Function<JsonNode, List<String>> row) {
        things.forEach(thing -> one(thing, name, table, row));
        end(table);
    }

    /// Prints one, or keeps its row until [#end].
    void one(JsonNode thing, String name, Table table, Function<JsonNode, List<String>> row) {
        if (server.json()) {
            server.out().println(thing);
        } else if (namesOnly) {
            server.out().println(thing.path(name).asString());
        } else {
            table.row(row.apply(thing));
        }
    }

    /// All are there.
    void end(Table table) {
        if (!server.json() && !namesOnly) {
            table.print(server.out());
        }
        server.out().flush();
    }
}
