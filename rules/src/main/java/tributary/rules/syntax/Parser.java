package tributary.rules.syntax;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tributary.rules.syntax.Select.Emit;
import tributary.rules.syntax.Select.Foreach;
import tributary.rules.syntax.Select.Item;
import tributary.rules.syntax.Select.Join;
import tributary.rules.syntax.Select.Limit;
import tributary.rules.syntax.Select.Source;
import tributary.rules.syntax.Statement.Alert;
import tributary.rules.syntax.Statement.Assignment;
import tributary.rules.syntax.Statement.Condition;
import tributary.rules.syntax.Statement.Escalation;
import tributary.rules.syntax.Token.Kind;

/// Reads a statement: SET, the select with its clauses, the alert. Expressions are read by [ExprParser], what
/// stands after FROM and in GROUP BY by [SourceParser].
public final class Parser {
    private static final int ITEMS_MAX = 500;
    private static final int LIMIT_MAX = 100_000;
    private static final List<String> SEVERITIES = List.of(
            "debug",
            "info",
            "notice",
            "low",
            "minor",
            "medium",
            "warning",
            "major",
            "high",
            "error",
            "critical",
            "emergency");
    private static final List<String> AFTER_FROM =
            List.of("WHERE", "GROUP BY", "HAVING", "EMIT", "LIMIT", "ALERT", "JOIN", "the end of the statement");

    private final Tokens in;
    private final ExprParser exprs;
    private final SourceParser sources;

    Parser(Tokens in) {
        this.in = in;
        this.exprs = new ExprParser(in, this);
        this.sources = new SourceParser(in, exprs, this);
    }

    /// @return what `text` says
    /// @throws SyntaxProblem where it says nothing
    public static Statement parse(String text) {
        Parser parser = new Parser(new Tokens(text));
        Statement statement = parser.statement();
        Tree.checkDepth(statement);
        return statement;
    }

    private Statement statement() {
        List<Assignment> set = new ArrayList<>();
        if (in.acceptWord("SET")) {
            do {
                set.add(assignment());
            } while (in.accept(","));
        }
        if (!in.peek().word("SELECT") && !in.peek().word("FOREACH")) {
            throw in.expectedOneOf(
                    set.isEmpty() ? List.of("SELECT", "FOREACH", "SET") : List.of("SELECT", "FOREACH", "','"));
        }
        Select select = select(false);
        Alert alert = in.peek().word("ALERT") ? alert() : null;
        in.accept(";");
        if (in.peek().kind() != Kind.END) {
            throw in.expectedOneOf(
                    alert == null
                            ? AFTER_FROM
                            : List.of("FOR", "CLEAR WHEN", "ESCALATE", "REPEAT EVERY", "the end of the statement"));
        }
        return new Statement(List.copyOf(set), select, alert);
    }

    private Assignment assignment() {
        Pos pos = in.pos();
        if (in.peek().kind() != Kind.VARIABLE) {
            throw in.expected("a variable such as @celsius");
        }
        String name = (String) in.next().value();
        in.expect("=");
        return new Assignment(pos, name, exprs.expression());
    }

    /// A SELECT or FOREACH, from its first word on.
    ///
    /// @param nested whether it stands in an expression and reads an array
    Select select(boolean nested) {
        in.enter();
        Pos pos = in.pos();
        Select select = in.acceptWord("FOREACH") ? foreach(pos) : plain(pos, nested);
        in.leave();
        return select;
    }

    private Select foreach(Pos pos) {
        Expr array = exprs.expression();
        String name = in.acceptWord("AS") ? in.name("a name for the element") : "item";
        List<Item> items = new ArrayList<>();
        Expr value = null;
        if (in.acceptWord("DO")) {
            items.addAll(items());
        } else {
            value = new Expr.Name(pos, name);
        }
        Expr incase = in.acceptWord("INCASE") ? exprs.expression() : null;
        if (!in.peek().word("FROM")) {
            throw in.expectedOneOf(incase == null ? List.of("DO", "INCASE", "FROM", "AS", "','") : List.of("FROM"));
        }
        in.next();
        List<Source> from = sources.sources();
        Expr where = in.acceptWord("WHERE") ? exprs.expression() : null;
        return new Select(
                pos,
                value,
                items,
                new Foreach(array, name, incase),
                from,
                List.of(),
                where,
                List.of(),
                null,
                null,
                Emit.CLOSE,
                limit());
    }

