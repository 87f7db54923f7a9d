package tributary.engine;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tributary.model.TenantId;
import tributary.registry.Functions;
import tributary.registry.Functions.FunctionName;
import tributary.registry.Functions.KeptFunction;
import tributary.registry.RuleStore.Text;
import tributary.rules.Lookups;
import tributary.rules.Rule;
import tributary.rules.UserFunction;
import tributary.script.Answer;
import tributary.script.Arguments;
import tributary.script.FunctionText;
import tributary.script.Scripts;

/// The functions of one tenant that rules may call: some texts, fixed.
public final class RuleFunctions {
    /// None at all.
    static final RuleFunctions NONE = new RuleFunctions(TenantId.MAIN, Map.of(), null);

    /// Every table is there, and empty.
    private static final Lookups ANY_TABLE = new Lookups() {
        @Override
        public List<Map<String, Object>> table(String name) {
            return List.of();
        }

        @Override
        public Object device(String device, String attribute) {
            return Lookups.none().device(device, attribute);
        }
    };

    private final TenantId tenant;
    private final Map<String, String> texts;
    private final @Nullable Scripts scripts;
    private final Lookups others;

    /// @param texts   by name
    /// @param scripts runs them; null where there are none
    RuleFunctions(TenantId tenant, Map<String, String> texts, @Nullable Scripts scripts) {
        this(tenant, texts, scripts, Lookups.none());
    }

    private RuleFunctions(TenantId tenant, Map<String, String> texts, @Nullable Scripts scripts, Lookups others) {
        this.tenant = tenant;
        this.texts = Map.copyOf(texts);
        this.scripts = scripts;
        this.others = others;
    }

    /// @return these, for rules that look into that as well
    RuleFunctions over(Lookups more) {
        return new RuleFunctions(tenant, texts, scripts, more);
    }

    /// @return these, where there is no table of that name
    public RuleFunctions without(String table) {
        return over(new OtherTable(others, table, null));
    }

    /// @return these, where there is a table of that name
    public RuleFunctions withTable(String table) {
        return over(new OtherTable(others, table, List.of()));
    }

    /// One table is otherwise.
    private record OtherTable(
            Lookups others, String name, @Nullable List<Map<String, Object>> rows) implements Lookups {
        @Override
        public @Nullable List<Map<String, Object>> table(String wanted) {
            return wanted.equals(name) ? rows : others.table(wanted);
        }

        @Override
        public Object device(String device, String attribute) {
            return others.device(device, attribute);
        }
    }

    /// @return all that rules can look up here
    Lookups lookups() {
        return beside(others);
    }

    /// @return those that the tenant has now
    static RuleFunctions now(Functions kept, TenantId tenant, Scripts scripts) {
        return new RuleFunctions(tenant, texts(kept.all(tenant)), scripts);
    }

    /// @return those that it has, as they were at a time
    static RuleFunctions at(Functions kept, TenantId tenant, Scripts scripts, Instant at) {
        Map<String, String> texts = new TreeMap<>();
        for (KeptFunction function : kept.all(tenant)) {
            Optional<KeptFunction> then = kept.versions(new FunctionName(tenant, function.name())).stream()
                    .filter(version -> !version.savedAt().isAfter(at))
                    .findFirst();
            texts.put(function.name(), then.orElse(function).text());
        }
        return new RuleFunctions(tenant, texts, scripts);
    }

    static Map<String, String> texts(List<KeptFunction> functions) {
        return functions.stream().collect(Collectors.toMap(KeptFunction::name, KeptFunction::text));
    }

    /// @return the function of that name, or null where there is none that can be read
    @Nullable
    UserFunction find(String name) {
        String text = texts.get(name);
        return scripts != null && text != null && FunctionText.read(text) instanceof FunctionText.Read.Good(var read)
                ? new InScript(tenant.value(), read, scripts)
                : null;
    }

    /// @return these, with another text for one
    public RuleFunctions with(String name, @Nullable String text) {
        Map<String, String> changed = new TreeMap<>(texts);
        if (text == null) {
            changed.remove(name);
        } else {
            changed.put(name, text);
        }
        return new RuleFunctions(tenant, changed, scripts, others);
    }

    /// @return what is wrong with the text of a function, in one sentence, or empty where rules can call it
    public Optional<String> flaw(String name, String text) {
        if (taken(name)) {
            return Optional.of("every rule has a function '%s' already; choose another name".formatted(name));
        }
        if (scripts == null) {
            throw new IllegalStateException("nothing runs functions here");
        }
        return switch (scripts.check(text)) {
            case FunctionText.Read.Bad bad -> Optional.of(bad.sentence());
            case FunctionText.Read.Good(FunctionText good) ->
                good.name().equals(name)
                        ? Optional.empty()
                        : Optional.of("line %d, column 1: the text is of a function '%s', and is to be kept as '%s'"
                                .formatted(good.line(), good.name(), name));
        };
    }

    /// @return the names of the parameters of a text that was found good
    public static List<String> parameters(String text) {
        return FunctionText.read(text) instanceof FunctionText.Read.Good(FunctionText good)
                ? good.parameters()
                : List.of();
    }

    /// @return the texts of those that a rule calls, by name
    public Map<String, String> calledBy(Text rule) {
        Map<String, String> called = new TreeMap<>();
        if (!texts.isEmpty()) {
            Lookups asked = new WithFunctions(ANY_TABLE, name -> {
                UserFunction found = find(name);
                if (found != null) {
                    called.put(name, texts.getOrDefault(name, ""));
                }
                return found;
            });
            RuleCheck.compile(rule, "", asked);
        }
        return called;
    }

    /// @return what else may be looked up, with these
    Lookups beside(Lookups others) {
        return new WithFunctions(others, this::find);
    }

    /// @return whether a name is that of a function that every rule has
    public static boolean taken(String name) {
        return Rule.functions().contains(name);
    }

    private interface Finder {
        @Nullable
        UserFunction find(String name);
    }

    private record WithFunctions(Lookups others, Finder finder) implements Lookups {
        @Override
        public @Nullable List<Map<String, Object>> table(String name) {
            return others.table(name);
        }

        @Override
        public Object device(String device, String attribute) {
            return others.device(device, attribute);
        }

        @Override
        public @Nullable UserFunction function(String name) {
            return finder.find(name);
        }
    }

    private record InScript(String owner, FunctionText text, Scripts scripts) implements UserFunction {
        @Override
        public int arity() {
            return text.parameters().size();
        }

        @Override
        public Result call(Given given) {
            return switch (scripts.call(
                    owner, text, new Arguments(given.json(), given.undefined(), given.nowMillis(), given.chance()))) {
                case Answer.Value(String json) -> new Result.Value(json);
                case Answer.Nothing() -> new Result.Nothing();
                case Answer.Failed(String what) -> new Result.Failed(what);
                case Answer.Stopped(String what) -> new Result.Stopped(what);
            };
        }
    }
}
