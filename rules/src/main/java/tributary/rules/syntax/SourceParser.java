package tributary.rules.syntax;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tributary.model.Quote;
import tributary.model.TopicFilter;
import tributary.rules.syntax.Select.Join;
import tributary.rules.syntax.Select.Late;
import tributary.rules.syntax.Select.Source;
import tributary.rules.syntax.Select.Timing;
import tributary.rules.syntax.Token.Kind;

/// Reads what stands after FROM, the joins, and GROUP BY with its window.
final class SourceParser {
    private static final int SOURCES_MAX = 100;
    private static final int GROUPS_MAX = 20;
    private static final int COUNT_MAX = 100_000;
    private static final int HOPS_MAX = 1_000;
    private static final List<String> WINDOWS =
            List.of("TUMBLING", "HOPPING", "SLIDING", "SESSION", "CUMULATE", "COUNTWINDOW", "STATEWINDOW");

    private final Tokens in;
    private final ExprParser exprs;
    private final Parser parser;

    SourceParser(Tokens in, ExprParser exprs, Parser parser) {
        this.in = in;
        this.exprs = exprs;
        this.parser = parser;
    }

    /// What a GROUP BY says.
    record Groups(List<Expr> by, @Nullable Window window) {
        static final Groups NONE = new Groups(List.of(), null);
    }

    List<Source> sources() {
        List<Source> sources = new ArrayList<>();
        do {
            sources.add(source());
            if (sources.size() > SOURCES_MAX) {
                throw new SyntaxProblem(in.pos(), "at most %d sources".formatted(SOURCES_MAX));
            }
        } while (in.accept(","));
        return List.copyOf(sources);
    }

    Source.Array array() {
        Pos pos = in.pos();
        Expr array = exprs.expression();
        return new Source.Array(pos, array, in.acceptWord("AS") ? in.name("a name for the element") : null);
    }

    private Source source() {
        Pos pos = in.pos();
        if (in.peek().is("(")) {
            in.next();
            Select inner = parser.select(false);
            in.expect(")");
            String name = alias();
            return new Source.Query(pos, inner, name, timing());
        }
        boolean stream = in.peek().kind() == Kind.NAME;
        String filter = filter();
        String fault = TopicFilter.fault(filter);
        if (fault != null) {
            throw new SyntaxProblem(pos, "'" + Quote.shorten(filter) + "' is no topic filter: " + fault);
        }
        String name = alias();
        // a stream that is written without quotes goes by its own name
        return new Source.Topics(pos, filter, name == null && stream ? filter : name, timing());
    }

    private @Nullable String alias() {
        return in.acceptWord("AS") ? in.name("a name for the source") : null;
    }

    private String filter() {
        if (in.peek().kind() == Kind.STRING
                || in.peek().kind() == Kind.QUOTED
                || in.peek().kind() == Kind.NAME) {
            return in.next().text();
        }
        if (in.peek().is("$")) {
            StringBuilder filter = new StringBuilder("$");
            in.next();
            filter.append(level("the name of a stream after '$'"));
            while (in.accept("/")) {
                filter.append('/').append(level("the next level of the stream's name"));
            }
            return filter.toString();
        }
        throw in.expected("a topic filter in quotes, such as 'env/+/temp', or a select in brackets");
    }

    /// A name that may have hyphens in it, as `first-seen`.
    private String level(String what) {
        int end = in.peek().end();
        StringBuilder level = new StringBuilder(in.name(what));
        while (in.peek().is("-")
                && in.peek().start() == end
                && in.peek(1).start() == in.peek().end()) {
            in.next();
            end = in.peek().end();
            level.append('-').append(in.name("the rest of the name"));
        }
        return level.toString();
    }

