package tributary.rules.syntax;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One select, or one FOREACH, whose items are then made for each element.
///
/// @param value   what `SELECT VALUE` gives, or null
/// @param items   the columns, empty with `value`
/// @param foreach the array of a FOREACH, or null
/// @param sources where messages come from; in a nested select one [Source.Array]
/// @param having  asked of each row of a window
public record Select(
        Pos pos,
        @Nullable Expr value,
        List<Item> items,
        @Nullable Foreach foreach,
        List<Source> sources,
        List<Join> joins,
        @Nullable Expr where,
        List<Expr> groups,
        @Nullable Window window,
        @Nullable Expr having,
        Emit emit,
        @Nullable Limit limit) {
    /// One column, or several at once.
    public sealed interface Item {
        /// @return where it begins
        Pos pos();

        /// `*`, without some paths and with some columns in place of others
        record All(Pos pos, List<Expr> except, List<Column> replace) implements Item {}

        /// `path.*`
        record Spread(Pos pos, Expr base) implements Item {}

        /// `expr AS a.b`; the name as written or as the expression gives it
        record Column(Pos pos, Expr expr, List<String> name, boolean named) implements Item {}
    }

    /// `FOREACH array AS name ... INCASE condition`
    public record Foreach(Expr array, String name, @Nullable Expr incase) {}

    /// Where messages or elements come from.
    public sealed interface Source {
        /// @return where it begins
        Pos pos();

        /// @return what its messages are called, or null
        @Nullable
        String name();

        /// A topic filter, with what time its messages have.
        record Topics(Pos pos, String filter, @Nullable String name, Timing timing) implements Source {}

        /// The rows of another select.
        record Query(Pos pos, Select select, @Nullable String name, Timing timing) implements Source {}

        /// The elements of an array; in nested selects only.
        record Array(Pos pos, Expr array, @Nullable String name) implements Source {}
    }

    /// Which time counts. Without `by` it is arrival.
    ///
    /// @param withinMillis how much later than its successors a message may come, or -1 where not said
    /// @param late         what becomes of those that come later still, or null where not said
    public record Timing(
            @Nullable Expr by, long withinMillis, @Nullable Late late) {
        /// Arrival.
        public static final Timing ARRIVAL = new Timing(null, -1, null);
    }

    /// What becomes of late messages.
    public sealed interface Late {
        /// They are counted and left out.
        record Drop() implements Late {}

        /// They count as just in time.
        record Adjust() implements Late {}

        /// They go to a topic as they came.
        record To(String topic) implements Late {}
    }

    /// What else a row is made of.
    public record Join(
            Pos pos, Kind kind, boolean left, @Nullable Source source, String name, Expr on, long withinMillis) {
        /// How the other side is kept.
        public enum Kind {
            STREAM,
            LATEST,
            TABLE
        }
    }

    /// When rows of a window leave.
    public record Emit(When when, long everyMillis) {
        /// The moments.
        public enum When {
            CLOSE,
            CHANGE,
            EXIT,
            EVERY
        }

        /// At the end of the window.
        public static final Emit CLOSE = new Emit(When.CLOSE, 0);

        /// @return whether nothing was said
        public boolean usual() {
            return when == When.CLOSE;
        }
    }

    /// At most `count` outputs in any `perMillis`.
    public record Limit(int count, long perMillis) {}
}
