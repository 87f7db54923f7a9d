package tributary.script;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Runs functions in JavaScript. Nothing of the language is loaded before the first one is checked or called.
///
/// A function has the language and nothing else: no files, network, threads, host; its clock and its chance are given
/// with each call; nothing that it does outlives the call. One that runs away is stopped, and its world is thrown away.
/// For any thread.
public final class Scripts implements AutoCloseable {
    private final ScriptLimits limits;
    private volatile @Nullable Boxes boxes;
    private boolean closed;

    public Scripts() {
        this(ScriptLimits.DEFAULTS);
    }

    public Scripts(ScriptLimits limits) {
        this.limits = limits;
    }

    /// Reads a text as JavaScript would.
    public FunctionText.Read check(String text) {
        return switch (FunctionText.read(text)) {
            case FunctionText.Read.Good(FunctionText read) -> boxes().check(read);
            case FunctionText.Read.Bad bad -> bad;
        };
    }

    /// Calls a function.
    ///
    /// @param owner whose function it is: those of different owners never meet
    public Answer call(String owner, FunctionText text, Arguments arguments) {
        return boxes().call(owner, text, arguments);
    }

    /// @return whether anything of the language is in memory
    boolean loaded() {
        return boxes != null;
    }

    private Boxes boxes() {
        Boxes known = boxes;
        return known == null ? made() : known;
    }

    private synchronized Boxes made() {
        if (closed) {
            throw new IllegalStateException("functions are closed");
        }
        if (boxes == null) {
            boxes = new Boxes(limits);
        }
        return Objects.requireNonNull(boxes);
    }

    @Override
    public synchronized void close() {
        closed = true;
        Boxes known = boxes;
        boxes = null;
        if (known != null) {
            known.close();
        }
    }
}
