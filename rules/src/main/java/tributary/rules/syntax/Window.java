package tributary.rules.syntax;

import org.jspecify.annotations.Nullable;

/// A window of a GROUP BY.
public sealed interface Window {
    /// @return where it begins
    Pos pos();

    /// @return what a message must meet to enter at all, or null
    @Nullable
    Expr filter();

    /// @return the same with a filter
    Window filtered(Expr filter);

    /// Windows at fixed times: tumbling where hop and size are equal.
    record Hopping(
            Pos pos,
            long sizeMillis,
            long hopMillis,
            long offsetMillis,
            @Nullable Expr filter) implements Window {
        @Override
        public Window filtered(Expr condition) {
            return new Hopping(pos, sizeMillis, hopMillis, offsetMillis, condition);
        }
    }

    /// Windows that grow by steps and begin again.
    record Cumulate(
            Pos pos,
            long stepMillis,
            long maxMillis,
            @Nullable Expr filter) implements Window {
        @Override
        public Window filtered(Expr condition) {
            return new Cumulate(pos, stepMillis, maxMillis, condition);
        }
    }

    /// What came in the last `sizeMillis`, looked at `delayMillis` after each message.
    record Sliding(
            Pos pos,
            long sizeMillis,
            long delayMillis,
            @Nullable Expr filter) implements Window {
        @Override
        public Window filtered(Expr condition) {
            return new Sliding(pos, sizeMillis, delayMillis, condition);
        }
    }

    /// Until nothing came for `gapMillis`, at most `maxMillis` (0: without end).
    record Session(
            Pos pos,
            long gapMillis,
            long maxMillis,
            @Nullable Expr filter) implements Window {
        @Override
        public Window filtered(Expr condition) {
            return new Session(pos, gapMillis, maxMillis, condition);
        }
    }

    /// The last `size` messages, after each `step`.
    record Count(Pos pos, int size, int step, @Nullable Expr filter) implements Window {
        @Override
        public Window filtered(Expr condition) {
            return new Count(pos, size, step, condition);
        }
    }

    /// With one expression as long as it keeps its value; with two from when `begin` is true until `end` is.
    record State(
            Pos pos,
            Expr begin,
            @Nullable Expr end,
            @Nullable Expr filter) implements Window {
        @Override
        public Window filtered(Expr condition) {
            return new State(pos, begin, end, condition);
        }
    }
}
