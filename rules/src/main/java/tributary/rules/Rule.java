package tributary.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tributary.model.TopicFilter;
import tributary.rules.syntax.Parser;
import tributary.rules.syntax.Statement;
import tributary.rules.syntax.SyntaxProblem;
import tributary.rules.value.Json;

/// A rule: one statement, compiled once. Nothing in it changes; what it remembers of a stream is in a
/// [RuleRun].
public final class Rule {
    private final String sql;
    private final RuleOptions options;
    private final SelectPlan plan;
    private final List<Mistake> warnings;

    private Rule(String sql, RuleOptions options, SelectPlan plan, List<Mistake> warnings) {
        this.warnings = warnings;
        this.sql = sql;
        this.options = options;
        this.plan = plan;
    }

    /// What became of a text.
    public sealed interface Compiled {
        /// A rule.
        record Ready(Rule rule) implements Compiled {}

        /// None, and why.
        record Refused(Mistake mistake) implements Compiled {}
    }

    /// Reads and compiles a statement.
    public static Compiled compile(String sql, RuleOptions options) {
        try {
            Statement statement = Parser.parse(sql);
            SelectPlan plan = new SelectCompiler(options).compile(statement);
            List<Mistake> warnings = new ArrayList<>(Shadows.in(statement));
            warnings.addAll(Untold.in(statement));
            warnings.addAll(Futile.in(statement));
            return new Compiled.Ready(new Rule(sql, options, plan, List.copyOf(warnings)));
        } catch (SyntaxProblem e) {
            return new Compiled.Refused(new Mistake(e.line(), e.column(), e.what()));
        }
    }

    /// @return the statement as written
    public String sql() {
        return sql;
    }

    /// @return what is most likely not meant, though it can run
    public List<Mistake> warnings() {
        return warnings;
    }

    RuleOptions options() {
        return options;
    }

    SelectPlan plan() {
        return plan;
    }

    /// @return the topics that it listens to
    public List<TopicFilter> filters() {
        return Filters.of(plan);
    }

    /// @return whether what it says of a message depends on messages before it
    public boolean remembers() {
        return plan.remembers();
    }

    /// Begins with nothing remembered.
    public RuleRun start(Consumer<Output> out) {
        return new RuleRun(this, out);
    }

    /// Goes on from what [RuleRun#checkpoint] gave.
    public RuleRun resume(byte[] checkpoint, Consumer<Output> out) {
        RuleRun run = new RuleRun(this, out);
        run.restore(checkpoint);
        return run;
    }

    /// @return the JSON of an output's payload
    public static String json(Output output) {
        return Json.write(output.payload());
    }

    /// @return the bytes of an output's payload: JSON, or the bytes themselves where it is bytes
    public static byte[] bytes(Output output) {
        return Json.bytes(output.payload());
    }

    /// @return the text, number or boolean that a path of keys leads to in an output's payload, as text; null where
    ///         there is none
    public static @Nullable String text(Output output, List<String> path) {
        Object value = output.payload();
        for (String key : path) {
            value = value instanceof Map<?, ?> map ? map.get(key) : null;
        }
        return switch (value) {
            case String text -> text;
            case Number number -> Json.write(number);
            case Boolean flag -> flag.toString();
            case null, default -> null;
        };
    }

    /// @return a value of an output, such as the key of an alert, as JSON
    public static String jsonOf(Object value) {
        return Json.write(value);
    }

    /// @return the names of all functions
    public static List<String> functions() {
        return List.copyOf(Calls.everyName());
    }
}
