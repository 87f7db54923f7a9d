package tributary.rules;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.model.Topic;
import tributary.model.TopicFilter;
import tributary.rules.SelectPlan.ForeachPlan;
import tributary.rules.SelectPlan.SourcePlan;
import tributary.rules.syntax.Expr;
import tributary.rules.syntax.Pos;
import tributary.rules.syntax.Select;
import tributary.rules.syntax.Select.Emit;
import tributary.rules.syntax.Select.Item;
import tributary.rules.syntax.Select.Join;
import tributary.rules.syntax.Select.Late;
import tributary.rules.syntax.Select.Source;
import tributary.rules.syntax.Select.Timing;
import tributary.rules.syntax.Statement;
import tributary.rules.syntax.Statement.Alert;
import tributary.rules.syntax.Statement.Assignment;
import tributary.rules.syntax.Substitute;
import tributary.rules.syntax.SyntaxProblem;
import tributary.rules.syntax.Tree;
import tributary.rules.syntax.Window;

/// A statement to plans. What cannot run is refused here, with its place, and not when messages come.
final class SelectCompiler {
    private final RuleOptions options;

    SelectCompiler(RuleOptions options) {
        this.options = options;
    }

    SelectPlan compile(Statement statement) {
        return select(statement.select(), statement.set(), statement.alert());
    }

    private SelectPlan select(Select select, List<Assignment> set, @Nullable Alert alert) {
        List<@Nullable String> aliases = new ArrayList<>();
        select.sources().forEach(source -> aliases.add(source.name()));
        select.joins().forEach(join -> aliases.add(join.name()));
        Names names = Names.of(aliases, set.stream().map(Assignment::name).toList());
        Collected<AnalyticRun.Plan> analytics = new Collected<>();
        ExprCompiler messages = ExprCompiler.forMessages(names, options, analytics);
        List<SourcePlan> sources = new ArrayList<>();
        for (Source source : select.sources()) {
            sources.add(source(source, sources.size(), messages));
        }
        List<JoinPlan> joins = joins(select, sources.size(), messages);
        Eval[] variables = new Eval[set.size()];
        for (int i = 0; i < variables.length; i++) {
            variables[i] = variable(set.get(i), set.subList(0, i), messages, aliases, analytics);
        }
        Eval where = select.where() == null ? null : messages.compile(select.where());
        checkEmit(select);
        WindowPlan window = null;
        ForeachPlan foreach = null;
        Eval row;
        AlertPlan alerts = null;
        Map<String, Expr> columns = columns(select);
        if (select.window() != null) {
            Rows rows = rows(select, columns, alert, messages);
            window =
                    window(select, rows, columns, messages, sources.stream().anyMatch(source -> source.time() != null));
            row = rows.row();
            alerts = rows.alert();
        } else {
            if (!select.groups().isEmpty()) {
                throw new SyntaxProblem(
                        select.groups().getFirst().pos(),
                        "GROUP BY needs a window beside it, such as TUMBLING(1m): "
                                + "a stream has no end at which groups are complete");
            }
            if (select.having() != null) {
                throw new SyntaxProblem(select.having().pos(), "HAVING asks rows of a window; without one write WHERE");
            }
            ExprCompiler items = messages;
            if (select.foreach() != null) {
                foreach = foreach(select, messages);
                items = messages.with(foreachNames(select.foreach().name(), names, foreach));
            }
            row = Projection.compile(select, items);
            alerts = alert == null ? null : alert(alert, columns, items);
        }
        Frame.Sizes sizes = new Frame.Sizes(aliases.size(), set.size(), analytics.size(), names.localCount());
        return new SelectPlan(
                List.copyOf(sources),
                joins,
                variables,
                analytics.all(),
                where,
                Probes.of(select.where(), messages),
                foreach,
                row,
                window,
                select.emit(),
                select.limit(),
                alerts,
                sizes,
                options);
    }

    /// A variable sees those before it.
    private Eval variable(
            Assignment one,
            List<Assignment> before,
            ExprCompiler messages,
            List<@Nullable String> aliases,
            Collected<AnalyticRun.Plan> analytics) {
        boolean twice = before.stream().anyMatch(other -> other.name().equals(one.name()));
        if (twice) {
            throw new SyntaxProblem(one.pos(), "@" + one.name() + " is set twice");
        }
        boolean[] ahead = new boolean[1];
        Tree.each(
                one.expr(),
                true,
                inner -> ahead[0] |= inner instanceof Expr.Variable variable
                        && before.stream().noneMatch(other -> other.name().equals(variable.name())));
        if (ahead[0]) {
            // Compiled with the names known so far, for the error to say which one is missing.
            ExprCompiler.forMessages(
                            Names.of(
                                    aliases,
                                    before.stream().map(Assignment::name).toList()),
                            options,
                            analytics)
                    .compile(one.expr());
        }
        return messages.compile(one.expr());
    }