    private Timing timing() {
        Expr by = in.acceptWords("TIMESTAMP", "BY") ? exprs.expression() : null;
        Pos pos = in.pos();
        long within = -1;
        Late late = null;
        if (in.acceptWord("WITHIN")) {
            within = in.duration();
        }
        if (in.acceptWord("LATE")) {
            late = late();
        }
        if (by == null && (within >= 0 || late != null)) {
            throw new SyntaxProblem(pos, "WITHIN and LATE need an event time: write TIMESTAMP BY before them");
        }
        return by == null ? Timing.ARRIVAL : new Timing(by, within, late);
    }

    private Late late() {
        if (in.acceptWord("DROP")) {
            return new Late.Drop();
        }
        if (in.acceptWord("ADJUST")) {
            return new Late.Adjust();
        }
        if (in.acceptWord("TO")) {
            if (in.peek().kind() != Kind.STRING) {
                throw in.expected("a topic in quotes");
            }
            return new Late.To(in.next().text());
        }
        throw in.expectedOneOf(List.of("DROP", "ADJUST", "TO"));
    }

    List<Join> joins() {
        List<Join> joins = new ArrayList<>();
        while (joins.size() < 10) {
            Pos pos = in.pos();
            boolean left = in.peek().word("LEFT")
                    && (in.peek(1).word("JOIN") || in.peek(1).word("OUTER"));
            if (left) {
                in.next();
                in.acceptWord("OUTER");
            } else if (in.peek().word("INNER") && in.peek(1).word("JOIN")) {
                in.next();
            }
            if (!in.acceptWord("JOIN")) {
                break;
            }
            joins.add(join(pos, left));
        }
        return List.copyOf(joins);
    }

    private Join join(Pos pos, boolean left) {
        if (in.acceptWord("TABLE")) {
            String table = in.name("the name of a table");
            String name = in.acceptWord("AS") ? in.name("a name for the table's rows") : table;
            // The table's own name travels as a source's filter.
            Source source = new Source.Topics(pos, table, name, Timing.ARRIVAL);
            in.expectWord("ON");
            return new Join(pos, Join.Kind.TABLE, left, source, name, exprs.expression(), 0);
        }
        boolean latest = in.peek().word("LATEST")
                && !in.peek(1).word("AS")
                && !in.peek(1).word("ON");
        if (latest) {
            in.next();
        }
        Source source = source();
        String name = source.name();
        if (name == null) {
            throw in.expectedOneOf(List.of("AS and a name for what is joined"));
        }
        in.expectWord("ON");
        Expr on = exprs.expression();
        if (latest) {
            return new Join(pos, Join.Kind.LATEST, left, source, name, on, 0);
        }
        if (!in.acceptWord("WITHIN")) {
            throw in.expected("WITHIN and how far apart the two may be, such as WITHIN 10s");
        }
        return new Join(pos, Join.Kind.STREAM, left, source, name, on, in.positiveDuration());
    }

    Groups groups() {
        List<Expr> by = new ArrayList<>();
        Window window = null;
        do {
            String kind = windowKind();
            if (kind.isEmpty()) {
                by.add(exprs.expression());
            } else if (window != null) {
                throw new SyntaxProblem(in.pos(), "one window a select; this is the second");
            } else {
                window = filtered(window(kind));
            }
            if (by.size() > GROUPS_MAX) {
                throw new SyntaxProblem(in.pos(), "at most %d groups".formatted(GROUPS_MAX));
            }
        } while (in.accept(","));
        return new Groups(List.copyOf(by), window);
    }

    /// The kind of window that begins here, or "".
    private String windowKind() {
        if (in.peek().kind() != Kind.NAME || !in.peek(1).is("(")) {
            return "";
        }
        String word = in.peek().text().toLowerCase(Locale.ROOT);
        String kind = word.endsWith("window") ? word.substring(0, word.length() - 6) : word;
        return switch (kind) {
            case "tumbling", "tumble", "hopping", "hop", "sliding", "session", "cumulate" -> kind;
            case "count", "state" -> word.equals(kind) ? "" : kind;
            default -> {
                if (word.endsWith("window")) {
                    throw in.expectedOneOf(WINDOWS);
                }
                yield "";
            }
        };
    }

