package tributary.query.worker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tributary.model.Quote;
import tributary.model.Settings;
import tributary.query.wire.Argument;
import tributary.query.wire.Failure;
import tributary.query.wire.SqlAsk;
import tributary.query.wire.TypeView;
import tributary.query.wire.Views;

/// The first wall: lets a statement pass only where every node of its parse tree is on a list of what is allowed.
///
/// It reads the tree that the engine itself made of the text ([Engine.Session#ask] with `json_serialize_sql`), so
/// comments, quoting and odd spaces cannot make the two see different things. What is not known is refused; a new
/// kind of statement in a new engine is therefore refused until somebody has looked at it.
final class Gate {
    static final String SERIALIZE = "SELECT json_serialize_sql(?, skip_null := true, skip_empty := true)";
    static final int STATEMENT_BYTES_MAX = 64 << 10;

    private static final Set<String> TABLES = Set.of(
            "readings",
            "readings_1m",
            "readings_1h",
            "readings_1d",
            "devices",
            "sensors",
            "alerts",
            "rejected",
            "messages",
            "events");
    private static final Set<String> TABLE_FUNCTIONS = Set.of("range", "generate_series", "unnest");
    private static final Set<String> EXPRESSIONS = Set.of(
            "COLUMN_REF",
            "CONSTANT",
            "FUNCTION",
            "OPERATOR",
            "COMPARISON",
            "CONJUNCTION",
            "CAST",
            "CASE",
            "BETWEEN",
            "SUBQUERY",
            "WINDOW",
            "STAR",
            "COLLATE",
            "LAMBDA",
            "LAMBDA_REF",
            "POSITIONAL_REFERENCE",
            "TYPE");
    private static final Set<String> PARTS = Set.of(
            "SUBQUERY",
            "EXPRESSION_LIST",
            "EMPTY",
            "ORDER_MODIFIER",
            "LIMIT_MODIFIER",
            "LIMIT_PERCENT_MODIFIER",
            "DISTINCT_MODIFIER",
            "ASCENDING",
            "DESCENDING",
            "ORDER_DEFAULT");
    private static final Set<String> TYPES = Set.of(
            "boolean",
            "bool",
            "tinyint",
            "smallint",
            "integer",
            "int",
            "bigint",
            "hugeint",
            "utinyint",
            "usmallint",
            "uinteger",
            "ubigint",
            "float",
            "real",
            "double",
            "decimal",
            "numeric",
            "varchar",
            "text",
            "string",
            "char",
            "blob",
            "date",
            "time",
            "timestamp",
            "timestamptz",
            "timestamp with time zone",
            "datetime",
            "interval",
            "uuid",
            "json",
            "list",
            "array",
            "struct",
            "row",
            "map",
            "enum",
            "int1",
            "int2",
            "int4",
            "int8",
            "float4",
            "float8",
            "timestamp_s",
            "timestamp_ms",
            "timestamp_us",
            "timestamp_ns",
            "logical",
            "long",
            "short");
    private static final String ALLOWED =
            "what is allowed: one SELECT over readings, devices, sensors, messages, rejected, events and device types";

    private final String statement;
    private final Views views;
    private final Uses uses;
    private final Set<String> given;

    /// The parse trees of statements that came lately: the same text always has the same tree, and dashboards
    /// ask the same again and again.
    static final class Trees {
        private static final int STATEMENTS_MAX = 64;
        private static final int CHARACTERS_MAX = 4 << 10;

