package tributary.registry;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
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
    /// @param endedBy     who ended it by replacing its rule's statement or switching the rule off, or ""
    /// @param silenced    whether its last change went nowhere, because of a silence
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
            Instant acked,
            String endedBy,
            boolean silenced) {}

    /// An alert that stands for those of one cause: of one rule, name and state, raised within a minute of each other.
    ///
    /// @param alert the one raised last
    /// @param alike how many there are
    /// @param since when the first of them was raised
    record Line(Alert alert, long alike, Instant since) {}

    /// Names the alerts of one cause.
    ///
    /// @param from when the first of them was raised
    /// @param to   when the last of them was, itself included
    record Storm(TenantId tenant, String rule, String name, Instant from, Instant to) {}

    /// One change in the life of an alert.
    ///
    /// @param sequence grows within a tenant
    /// @param what     `raised`, `escalated`, `repeated`, `cleared`, `acknowledged`, or `ended` where
    ///                 somebody replaced the statement that raised it
    /// @param who      did it, or "" for the rule itself
    record Event(
            long sequence,
            Key key,
            String what,
            String severity,
            String device,
            String payload,
            Instant at,
            String who,
            boolean silenced) {}

    /// Which changes somebody asks for; "" for any.
    record Wanted(String rule, String name, String key, String device) {
        /// All of them.
        public static final Wanted ALL = new Wanted("", "", "", "");
    }

    /// Changes that a tenant's history has at most; the oldest go.
    int EVENTS_MAX = 20_000;

    /// Alerts of one cause are raised within so long of each other.
    long STORM_MILLIS = 60_000;

    /// A change that a rule said.
    ///
    /// @param position in the outbox
    /// @param version  of the rule that said it
    /// @param what     `raised`, `escalated`, `repeated` or `cleared`
    /// @param silenced whether it went nowhere else
    record Change(
            long position,
            Key key,
            int version,
            String what,
            String severity,
            String device,
            String payload,
            Instant at,
            boolean silenced) {}

    /// Takes changes and remembers how far that was, both or neither. What is before the position that is
    /// remembered is not taken again. Alerts go with their rule; changes of a rule that is not there, or that has
    /// another statement by now, are passed over.
    ///
    /// @param position behind the last one
    void apply(List<Change> changes, long position);

    /// @return how far changes were taken, or empty where none ever was
    Optional<Long> position();

    /// @param state only in this state; empty for those that are not cleared
    /// @param rule  only of this rule, or "" for any
    /// @return those raised last first, at most [#LIST_MAX]
    List<Alert> list(TenantId tenant, Optional<State> state, String rule);

    /// @return alerts of a storm in that state, those raised last first, at most [#LIST_MAX]
    List<Alert> list(Storm storm, State state);

    /// @return the same as the list of a tenant with alerts of one cause as one line
    List<Line> grouped(TenantId tenant, Optional<State> state, String rule);

    /// @param after the last one of the page before, or null
    /// @return all alerts of the tenant in a fixed order, those behind `after`
    List<Alert> page(TenantId tenant, @Nullable Key after, int limit);

    /// @return changes below a sequence, the newest first
    List<Event> before(TenantId tenant, Wanted wanted, long before, int limit);

    /// @return changes above a sequence, the oldest first
    List<Event> after(TenantId tenant, Wanted wanted, long after, int limit);

    /// @return the sequence of the newest change, 0 where there is none
    long newest(TenantId tenant);

    /// In memory: grows with each change of any alert that this process made.
    long changes();

    /// Takes out what rules said of a device; that there was an alert, and when, stays.
    ///
    /// @param device null for all of the tenant
    void erase(TenantId tenant, @Nullable DeviceId device);

    /// Says that somebody knows.
    ///
    /// @return the alert as it is now, or empty where it is not raised
    Optional<Alert> acknowledge(Key key, String by, Instant at);

    /// Says that somebody knows of all of a storm that are raised.
    ///
    /// @return how many those were
    int acknowledge(Storm storm, String by, Instant at);

    /// An alert of which somebody knows.
    ///
    /// @param raised when it was raised last
    /// @param at     since when somebody knows
    record Known(Key key, Instant raised, Instant at) {}

    /// @return those of all tenants that are acknowledged and not cleared
    List<Known> acknowledged();

    /// In memory: grows with each time that this process was told that somebody knows.
    long acknowledgements();

    /// Forgets alerts that were cleared before, and changes before that.
    ///
    /// @return how many
    int forget(Instant clearedBefore);
}
