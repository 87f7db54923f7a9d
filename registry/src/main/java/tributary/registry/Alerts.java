package tributary.registry;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import tributary.model.TenantId;

/// The alerts of rules and their lives: one a rule, name and key, however often it is raised.
public interface Alerts {
    /// Alerts that one list has at most.
    int LIST_MAX = 1000;

    /// Where an alert is in its life.
    enum State {
        RAISED,
        /// Raised, and somebody knows.
        ACKNOWLEDGED,
        CLEARED;

        /// @return the name in REST and in the table
        public String slug() {
            return name().toLowerCase(Locale.ROOT);
        }

        /// @return the state of that name
        /// @throws IllegalArgumentException where there is none
        public static State of(String slug) {
            return valueOf(slug.toUpperCase(Locale.ROOT));
        }
    }

    /// Names an alert.
    ///
    /// @param key what it is about, as JSON
    record Key(TenantId tenant, String rule, String name, String key) {
        public Key {
            Objects.requireNonNull(tenant, "tenant");
            Objects.requireNonNull(rule, "rule");
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(key, "key");
        }
    }

    /// @param severity    as the rule says it, or ""
    /// @param device      that it is about, or ""
    /// @param payload     what the rule said last
    /// @param raises      how often it was raised
    /// @param firstRaised when it was raised for the first time
    /// @param raised      when it was raised last
    /// @param changed     when it changed last
    /// @param ackedBy     who knows, or "" where nobody said
    /// @param acked       when that was said; meaningless where nobody did
    record Alert(
            Key key,
            State state,
            String severity,
            String device,
            String payload,
            long raises,
            Instant firstRaised,
            Instant raised,
            Instant changed,
            String ackedBy,
            Instant acked) {}

    /// A change that a rule said.
    ///
    /// @param position in the outbox
    /// @param what     `raised`, `escalated`, `repeated` or `cleared`
    record Change(long position, Key key, String what, String severity, String device, String payload, Instant at) {}

    /// Takes changes and remembers how far that was, both or neither. What is before the position that is
    /// remembered is not taken again. Alerts go with their rule, and changes of a rule that is not there are passed
    /// over.
    ///
    /// @param position behind the last one
    void apply(List<Change> changes, long position);

    /// @return how far changes were taken, or empty where none ever was
    Optional<Long> position();

    /// @param state only in this state; empty for those that are not cleared
    /// @param rule  only of this rule, or "" for any
    /// @return those raised last first, at most [#LIST_MAX]
    List<Alert> list(TenantId tenant, Optional<State> state, String rule);

    /// Says that somebody knows.
    ///
    /// @return the alert as it is now, or empty where it is not raised
    Optional<Alert> acknowledge(Key key, String by, Instant at);

    /// Forgets alerts that were cleared before.
    ///
    /// @return how many
    int forget(Instant clearedBefore);
}