    private Select plain(Pos pos, boolean nested) {
        in.expectWord("SELECT");
        Expr value = valueKeyword() ? exprs.expression() : null;
        List<Item> items = value == null ? items() : List.of();
        if (!in.peek().word("FROM")) {
            throw in.peek().kind() == Kind.NAME
                            && Suggest.near(in.peek().text(), List.of("FROM")).isEmpty()
                    ? new SyntaxProblem(
                            in.pos(),
                            "expected ',', FROM or AS, found %s; a new name is written with AS"
                                    .formatted(in.peek().shown()))
                    : in.expectedOneOf(List.of("FROM", "AS", "','"));
        }
        in.next();
        if (nested) {
            Source.Array array = sources.array();
            Expr where = in.acceptWord("WHERE") ? exprs.expression() : null;
            return new Select(
                    pos, value, items, null, List.of(array), List.of(), where, List.of(), null, null, Emit.CLOSE, null);
        }
        List<Source> from = sources.sources();
        List<Join> joins = sources.joins();
        Expr where = in.acceptWord("WHERE") ? exprs.expression() : null;
        SourceParser.Groups groups = in.acceptWords("GROUP", "BY") ? sources.groups() : SourceParser.Groups.NONE;
        Expr having = in.acceptWord("HAVING") ? exprs.expression() : null;
        Emit emit = emit();
        boolean plain = joins.isEmpty() && groups.by().isEmpty() && groups.window() == null;
        Unnest rows = plain ? Unnest.of(items) : new Unnest(items, null);
        return new Select(
                pos,
                value,
                rows.items(),
                rows.foreach(),
                from,
                joins,
                where,
                groups.by(),
                groups.window(),
                having,
                emit,
                limit());
    }

    /// Whether VALUE is the keyword here and not a key of that name: what follows then begins an expression.
    private boolean valueKeyword() {
        if (!in.peek().word("VALUE")) {
            return false;
        }
        Token after = in.peek(1);
        boolean begins = switch (after.kind()) {
            case STRING, NUMBER, DURATION, VARIABLE, QUOTED -> true;
            case NAME -> !after.word("FROM") && !after.word("AS") && !ExprParser.continues(after);
            case SYMBOL ->
                after.is("{")
                        || after.is("(")
                        || after.is("*")
                        || after.is("$")
                        || after.is("[") && after.start() > in.peek().end();
            case END -> false;
        };
        if (begins) {
            in.next();
        }
        return begins;
    }

    private List<Item> items() {
        List<Item> items = new ArrayList<>();
        do {
            items.add(item());
            if (items.size() > ITEMS_MAX) {
                throw new SyntaxProblem(in.pos(), "at most %d columns".formatted(ITEMS_MAX));
            }
        } while (in.accept(","));
        return List.copyOf(items);
    }

    private Item item() {
        Pos pos = in.pos();
        if (in.peek().is("*") && !in.peek(1).word("AS")) {
            in.next();
            return all(pos);
        }
        Expr expr = exprs.expression();
        if (in.peek().is(".") && in.peek(1).is("*")) {
            in.next();
            in.next();
            return new Item.Spread(pos, expr);
        }
        if (in.acceptWord("AS")) {
            List<String> name = new ArrayList<>();
            do {
                name.add(in.name("a name for the column"));
            } while (in.accept("."));
            return new Item.Column(pos, expr, List.copyOf(name), true);
        }
        Tree.checkDepth(expr);
        return new Item.Column(pos, expr, List.of(Text.columnName(expr)), false);
    }

