package tributary.app.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/// What every list of the command line says of a thing.
public final class ListedFields {
    private ListedFields() {}

    /// @return by command, such as `tributary rule ls`, the fields of its documents
    public static Map<String, List<String>> all() {
        Map<String, List<String>> all = new LinkedHashMap<>();
        add(Commands.commandLine(), all);
        return all;
    }

    private static void add(CommandLine line, Map<String, List<String>> all) {
        line.getCommandSpec().mixins().values().stream()
                .map(mixin -> mixin.userObject())
                .filter(Listing.class::isInstance)
                .map(Listing.class::cast)
                .forEach(list -> all.put(line.getCommandSpec().qualifiedName(), list.fields()));
        line.getSubcommands().values().forEach(below -> add(below, all));
    }
}