    private Window window(String kind) {
        Pos pos = in.next().pos();
        in.expect("(");
        Window window = switch (kind) {
            case "count" -> count(pos);
            case "state" -> {
                Expr begin = exprs.expression();
                yield new Window.State(pos, begin, in.accept(",") ? exprs.expression() : null, null);
            }
            default -> timed(pos, kind);
        };
        in.expect(")");
        return window;
    }

    private Window count(Pos pos) {
        int size = in.count(COUNT_MAX);
        int step = size;
        if (in.accept(",")) {
            step = in.count(size);
        }
        return new Window.Count(pos, size, step, null);
    }

    /// `(10s, 5s)`, or with the unit first as eKuiper and Azure write it: `(ss, 10, 5)`, `(second, 10, 5)`.
    private Window timed(Pos pos, String kind) {
        List<Long> times = new ArrayList<>();
        boolean abbreviated = false;
        boolean named = in.peek().kind() == Kind.NAME || in.peek().kind() == Kind.STRING;
        if (named) {
            String word = in.peek().text();
            long unit = Durations.millis(word);
            if (unit == 0) {
                throw in.expected("a duration, such as 10s, or a unit such as ss");
            }
            in.next();
            abbreviated = word.length() <= 2;
            while (in.accept(",")) {
                times.add(Math.multiplyExact(unit, (long) in.count(COUNT_MAX)));
            }
        } else {
            do {
                times.add(in.duration());
            } while (in.accept(","));
        }
        if (times.isEmpty() || times.getFirst() <= 0 || times.getFirst() > Durations.MAX) {
            throw new SyntaxProblem(pos, "a window is longer than 0 and at most ten years");
        }
        int most = kind.startsWith("hop") ? 3 : 2;
        if (times.size() > most) {
            throw new SyntaxProblem(
                    pos, "%s takes at most %d durations".formatted(kind.toUpperCase(Locale.ROOT), most));
        }
        // eKuiper's session names the longest session first, then the gap.
        boolean turned = abbreviated && kind.equals("session") && times.size() == 2;
        return shape(pos, kind, turned ? times.reversed() : times);
    }

    private Window shape(Pos pos, String kind, List<Long> times) {
        long size = times.getFirst();
        long second = times.size() > 1 ? times.get(1) : 0;
        switch (kind) {
            case "tumbling", "tumble" -> {
                return new Window.Hopping(pos, size, size, second, null);
            }
            case "hopping", "hop" -> {
                if (second <= 0 || second > size || size / second > HOPS_MAX) {
                    throw new SyntaxProblem(
                            pos,
                            "HOPPING(size, hop) needs a hop from a %dth of the size to the size".formatted(HOPS_MAX));
                }
                return new Window.Hopping(pos, size, second, times.size() > 2 ? times.get(2) : 0, null);
            }
            case "sliding" -> {
                if (second < 0) {
                    throw new SyntaxProblem(pos, "the delay of a sliding window is not negative");
                }
                return new Window.Sliding(pos, size, second, null);
            }
            case "session" -> {
                if (times.size() > 1 && second < size) {
                    throw new SyntaxProblem(pos, "SESSION(gap, max) needs a max that is not shorter than the gap");
                }
                return new Window.Session(pos, size, second, null);
            }
            default -> {
                if (second <= 0 || second % size != 0 || second / size > HOPS_MAX) {
                    throw new SyntaxProblem(
                            pos, "CUMULATE(step, max) needs a max of 1 to %d whole steps".formatted(HOPS_MAX));
                }
                return new Window.Cumulate(pos, size, second, null);
            }
        }
    }

    private Window filtered(Window window) {
        if (!in.peek().word("FILTER") || !in.peek(1).is("(")) {
            return window;
        }
        in.next();
        in.next();
        in.expectWord("WHERE");
        Expr filter = exprs.expression();
        in.expect(")");
        return window.filtered(filter);
    }
}
