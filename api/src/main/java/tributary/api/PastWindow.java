package tributary.api;

import static tributary.api.Schema.may;

import java.time.Duration;
import java.time.Instant;

/// A stretch of the past that something is run over again.
///
/// @param from the first moment
/// @param to   the first moment behind, not after now
record PastWindow(Instant from, Instant to) {
    private static final Duration WARM_UP_MAX = Duration.ofDays(7);

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

    /// The field `warmUp` of a body.
    static Schema.Field warmUpField() {
        return may(
                "warmUp",
                Schema.name(
                        "how long before 'from' the rule begins to see messages, so that it remembers what it did then:"
                                + " 30m, 24h; nothing where not said",
                        20));
    }

    /// Reads the field `warmUp`.
    ///
    /// @return the moment from when on the rule sees messages
    /// @throws ProblemException where it is no length, or too long
    static Instant warm(Call call, Instant from) {
        String warmUp = call.text("warmUp", "");
        if (warmUp.isEmpty()) {
            return from;
        }
        Instant warm = Times.moment("-" + warmUp, from)
                .orElseThrow(() -> Flaws.field("warmUp", "must be a time such as 30m or 24h"));
        if (warm.isBefore(from.minus(WARM_UP_MAX))) {
            throw Flaws.field("warmUp", "is 7 days at most");
        }
        return warm;
    }
}
