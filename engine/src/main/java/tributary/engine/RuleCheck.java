package tributary.engine;

import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tributary.model.TopicFilter;
import tributary.registry.RuleStore.Action;
import tributary.registry.RuleStore.Text;
import tributary.rules.Lookups;
import tributary.rules.Mistake;
import tributary.rules.Rule;
import tributary.rules.RuleLimits;
import tributary.rules.RuleOptions;

/// Says whether a rule can run, and if not, why.
public final class RuleCheck {
    private static final Pattern MEANT = Pattern.compile("; did you mean '([^']+)'\\?");

    private RuleCheck() {}

    /// What is wrong with a rule.
    ///
    /// @param field      `sql`, `sqlVersion`, `zone` or `actions`
    /// @param line       of the statement, from 1; 0 where it is not about the statement
    /// @param column     from 1, or 0
    /// @param what       what is wrong and what was expected
    /// @param suggestion what may have been meant, or ""
    public record Flaw(String field, int line, int column, String what, String suggestion) {
        /// @return all of it in one line
        public String sentence() {
            return (line == 0 ? "" : "line %d, column %d: ".formatted(line, column))
                    + what
                    + (suggestion.isEmpty() ? "" : "; did you mean '" + suggestion + "'?");
        }
    }

    /// @return what is wrong, or empty where the rule can run
    static Optional<Flaw> flaw(Text text) {
        return flaw(text, RuleFunctions.NONE);
    }

    /// @param functions that it may call, and what else it may look into
    /// @return what is wrong, or empty where the rule can run
    public static Optional<Flaw> flaw(Text text, RuleFunctions functions) {
        if (!RuleOptions.VERSIONS.contains(text.sqlVersion())) {
            return Optional.of(plain("sqlVersion", "is one of " + String.join(", ", RuleOptions.VERSIONS)));
        }
        try {
            ZoneId.of(text.zone());
        } catch (DateTimeException e) {
            return Optional.of(plain("zone", "is no time zone; write one such as UTC or Europe/Budapest"));
        }
        for (Action action : text.actions()) {
            if (!action.toSink()) {
                try {
                    TopicTemplate.of(action);
                } catch (IllegalArgumentException e) {
                    return Optional.of(plain("actions", "'%s': %s".formatted(action.to(), e.getMessage())));
                }
            }
        }
        return switch (compile(text, "", functions.lookups())) {
            case Rule.Compiled.Ready _ -> Optional.empty();
            case Rule.Compiled.Refused(Mistake mistake) -> Optional.of(flaw(mistake));
        };
    }

    /// @return the topics that a rule listens to; empty where it cannot run
    public static List<String> topics(Text text, RuleFunctions functions) {
        return ready(text, functions) instanceof Rule.Compiled.Ready(Rule rule)
                ? rule.filters().stream().map(TopicFilter::value).toList()
                : List.of();
    }

    /// @return what is most likely not meant, though the rule can run, each with its place
    public static List<String> warnings(Text text, RuleFunctions functions) {
        return ready(text, functions) instanceof Rule.Compiled.Ready(Rule rule)
                ? rule.warnings().stream().map(Mistake::toString).toList()
                : List.of();
    }

    /// @param sinks whether there is a sink of that name
    /// @return what is most likely not meant of where it goes
    public static List<String> missing(Text text, Predicate<String> sinks) {
        return text.actions().stream()
                .filter(Action::toSink)
                .map(Action::to)
                .distinct()
                .filter(Predicate.not(sinks))
                .map(sink -> "there is no sink '%s': what the rule says is not kept for it".formatted(sink))
                .toList();
    }

    private static Rule.@Nullable Compiled ready(Text text, RuleFunctions functions) {
        return flaw(text, functions).isEmpty() ? compile(text, "", functions.lookups()) : null;
    }

    static Rule.Compiled compile(Text text, String name, Lookups lookups) {
        return Rule.compile(
                text.sql(),
                new RuleOptions(name, text.sqlVersion(), ZoneId.of(text.zone()), lookups, RuleLimits.DEFAULTS.anew()));
    }

    private static Flaw plain(String field, String what) {
        return new Flaw(field, 0, 0, what, "");
    }

    private static Flaw flaw(Mistake mistake) {
        Matcher meant = MEANT.matcher(mistake.what());
        return meant.find()
                ? new Flaw("sql", mistake.line(), mistake.column(), meant.replaceFirst(""), meant.group(1))
                : new Flaw("sql", mistake.line(), mistake.column(), mistake.what(), "");
    }
}
