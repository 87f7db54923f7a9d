package tributary.app.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tributary complete -- device sh`: what may stand where the last word is being typed, one a line. For shells.
@Command(name = "complete", hidden = true, description = "List what may stand in place of the last word; for shells.")
final class CompleteCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before any command runs
    private CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "WORD")
    private List<String> words = new ArrayList<>();

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        found(words).forEach(out::println);
        out.flush();
    }

    /// @param words of the command line behind the program's name, the last one the one that is being typed
    static Collection<String> found(List<String> words) {
        String typed = words.isEmpty() ? "" : words.getLast();
        List<String> before = words.isEmpty() ? List.of() : words.subList(0, words.size() - 1);
        CommandSpec command =
                Commands.commandLine(before.toArray(String[]::new)).getCommandSpec();
        OptionSpec asks = null;
        int place = 0;
        for (String word : before) {
            CommandLine deeper = command.subcommands().get(word);
            if (asks != null) {
                asks = null;
            } else if (deeper != null && place == 0) {
                command = deeper.getCommandSpec();
            } else if (word.startsWith("-")) {
                OptionSpec option = command.findOption(word);
                asks = option != null && option.arity().min() > 0 ? option : null;
            } else {
                place++;
            }
        }
        Set<String> all = new TreeSet<>();
        if (asks != null) {
            add(all, asks);
        } else if (typed.startsWith("-")) {
            command.options().stream()
                    .filter(option -> !option.hidden())
                    .forEach(option -> all.add(option.longestName()));
        } else {
            command.subcommands().forEach((name, sub) -> {
                if (!sub.getCommandSpec().usageMessage().hidden()) {
                    all.add(name);
                }
            });
            PositionalParamSpec positional = positional(command, place);
            if (positional != null) {
                all.clear();
                add(all, positional);
            }
        }
        all.removeIf(candidate -> !candidate.startsWith(typed));
        return all;
    }

    private static @Nullable PositionalParamSpec positional(CommandSpec command, int place) {
        return command.positionalParameters().stream()
                .filter(parameter -> parameter.index().contains(place))
                .findFirst()
                .orElse(null);
    }

    private static void add(Set<String> all, ArgSpec argument) {
        Iterable<String> candidates = argument.completionCandidates();
        if (candidates != null) {
            candidates.forEach(all::add);
        }
    }
}