        private final Map<String, Object> trees = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Object> eldest) {
                return size() > STATEMENTS_MAX;
            }
        };

        @Nullable
        Object of(Engine.Session session, String statement) throws EngineException {
            synchronized (trees) {
                Object known = trees.get(statement);
                if (known != null) {
                    return known;
                }
            }
            Object tree = Json.read(session.ask(SERIALIZE, List.of(new Argument("1", statement)), 0));
            if (tree != null && statement.length() <= CHARACTERS_MAX) {
                synchronized (trees) {
                    trees.put(statement, tree);
                }
            }
            return tree;
        }
    }

    private Gate(SqlAsk ask, Views views) {
        this.statement = ask.text();
        this.views = views;
        Map<String, TypeView> known = new HashMap<>();
        views.views().forEach(view -> known.put(view.name(), view));
        this.uses = new Uses(known);
        this.given = ask.arguments().stream().map(Argument::name).collect(Collectors.toSet());
    }

    /// Lets pass what is allowed.
    ///
    /// @return what the statement makes use of
    /// @throws EngineException with what is refused, where it stands and what is allowed
    static Uses check(Engine.Session session, Trees trees, SqlAsk ask, Views views) throws EngineException {
        String statement = ask.text();
        if (statement.length() > STATEMENT_BYTES_MAX) {
            throw EngineException.refused("the statement has " + statement.length() + " characters; at most "
                    + STATEMENT_BYTES_MAX + " are allowed");
        }
        if (statement.indexOf('\0') >= 0) {
            throw EngineException.refused("the statement has a NUL character");
        }
        Gate gate = new Gate(ask, views);
        gate.tree(trees.of(session, statement));
        for (String name : gate.given) {
            if (!gate.uses.parameters().contains(name)) {
                throw new EngineException(
                        Failure.WRONG,
                        "there is no parameter :" + Quote.shorten(name) + " in the statement; leave its value out");
            }
        }
        return gate.uses;
    }

    private void tree(@Nullable Object parsed) throws EngineException {
        Map<?, ?> root = object(parsed);
        if (Boolean.TRUE.equals(root.get("error"))) {
            String text = String.valueOf(root.get("error_message"));
            if ("parser".equals(root.get("error_type"))) {
                Place place = Place.at(statement, root.get("position"));
                throw new EngineException(Failure.WRONG, text + place, place, "");
            }
            throw EngineException.refused("only SELECT statements are allowed; " + ALLOWED);
        }
        List<?> statements = list(root.get("statements"));
        if (statements.size() != 1) {
            throw EngineException.refused(
                    statements.isEmpty()
                            ? "there is no statement; " + ALLOWED
                            : "only one statement at a time is allowed, these are " + statements.size());
        }
        query(object(object(statements.getFirst()).get("node")), Set.of());
    }

    /// A SELECT, a UNION or a recursive part, with the names of common table expressions around it.
    private void query(Map<?, ?> node, Set<String> outer) throws EngineException {
        String type = text(node, "type");
        Set<String> names = new HashSet<>(outer);
        for (Object entry : entries(node)) {
            Map<?, ?> expression = object(entry);
            String name = text(expression, "key").toLowerCase(Locale.ROOT);
            Map<?, ?> value = object(expression.get("value"));
            commonTable(value, names);
            names.add(name);
        }
        switch (type) {
            case "SELECT_NODE", "SET_OPERATION_NODE" -> children(node, names, "cte_map");
            case "RECURSIVE_CTE_NODE" -> {
                query(object(node.get("left")), names);
                names.add(text(node, "cte_name").toLowerCase(Locale.ROOT));
                children(node, names, "left", "cte_map");
            }
            default ->
                throw EngineException.refused(
                        type.replace("_QUERY_NODE", "").replace("_NODE", "").replace('_', ' ') + " is not allowed; "
                                + ALLOWED);
        }
    }

    private void commonTable(Map<?, ?> value, Set<String> names) throws EngineException {
        for (Map.Entry<?, ?> part : value.entrySet()) {
            if (part.getValue() instanceof Map<?, ?> map) {
                if (map.containsKey("node")) {
                    query(object(map.get("node")), names);
                } else {
                    visit(map, names);
                }
            } else {
                visit(part.getValue(), names);
            }
        }
    }

    private static List<?> entries(Map<?, ?> node) throws EngineException {
        Object map = node.get("cte_map");
        Object list = map instanceof Map<?, ?> present ? present.get("map") : null;
        return list == null ? List.of() : list(list);
    }

    private void children(Map<?, ?> node, Set<String> names, String... seen) throws EngineException {
        Set<String> done = Set.of(seen);
        for (Map.Entry<?, ?> child : node.entrySet()) {
            if (!done.contains(String.valueOf(child.getKey()))) {
                visit(child.getValue(), names);
            }
        }
    }

    private void visit(@Nullable Object value, Set<String> names) throws EngineException {
        if (value instanceof List<?> list) {
            for (Object item : list) {
                visit(item, names);
            }
        } else if (value instanceof Map<?, ?> node) {
            if (node.containsKey("at_clause")) {
                throw EngineException.refused("AT (a version of a table) is not allowed" + place(node), place(node));
            }
            if (node.containsKey("class")) {
                expression(node, names);
            } else if (node.containsKey("type")) {
                part(node, names);
            } else {
                children(node, names);
            }
        }
    }

    private void expression(Map<?, ?> node, Set<String> names) throws EngineException {
        String kind = text(node, "class");
        switch (kind) {
            case "PARAMETER" -> parameter(node);
            case "COLUMN_REF" -> uses.column(list(node.get("column_names")));
            case "STAR" -> uses.everything();
            default -> {
                if (!EXPRESSIONS.contains(kind)) {
                    throw EngineException.refused(
                            kind.replace('_', ' ') + " is not allowed" + place(node), place(node));
                }
            }
        }
        if (kind.equals("FUNCTION") || kind.equals("WINDOW")) {
            function(node, AllowedFunctions.NAMES);
        }
        if (kind.equals("TYPE")) {
            type(node);
        }
        children(node, names);
    }

    private void parameter(Map<?, ?> node) throws EngineException {
        String name = text(node, "identifier");
        if (!given.contains(name)) {
            Place place = place(node);
            throw new EngineException(
                    Failure.WRONG,
                    "parameter "
                            + (name.matches("\\d+") ? "? has no name" : ":" + Quote.shorten(name) + " has no value")
                            + place + "; write :name and give a value for it",
                    place,
                    "");
        }
        uses.parameter(name);
    }

    private void function(Map<?, ?> node, Set<String> allowed) throws EngineException {
        String name = text(node, "function_name").toLowerCase(Locale.ROOT);
        if (list(object(node.get("qualified_name")).get("path")).size() != 1) {
            throw EngineException.refused(
                    "function " + Quote.shorten(name) + " is written with a schema" + place(node)
                            + "; write its bare name",
                    place(node));
        }
        if (!allowed.contains(name)) {
            String near = Settings.nearest(name, allowed);
            throw refused("function " + Quote.shorten(name) + " is not allowed" + place(node), place(node), near, "");
        }
    }

    private void type(Map<?, ?> node) throws EngineException {
        String name = text(node, "type_name").toLowerCase(Locale.ROOT);
        if (!TYPES.contains(name)
                || list(object(node.get("qualified_name")).get("path")).size() != 1) {
            throw EngineException.refused("type " + Quote.shorten(name) + " is not allowed" + place(node), place(node));
        }
    }

    private void part(Map<?, ?> node, Set<String> names) throws EngineException {
        String type = text(node, "type");
        switch (type) {
            case "BASE_TABLE" -> table(node, names);
            case "JOIN" -> {
                if (node.get("using_columns") instanceof List<?> columns) {
                    columns.forEach(name -> uses.column(List.of(name)));
                }
                if ("NATURAL".equals(node.get("ref_type"))) {
                    uses.everything();
                }
                children(node, names);
            }
            case "TABLE_FUNCTION" -> {
                Map<?, ?> function = object(node.get("function"));
                function(function, TABLE_FUNCTIONS);
                children(function, names);
                children(node, names, "function");
            }
            case "SHOW_REF" -> {
                if (!(node.get("query") instanceof Map<?, ?> query)) {
                    throw EngineException.refused(
                            "SHOW is not allowed" + place(node) + "; DESCRIBE readings shows the columns of a table",
                            place(node));
                }
                query(query, names);
                children(node, names, "query");
            }
            default -> {
                if (type.endsWith("_NODE")) {
                    query(node, names);
                } else if (PARTS.contains(type)) {
                    children(node, names);
                } else {
                    throw EngineException.refused(
                            type.replace('_', ' ') + " is not allowed" + place(node), place(node));
                }
            }
        }
    }

    private void table(Map<?, ?> node, Set<String> names) throws EngineException {
        String name = text(node, "table_name").toLowerCase(Locale.ROOT);
        List<?> path = list(object(node.get("qualified_name")).get("path"));
        if (path.size() != 1) {
            throw EngineException.refused(
                    "table "
                            + Quote.shorten(String.join(
                                    ".", path.stream().map(String::valueOf).toList())) + " is written with a schema"
                            + place(node) + "; " + ALLOWED,
                    place(node));
        }
        if (TABLES.contains(name)) {
            uses.base(name);
        } else if (!names.contains(name) && !uses.table(name, node)) {
            List<String> there = new ArrayList<>(TABLES);
            there.addAll(views.names());
            String near = Settings.nearest(name, there);
            throw refused("there is no table " + Quote.shorten(name) + place(node), place(node), near, "; " + ALLOWED);
        }
        children(node, names);
    }

    private static EngineException refused(String what, Place place, @Nullable String near, String more) {
        String hint = near == null ? "" : near;
        return new EngineException(
                Failure.REFUSED, what + (near == null ? "" : "; did you mean " + near + "?") + more, place, hint);
    }

    private Place place(Map<?, ?> node) {
        return Place.at(statement, node.get("query_location"));
    }

    private static Map<?, ?> object(@Nullable Object value) throws EngineException {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw EngineException.refused("the statement has a form that is not known here; " + ALLOWED);
    }

    private static List<?> list(@Nullable Object value) throws EngineException {
        if (value instanceof List<?> list) {
            return list;
        }
        throw EngineException.refused("the statement has a form that is not known here; " + ALLOWED);
    }

    private static String text(Map<?, ?> node, String key) throws EngineException {
        if (node.get(key) instanceof String text) {
            return text;
        }
        throw EngineException.refused("the statement has a form that is not known here; " + ALLOWED);
    }
}