    private SourcePlan source(Source source, int scope, ExprCompiler messages) {
        return switch (source) {
            case Source.Topics topics ->
                timed(new TopicFilter(topics.filter()), null, scope, topics.timing(), topics.pos(), messages);
            case Source.Query query ->
                timed(null, select(query.select(), List.of(), null), scope, query.timing(), query.pos(), messages);
            case Source.Array array -> throw new SyntaxProblem(array.pos(), "expected a topic filter");
        };
    }

    private static SourcePlan timed(
            @Nullable TopicFilter filter,
            @Nullable SelectPlan inner,
            int scope,
            Timing timing,
            Pos pos,
            ExprCompiler messages) {
        if (timing.late() instanceof Late.To(String topic) && !Topic.valid(topic)) {
            throw new SyntaxProblem(pos, "LATE TO: " + Topic.fault(topic));
        }
        return new SourcePlan(
                filter,
                inner,
                scope,
                timing.by() == null ? null : messages.compile(timing.by()),
                Math.max(0, timing.withinMillis()),
                timing.late());
    }

    private List<JoinPlan> joins(Select select, int firstScope, ExprCompiler messages) {
        List<JoinPlan> plans = new ArrayList<>();
        boolean streams = false;
        for (Join join : select.joins()) {
            Source source = Objects.requireNonNull(join.source());
            if (!(source instanceof Source.Topics topics)) {
                throw new SyntaxProblem(join.pos(), "a join takes a topic filter or a table, not a select");
            }
            if (join.kind() == Join.Kind.STREAM && (streams || !plans.isEmpty())) {
                throw new SyntaxProblem(join.pos(), "one JOIN ... WITHIN a select, before those with LATEST and TABLE");
            }
            streams |= join.kind() == Join.Kind.STREAM;
            if (topics.timing().by() != null) {
                throw new SyntaxProblem(join.pos(), "joins go by arrival; TIMESTAMP BY stands at the first source");
            }
            boolean table = join.kind() == Join.Kind.TABLE;
            if (table && options.lookups().table(topics.filter()) == null) {
                throw new SyntaxProblem(source.pos(), "there is no table '" + topics.filter() + "'");
            }
            Expr.@Nullable Binary equal = equality(join.on(), join.name());
            boolean turned = equal != null && only(equal.left(), join.name());
            plans.add(new JoinPlan(
                    join.kind(),
                    join.left(),
                    table ? null : new TopicFilter(topics.filter()),
                    table ? topics.filter() : "",
                    firstScope + plans.size(),
                    messages.compile(join.on()),
                    equal == null ? null : messages.compile(turned ? equal.right() : equal.left()),
                    equal == null ? null : messages.compile(turned ? equal.left() : equal.right()),
                    join.withinMillis()));
        }
        return List.copyOf(plans);
    }

    /// The part `here = there` of a condition by which the other side can be found without looking at all of
    /// it.
    private static Expr.@Nullable Binary equality(Expr on, String name) {
        List<Expr> parts = on instanceof Expr.Logic logic && logic.and() ? logic.operands() : List.of(on);
        for (Expr part : parts) {
            if (part instanceof Expr.Binary binary && binary.op() == Expr.Op.EQUAL) {
                boolean left = only(binary.left(), name) && !mentions(binary.right(), name);
                boolean right = only(binary.right(), name) && !mentions(binary.left(), name);
                if (left || right) {
                    return binary;
                }
            }
        }
        return null;
    }

    private static boolean mentions(Expr expr, String name) {
        boolean[] found = new boolean[1];
        Tree.each(
                expr,
                true,
                inner -> found[0] |= inner instanceof Expr.Name n && n.name().equals(name));
        return found[0];
    }

    /// Whether an expression is of one side alone.
    private static boolean only(Expr expr, String name) {
        boolean[] other = new boolean[1];
        Tree.each(
                expr,
                true,
                inner -> other[0] |= switch (inner) {
                    case Expr.Name n -> !n.name().equals(name);
                    case Expr.Call _, Expr.Root _, Expr.Star _, Expr.Variable _, Expr.Nested _, Expr.Exists _ -> true;
                    default -> false;
                });
        return !other[0] && mentions(expr, name);
    }

    private static void checkEmit(Select select) {
        boolean sliding = select.window() instanceof Window.Sliding;
        Emit.When when = select.emit().when();
        if (when == Emit.When.EXIT && !sliding) {
            throw new SyntaxProblem(select.pos(), "EMIT ON EXIT needs a SLIDING window: no message leaves the others");
        }
        if (when == Emit.When.EVERY && select.window() == null) {
            throw new SyntaxProblem(select.pos(), "EMIT EVERY needs a window in GROUP BY");
        }
    }