    private Item all(Pos pos) {
        List<Expr> except = new ArrayList<>();
        List<Item.Column> replace = new ArrayList<>();
        if (in.peek().word("EXCEPT") && in.peek(1).is("(")) {
            in.next();
            in.next();
            do {
                Expr path = exprs.path();
                except.add(path);
            } while (in.accept(","));
            in.expect(")");
        }
        if (in.peek().word("REPLACE") && in.peek(1).is("(")) {
            in.next();
            in.next();
            do {
                Pos at = in.pos();
                Expr expr = exprs.expression();
                in.expectWord("AS");
                replace.add(new Item.Column(at, expr, List.of(in.name("the name of a column")), true));
            } while (in.accept(","));
            in.expect(")");
        }
        return new Item.All(pos, List.copyOf(except), List.copyOf(replace));
    }

    private Emit emit() {
        if (!in.acceptWord("EMIT")) {
            return Emit.CLOSE;
        }
        if (in.acceptWord("EVERY")) {
            return new Emit(Emit.When.EVERY, in.positiveDuration());
        }
        if (in.acceptWord("ON")) {
            if (in.acceptWord("CLOSE")) {
                return Emit.CLOSE;
            }
            if (in.acceptWord("CHANGE")) {
                return new Emit(Emit.When.CHANGE, 0);
            }
            if (in.acceptWord("EXIT")) {
                return new Emit(Emit.When.EXIT, 0);
            }
            throw in.expectedOneOf(List.of("CLOSE", "CHANGE", "EXIT"));
        }
        throw in.expectedOneOf(List.of("ON CLOSE", "ON CHANGE", "ON EXIT", "EVERY"));
    }

    private @Nullable Limit limit() {
        if (!in.acceptWord("LIMIT")) {
            return null;
        }
        int count = in.count(LIMIT_MAX);
        in.expectWord("PER");
        return new Limit(count, in.positiveDuration());
    }

    private Alert alert() {
        Pos pos = in.pos();
        in.expectWord("ALERT");
        String name = in.name("a name for the alert");
        Expr severity = in.acceptWord("SEVERITY") ? severity() : null;
        Expr per = null;
        if (in.acceptWord("PER")) {
            Pos at = in.pos();
            List<Expr> keys = new ArrayList<>();
            do {
                keys.add(exprs.expression());
            } while (in.accept(","));
            per = keys.size() == 1 ? keys.getFirst() : new Expr.ArrayOf(at, keys);
        }
        if (!in.acceptWord("WHEN")) {
            throw in.expectedOneOf(
                    severity == null && per == null ? List.of("WHEN", "PER", "SEVERITY") : List.of("WHEN", "PER"));
        }
        Condition raise = condition();
        Condition clear = in.acceptWords("CLEAR", "WHEN") ? condition() : null;
        List<Escalation> escalations = new ArrayList<>();
        long after = 0;
        while (in.acceptWord("ESCALATE") || !escalations.isEmpty() && in.accept(",")) {
            in.acceptWord("TO");
            Expr to = severity();
            in.expectWord("AFTER");
            Pos at = in.pos();
            long millis = in.positiveDuration();
            if (millis <= after) {
                throw new SyntaxProblem(at, "each ESCALATE comes after a longer time than the one before");
            }
            after = millis;
            escalations.add(new Escalation(to, millis));
        }
        long repeat = in.acceptWords("REPEAT", "EVERY") ? in.positiveDuration() : 0;
        return new Alert(pos, name, severity, per, raise, clear, List.copyOf(escalations), repeat);
    }

    /// A severity may be written without quotes.
    private Expr severity() {
        Expr expr = exprs.expression();
        return expr instanceof Expr.Name name && SEVERITIES.contains(name.name().toLowerCase(Locale.ROOT))
                ? new Expr.Literal(name.pos(), name.name())
                : expr;
    }

    private Condition condition() {
        Pos pos = in.pos();
        if (in.peek().word("ABSENT")
                && (in.peek(1).kind() == Kind.DURATION || in.peek(1).kind() == Kind.NUMBER)) {
            in.next();
            long absent = in.positiveDuration();
            return new Condition(pos, null, absent + (in.acceptWord("FOR") ? in.duration() : 0));
        }
        Expr when = exprs.expression();
        return new Condition(pos, when, in.acceptWord("FOR") ? in.duration() : 0);
    }
}
