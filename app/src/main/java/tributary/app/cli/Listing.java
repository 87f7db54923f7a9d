package tributary.app.cli;

import java.util.List;
import java.util.Map;
import java.util.Stack;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.Settings;

/// How a command lists things: as a table; for programs as a JSON document a line (docs/decisions/0020), as CSV or as
/// YAML, all with the same fields; with `-q` as their names alone.
final class Listing extends ServerChoice {
    private static final int UNFOLDED = 1 << 20;

    /// How many of the fields, from the first on, together name one thing.
    private final int named;

    private final List<String> fields;

    @Option(names = "-q", description = "only what each is called, one a line")
    private boolean namesOnly;

    @Option(
            names = "--json",
            arity = "0..1",
            paramLabel = "FIELD,...",
            preprocessor = Attached.class,
            description = "print one JSON document a line; --json=FIELD,FIELD with these fields only")
    private @Nullable String json;

    @Option(names = "-o", paramLabel = "FORMAT", description = "table (default), json, csv or yaml")
    private Format format = Format.TABLE;

    private boolean begun;

    private enum Format {
        TABLE,
        JSON,
        CSV,
        YAML
    }

    /// @param named  how many of the fields, from the first on, name one thing
    /// @param fields of each thing's document, in the order of CSV's columns; docs/cli.md lists them
    Listing(int named, String... fields) {
        this.named = named;
        this.fields = List.of(fields);
    }

    /// @return the fields of each document
    List<String> fields() {
        return fields;
    }

    /// @throws CommandFailure where what was wished cannot be printed, before anything is asked
    @Override
    ServerClient client() {
        if (json != null && format != Format.TABLE && format != Format.JSON) {
            throw new CommandFailure(ExitCode.USAGE, "--json and -o say different things: one of them", "");
        }
        for (String field : wanted()) {
            if (!fields.contains(field)) {
                String near = Settings.nearest(field, fields);
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "--json: there is no field '" + field + "'"
                                + (near == null ? "" : "; did you mean " + near + "?"),
                        "there are: " + String.join(", ", fields));
            }
        }
        return super.client();
    }

    /// @return the fields that were asked for
    private List<String> wanted() {
        return json == null || json.isEmpty() ? fields : List.of(json.split(","));
    }

    /// Lists all of them.
    ///
    /// @param table where the row of one goes
    void all(JsonNode things, Table table, Function<JsonNode, List<String>> row) {
        things.forEach(thing -> one(thing, table, row));
        end(table);
    }

    /// Prints one, or keeps its row until [#end].
    void one(JsonNode thing, Table table, Function<JsonNode, List<String>> row) {
        if (json != null || format == Format.JSON) {
            out().println(
                            thing instanceof ObjectNode object && !wanted().equals(fields)
                                    ? object.deepCopy().retain(wanted())
                                    : thing);
        } else if (namesOnly) {
            out().println(fields.subList(0, named).stream()
                    .map(field -> thing.path(field).asString(""))
                    .collect(Collectors.joining("\t")));
        } else {
            switch (format) {
                case CSV -> {
                    header();
                    out().println(fields.stream()
                            .map(field -> cell(thing.path(field)))
                            .collect(Collectors.joining(",")));
                }
                case YAML -> out().print(yaml(thing));
                case TABLE, JSON -> table.row(row.apply(thing));
            }
            begun = true;
        }
    }

    /// All are there.
    void end(Table table) {
        if (json == null && !namesOnly) {
            switch (format) {
                case TABLE -> table.print(out());
                case CSV -> header();
                case YAML -> out().print(begun ? "" : "[]\n");
                case JSON -> {}
            }
        }
        out().flush();
    }

    private void header() {
        if (!begun) {
            out().println(String.join(",", fields));
        }
    }

    /// As RFC 4180 says; what is no text or number is JSON.
    private static String cell(JsonNode value) {
        String text =
                value.isMissingNode() || value.isNull() ? "" : value.isString() ? value.asString() : value.toString();
        return text.chars().anyMatch(c -> ",\"\r\n".indexOf(c) >= 0) ? '"' + text.replace("\"", "\"\"") + '"' : text;
    }

    private static String yaml(JsonNode thing) {
        DumpSettings settings = DumpSettings.builder()
                .setDefaultFlowStyle(FlowStyle.BLOCK)
                .setWidth(UNFOLDED)
                .build();
        return new Dump(settings).dumpToString(List.of(ServerClient.JSON.convertValue(thing, Object.class)));
    }

    /// A value is what stands behind `=`; a word behind a space is none, it may be what the command takes.
    static final class Attached implements IParameterPreprocessor {
        @Override
        public boolean preprocess(Stack<String> words, CommandSpec command, ArgSpec option, Map<String, Object> info) {
            if (!"=".equals(info.get("separator"))) {
                words.push("");
            }
            return false;
        }
    }
}