    private static ForeachPlan foreach(Select select, ExprCompiler messages) {
        Select.Foreach foreach = Objects.requireNonNull(select.foreach());
        Eval array = foreach.array() instanceof Expr.Name name && name.name().equals("payload")
                ? Names.payload()
                : messages.compile(foreach.array());
        Names inner = messages.names().inside(foreach.name(), false);
        ExprCompiler elements = messages.with(inner);
        Eval incase = foreach.incase() == null ? null : elements.compile(foreach.incase());
        return new ForeachPlan(array, inner.localIndex(), incase);
    }

    private static Names foreachNames(String name, Names names, ForeachPlan plan) {
        return names.at(name, plan.local());
    }

    /// What each named column is, for clauses that may speak of columns.
    private static Map<String, Expr> columns(Select select) {
        Map<String, Expr> columns = new HashMap<>();
        for (Item item : select.items()) {
            if (item instanceof Item.Column column
                    && column.named()
                    && column.name().size() == 1) {
                columns.put(column.name().getFirst(), column.expr());
            }
        }
        return columns;
    }

    /// What is made of a window's rows.
    private record Rows(
            Eval row,
            @Nullable Eval having,
            Probes havingParts,
            @Nullable AlertPlan alert,
            List<AggregatePlan> aggregates,
            Eval[] captures,
            List<AnalyticRun.Plan> analytics) {}

    private Rows rows(Select select, Map<String, Expr> columns, @Nullable Alert alert, ExprCompiler messages) {
        Collected<AggregatePlan> aggregates = new Collected<>();
        Collected<AnalyticRun.Plan> analytics = new Collected<>();
        Collected<Eval> captures = new Collected<>();
        ExprCompiler rows = messages.forRows(aggregates, analytics, captures);
        Eval row = Projection.compile(select, rows);
        Expr asked = select.having() == null ? null : Substitute.in(select.having(), columns);
        Eval having = asked == null ? null : rows.compile(asked);
        AlertPlan alerts = alert == null ? null : alert(alert, columns, rows);
        Probes parts = Probes.of(asked, rows);
        return new Rows(
                row, having, parts, alerts, aggregates.all(), captures.all().toArray(new Eval[0]), analytics.all());
    }

    private WindowPlan window(
            Select select, Rows rows, Map<String, Expr> columns, ExprCompiler messages, boolean eventTime) {
        Window window = Objects.requireNonNull(select.window());
        List<Expr> groups = select.groups().stream()
                .map(group -> Substitute.in(group, columns))
                .toList();
        Window.@Nullable State state = window instanceof Window.State s ? s : null;
        return new WindowPlan(
                window,
                window.filter() == null ? null : messages.compile(window.filter()),
                Probes.of(window.filter(), messages),
                messages.compile(groups),
                rows.aggregates(),
                rows.captures(),
                rows.analytics(),
                rows.having(),
                rows.havingParts(),
                rows.row(),
                select.emit(),
                eventTime,
                state == null ? null : messages.compile(state.begin()),
                state == null || state.end() == null ? null : messages.compile(state.end()),
                options);
    }

    private static AlertPlan alert(Alert alert, Map<String, Expr> columns, ExprCompiler compiler) {
        Statement.Condition raise = alert.raise();
        Statement.Condition clear = alert.clear();
        if (raise.when() == null && clear != null && clear.when() == null) {
            throw new SyntaxProblem(
                    clear.pos(), "an alert of silence ends with the next message, not with more silence");
        }
        return new AlertPlan(
                alert.name(),
                maybe(alert.severity(), columns, compiler),
                maybe(alert.per(), columns, compiler),
                maybe(raise.when(), columns, compiler),
                parts(raise.when(), columns, compiler),
                raise.forMillis(),
                clear != null,
                clear == null ? null : maybe(clear.when(), columns, compiler),
                clear == null ? Probes.NONE : parts(clear.when(), columns, compiler),
                clear == null ? 0 : clear.forMillis(),
                alert.escalations().stream()
                        .map(one -> new AlertPlan.Escalation(
                                compiler.compile(Substitute.in(one.severity(), columns)), one.afterMillis()))
                        .toList(),
                alert.repeatMillis());
    }

    private static Probes parts(@Nullable Expr expr, Map<String, Expr> columns, ExprCompiler compiler) {
        return Probes.of(expr == null ? null : Substitute.in(expr, columns), compiler);
    }

    private static @Nullable Eval maybe(@Nullable Expr expr, Map<String, Expr> columns, ExprCompiler compiler) {
        return expr == null ? null : compiler.compile(Substitute.in(expr, columns));
    }
}
