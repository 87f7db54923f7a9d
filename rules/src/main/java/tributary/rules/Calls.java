package tributary.rules;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import tributary.rules.function.Fn;
import tributary.rules.function.Functions;
import tributary.rules.syntax.Expr;
import tributary.rules.syntax.Suggest;
import tributary.rules.syntax.SyntaxProblem;
import tributary.rules.syntax.Text;

/// Calls of functions to closures, and what is wrong with a call: unknown, misplaced, too few arguments.
final class Calls {
    private static final Set<String> RESERVED = Set.of("surprise", "expected", "is_fine", "peer_rank");
    private static final Set<String> BOUNDS = Set.of("window_start", "window_end", "row_number");
    private static final Map<String, String> ABSENT = Map.ofEntries(
            Map.entry("aws_lambda", "there are no Lambda functions here; send the row to a webhook"),
            Map.entry("get_dynamodb", "there is no DynamoDB here; join a table with JOIN TABLE"),
            Map.entry("get_secret", "rules read no secrets"),
            Map.entry("machinelearning_predict", "there is no such service here"),
            Map.entry("get_thing_shadow", "devices have no shadows yet; device('attribute') reads the registry"),
            Map.entry("shadow", "devices have no shadows yet; device('attribute') reads the registry"),
            Map.entry("get_registry_data", "device('attribute') reads the registry"),
            Map.entry("registry", "device('attribute') reads the registry"),
            Map.entry("call", "call a function of your own by its name"),
            Map.entry("cache", "kv_get and kv_put keep values for a rule"),
            Map.entry("jq", "json_path_query reads paths"),
            Map.entry("decode_proto", "there is no store of schemas yet"),
            Map.entry("decode_avro", "there is no store of schemas yet"),
            Map.entry("decode_sparkplug", "there is no store of schemas yet"));

    private final RuleOptions options;
    private final @Nullable Collected<AggregatePlan> aggregates;
    private final @Nullable Collected<AnalyticRun.Plan> analytics;
    private final @Nullable ExprCompiler messages;

    private Calls(
            RuleOptions options,
            @Nullable Collected<AggregatePlan> aggregates,
            @Nullable Collected<AnalyticRun.Plan> analytics,
            @Nullable ExprCompiler messages) {
        this.options = options;
        this.aggregates = aggregates;
        this.analytics = analytics;
        this.messages = messages;
    }

    static Calls forMessages(RuleOptions options, Collected<AnalyticRun.Plan> analytics) {
        return new Calls(options, null, analytics, null);
    }

    static Calls forRows(
            RuleOptions options,
            Collected<AggregatePlan> aggregates,
            Collected<AnalyticRun.Plan> analytics,
            ExprCompiler messages) {
        return new Calls(options, aggregates, analytics, messages);
    }

    /// Inside nested selects nothing keeps state: their elements are of one message.
    Calls inside() {
        return new Calls(options, null, null, null);
    }

    static boolean aggregate(Expr.Call call) {
        Aggregates.Aggregate known = Aggregates.known().get(call.name());
        // min(a, b), max(a, b) and merge(a, b) are of one message.
        return known != null && call.args().size() <= known.max() && call.over() == null;
    }

    /// Whether a call is of a window's row and not of a message.
    static boolean ofRows(Expr.Call call) {
        return aggregate(call)
                || BOUNDS.contains(call.name())
                || call.name().equals("hit_count")
                || call.name().equals("hit_time");
    }

    Eval compile(Expr.Call call, ExprCompiler compiler) {
        String name = call.name();
        if (RESERVED.contains(name)) {
            throw new SyntaxProblem(
                    call.pos(),
                    "%s() is reserved for what is learnt from a device's past, and not available yet".formatted(name));
        }
        String absent = ABSENT.get(name);
        if (absent != null) {
            throw new SyntaxProblem(call.pos(), "%s() is not available: %s".formatted(name, absent));
        }
        if (AnalyticFunctions.known().containsKey(name)) {
            return analytic(call, compiler);
        }
        if (call.over() != null) {
            throw new SyntaxProblem(
                    call.pos(),
                    "%s() remembers nothing, so OVER has no meaning; functions that do are %s"
                            .formatted(
                                    name,
                                    String.join(", ", AnalyticFunctions.known().keySet())));
        }
        if (BOUNDS.contains(name)) {
            return bound(call);
        }
        if (aggregate(call)) {
            return aggregated(call);
        }
        return plain(call, compiler);
    }

    private Eval bound(Expr.Call call) {
        arity(call, 0, 0);
        if (aggregates == null) {
            throw new SyntaxProblem(
                    call.pos(), "%s() needs a window in GROUP BY, such as TUMBLING(1m)".formatted(call.name()));
        }
        return switch (call.name()) {
            case "window_start" -> f -> f.windowStart;
            case "window_end" -> f -> f.windowEnd;
            default -> f -> f.rowNumber;
        };
    }

