package tributary.api;

import static tributary.api.Schema.may;

import java.time.Instant;

/// A stretch of the past that something is run over again.
///
/// @param from the first moment
/// @param to   the first moment behind, not after now
record PastWindow(Instant from, Instant to) {
    /// The field `from` of a body.
    ///
    /// @param what whose first moment it is, such as "whose outputs count"
    static Schema.Field fromField(String what) {
        return may(
                "from",
                Schema.name("the first moment %s, -24h where not said; %s".formatted(what, Times.MOMENT_DOC), 40));
    }

    /// The field `to` of a body.
    static Schema.Field toField() {
        return may("to", Schema.name("the first moment behind, now where not said; " + Times.MOMENT_DOC, 40));
    }

    /// Reads the fields `from` and `to`.
    ///
    /// @param now as exact as the window is to be
    /// @throws ProblemException where they are no such stretch
    static PastWindow of(Call call, Instant now) {
        Instant from = call.moment("from", "-24h", now);
        Instant to = call.moment("to", "now", now);
        if (!from.isBefore(to)) {
            throw Flaws.field("from", "must be before 'to'");
        }
        if (to.isAfter(now)) {
            throw Flaws.field("to", "must not be after now");
        }
        return new PastWindow(from, to);
    }
}
