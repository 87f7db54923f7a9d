package tributary.script;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.EnvironmentAccess;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotAccess;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.ResourceLimits;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.SourceSection;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.IOAccess;
import org.jspecify.annotations.Nullable;

/// A world of JavaScript of its own, with functions of one owner in it. One thread at a time.
final class Box {
    private static final String LANGUAGE = "js";
    private static final String FUNCTION = "function";
    private static final int FUNCTIONS_MAX = 200;
    private static final int WHAT_MAX = 300;

    /// Longest text and array of numbers in JavaScript: what one step could otherwise make of nothing.
    private static final String LENGTH_MAX = "1000000";

    /// What JavaScript and its host offer beyond the language.
    private static final String[] OFF = {
        "allow-eval",
        "atomics",
        "bigint",
        "console",
        "graal-builtin",
        "intl-402",
        "java-package-globals",
        "load",
        "polyglot-builtin",
        "print",
        "regexp-static-result",
        "shared-array-buffer"
    };

    private final Context context;
    private final Value install;
    private final Value written;
    private final Map<String, Value> functions = new HashMap<>();
    private boolean broken;

    private Box(Context context) {
        this.context = context;
        this.install = context.eval(source("box", resource()));
        this.written = context.eval(source("box", "(f) => Function.prototype.toString.call(f)"));
    }

    static Engine engine() {
        return Engine.newBuilder(LANGUAGE)
                .option("engine.WarnInterpreterOnly", "false")
                .build();
    }

    static Box open(Engine engine, ScriptLimits limits) {
        Context.Builder builder = Context.newBuilder(LANGUAGE)
                .engine(engine)
                .allowAllAccess(false)
                .allowHostAccess(HostAccess.NONE)
                .allowHostClassLookup(_ -> false)
                .allowPolyglotAccess(PolyglotAccess.NONE)
                .allowEnvironmentAccess(EnvironmentAccess.NONE)
                .allowIO(IOAccess.NONE)
                .allowCreateProcess(false)
                .allowCreateThread(false)
                .allowNativeAccess(false)
                .allowInnerContextOptions(false)
                .allowValueSharing(false)
                .timeZone(ZoneOffset.UTC)
                .in(InputStream.nullInputStream())
                .out(OutputStream.nullOutputStream())
                .err(OutputStream.nullOutputStream())
                .resourceLimits(ResourceLimits.newBuilder()
                        .statementLimit(
                                limits.statements(), source -> source.getName().equals(FUNCTION))
                        .build())
                .allowExperimentalOptions(true)
                .option("js.string-length-limit", LENGTH_MAX)
                .option("js.max-typed-array-length", LENGTH_MAX)
                .option("js.max-apply-argument-length", "100000")
                .option("js.locale", "en");
        for (String option : OFF) {
            builder.option("js." + option, "false");
        }
        return new Box(builder.build());
    }

    private static Source source(String name, String text) {
        return Source.newBuilder(LANGUAGE, text, name).cached(false).buildLiteral();
    }

    private static String resource() {
        try (InputStream in = Objects.requireNonNull(Box.class.getResourceAsStream("box.js"), "box.js")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// @return what is wrong with the text, or a good one
    FunctionText.Read check(FunctionText text) {
        try {
            context.resetLimits();
            // alone it has to be a whole program, so that it cannot close the brackets that it is read in
            context.parse(source(FUNCTION, "\n" + text.body()));
            Value made = evaluated(text.body());
            if (!made.canExecute() || !text.body().equals(written.execute(made).asString())) {
                return bad(text, text.body().lines().count() + 1, "there is something behind the function: one is all");
            }
            return new FunctionText.Read.Good(text);
        } catch (PolyglotException e) {
            broken = !e.isGuestException() || e.isCancelled();
            SourceSection place = e.getSourceLocation();
            return new FunctionText.Read.Bad(
                    place == null ? text.line() : Math.max(1, place.getStartLine() - 2 + text.line()),
                    place == null ? 1 : place.getStartColumn(),
                    firstLine(e).replaceFirst("^(SyntaxError: )?function:\\d+:\\d+ ", ""));
        }
    }

    private static FunctionText.Read.Bad bad(FunctionText text, long line, String what) {
        return new FunctionText.Read.Bad((int) Math.max(1, line - 2 + text.line()), 1, what);
    }

    /// The text as an expression, so that it is a function and leaves no name behind.
    private Value evaluated(String body) {
        return context.eval(source(FUNCTION, "(\n" + body + "\n)"));
    }

    /// Reads the function, where it was not yet, so that the first call takes no longer than others.
    ///
    /// @return what came of it where it cannot be read, or null
    @Nullable
    Answer refusal(FunctionText text) {
        try {
            know(text);
            return null;
        } catch (PolyglotException e) {
            return answer(text, e);
        }
    }

    private void know(FunctionText text) {
        if (!functions.containsKey(text.body())) {
            context.resetLimits();
            functions.put(text.body(), install.execute(evaluated(text.body())));
        }
    }

    Answer call(FunctionText text, Arguments arguments) {
        try {
            context.resetLimits();
            Value answer = Objects.requireNonNull(functions.get(text.body()))
                    .execute(
                            arguments.json(),
                            arguments.undefined(),
                            (double) arguments.nowMillis(),
                            arguments.chance());
            return answer.isNull() ? new Answer.Nothing() : new Answer.Value(answer.asString());
        } catch (PolyglotException e) {
            return answer(text, e);
        } catch (IllegalStateException e) {
            broken = true;
            return new Answer.Stopped("it was stopped");
        }
    }

    private Answer answer(FunctionText text, PolyglotException e) {
        if (e.isResourceExhausted() || e.isCancelled() || e.isInterrupted() || e.isInternalError()) {
            broken = true;
            return new Answer.Stopped(e.isResourceExhausted() ? exhausted(e) : firstLine(e));
        }
        return new Answer.Failed(place(text, e) + firstLine(e));
    }

    private static String exhausted(PolyglotException e) {
        return firstLine(e).startsWith("Statement") ? "it ran through too many statements" : "it took too much memory";
    }

    private static String place(FunctionText text, PolyglotException e) {
        for (PolyglotException.StackFrame frame : e.getPolyglotStackTrace()) {
            SourceSection place = frame.isGuestFrame() ? frame.getSourceLocation() : null;
            if (place != null && place.getSource().getName().equals(FUNCTION)) {
                return "line %d, column %d: ".formatted(place.getStartLine() - 2 + text.line(), place.getStartColumn());
            }
        }
        return "";
    }

    private static String firstLine(PolyglotException e) {
        String what = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return what.length() > WHAT_MAX ? what.substring(0, WHAT_MAX) + "..." : what;
    }

    /// @return whether it can be used again
    boolean good() {
        return !broken && functions.size() < FUNCTIONS_MAX;
    }

    /// It was ended from outside.
    void spoil() {
        broken = true;
    }

    /// Ends whatever runs in it, from any thread.
    void kill() {
        context.close(true);
    }
}