    private Eval aggregated(Expr.Call call) {
        Aggregates.Aggregate aggregate = Aggregates.known().get(call.name());
        if (aggregate == null) {
            throw new IllegalStateException("no aggregate " + call.name());
        }
        boolean star = call.name().equals("count")
                && call.args().size() == 1
                && call.args().getFirst() instanceof Expr.Star;
        List<Expr> args = star ? List.of() : call.args();
        if (!star) {
            arity(call, call.name().equals("count") ? 0 : aggregate.min(), aggregate.max());
        }
        if (aggregates == null || messages == null) {
            throw new SyntaxProblem(
                    call.pos(),
                    ("%s() is taken over a window: it needs one in GROUP BY, such as TUMBLING(1m), "
                                    + "and stands in SELECT, HAVING or ALERT")
                            .formatted(call.name()));
        }
        int place = aggregates.place(Text.of(call), () -> new AggregatePlan(aggregate, messages.compile(args)));
        return f -> f.aggregates[place];
    }

    private Eval analytic(Expr.Call call, ExprCompiler compiler) {
        AnalyticFunctions.Analytic known = AnalyticFunctions.known().get(call.name());
        if (known == null) {
            throw new IllegalStateException("no analytic function " + call.name());
        }
        arity(call, known.min(), known.max());
        if (analytics == null) {
            throw new SyntaxProblem(
                    call.pos(),
                    ("%s() remembers messages and cannot stand inside a nested select or after DO; "
                                    + "put it into SET @x = ...")
                            .formatted(call.name()));
        }
        Expr.Over over = call.over();
        boolean rows = aggregates != null;
        int place = analytics.place(
                Text.of(call),
                () -> new AnalyticRun.Plan(
                        call.name(),
                        known.body(),
                        compiler.compile(call.args()),
                        over == null ? null : compiler.compile(over.partition()),
                        over == null || over.when() == null ? null : compiler.compile(over.when())));
        return rows ? f -> f.groupSlots[place] : f -> f.slots[place];
    }

    private Eval plain(Expr.Call call, ExprCompiler compiler) {
        String name = call.name();
        ContextFunctions.Context context = ContextFunctions.known().get(name);
        if (context != null) {
            arity(call, context.min(), context.max());
            Eval[] args = compiler.compile(call.args());
            ContextFunctions.Body body = context.body();
            return f -> body.of(f, on(args, f), options);
        }
        if (name.equals("lookup")) {
            return lookup(call, compiler);
        }
        Fn fn = Functions.known().get(name.equals("min") ? "min_of" : name.equals("max") ? "max_of" : name);
        if (fn == null) {
            UserFunction own = options.lookups().function(name);
            if (own != null) {
                arity(call, own.arity(), own.arity());
                return new UserCall(name, own, compiler.compile(call.args()));
            }
            throw new SyntaxProblem(
                    call.pos(), "there is no function %s()".formatted(name) + Suggest.near(name, everyName()));
        }
        arity(call, fn.min(), fn.max());
        checkPattern(call);
        Eval[] args = compiler.compile(call.args());
        if (name.equals("encode") && call.args().getFirst() instanceof Expr.Star) {
            args[0] = f -> f.message.bytes();
        }
        Fn.Body body = fn.body();
        return f -> body.of(on(args, f));
    }

    private static Object[] on(Eval[] args, Frame f) {
        Object[] values = new Object[args.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = args[i].on(f);
        }
        return values;
    }

    /// A table that is written down is looked for when the rule is saved, as one of JOIN TABLE is.
    private Eval lookup(Expr.Call call, ExprCompiler compiler) {
        arity(call, 2, 3);
        Lookups lookups = options.lookups();
        if (call.args().getFirst() instanceof Expr.Literal literal
                && literal.value() instanceof String table
                && lookups.table(table) == null) {
            throw new SyntaxProblem(literal.pos(), "there is no table '" + table + "'");
        }
        return new TableLookup(lookups, compiler.compile(call.args()));
    }

    /// A pattern that is written down is checked when the rule is saved.
    private static void checkPattern(Expr.Call call) {
        if (call.name().startsWith("regexp_")
                && call.args().get(1) instanceof Expr.Literal literal
                && literal.value() instanceof String pattern) {
            try {
                Pattern.compile(pattern);
            } catch (PatternSyntaxException e) {
                throw new SyntaxProblem(literal.pos(), "the pattern cannot be read: " + e.getDescription());
            } catch (StackOverflowError e) {
                throw new SyntaxProblem(literal.pos(), "the pattern is nested too deep");
            }
        }
    }

    private static void arity(Expr.Call call, int min, int max) {
        int count = call.args().size();
        if (count < min || count > max) {
            String wanted = min == max ? String.valueOf(min) : max >= 100 ? min + " or more" : min + " to " + max;
            throw new SyntaxProblem(
                    call.pos(),
                    "%s() takes %s argument%s, found %d"
                            .formatted(call.name(), wanted, wanted.equals("1") ? "" : "s", count));
        }
    }

    /// @return the names of all functions
    static Set<String> everyName() {
        Set<String> all = new TreeSet<>(Functions.known().keySet());
        all.addAll(ContextFunctions.known().keySet());
        all.addAll(Aggregates.known().keySet());
        all.addAll(AnalyticFunctions.known().keySet());
        all.addAll(BOUNDS);
        all.addAll(RESERVED);
        all.add("lookup");
        all.add("cast");
        return all;
    }
}
