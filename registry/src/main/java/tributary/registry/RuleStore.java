package tributary.registry;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import tributary.model.TenantId;

/// The rules that tenants keep: their text, what they do, and how they came to be so.
public interface RuleStore {
    /// Rules that a tenant may have.
    int PER_TENANT_MAX = 1000;

    /// Versions of a rule that are kept, the current one included.
    int VERSIONS_MAX = 50;

    /// What a rule does.
    enum State {
        /// Nothing: it is being written.
        DRAFT,
        /// It runs and shows what it would say.
        SHADOW,
        /// It runs.
        ON,
        /// It does nothing, and keeps what it remembers.
        PAUSED;

        /// @return the name in REST and files
        public String slug() {
            return name().toLowerCase(Locale.ROOT);
        }

        /// @return the state of that name
        /// @throws IllegalArgumentException where there is none
        public static State of(String slug) {
            for (State state : values()) {
                if (state.slug().equals(slug)) {
                    return state;
                }
            }
            throw new IllegalArgumentException("a rule's state is draft, shadow, on or paused; was '" + slug + "'");
        }
    }

    /// Where what a rule says goes.
    ///
    /// @param to a topic in which `${...}` stands for parts of what is said, the name of a sink, or a device and
    ///           what its command is called, `${pump}/stop`, with the same parts
    record Action(Kind kind, String to) {
        /// The kinds there are; the ordinal is written to disk, so new ones go at the end.
        public enum Kind {
            TOPIC,
            SINK,
            COMMAND,
            /// A sink that gets the message beside what the rule says of it.
            SINK_WITH_RAW,
            /// A sink of the tenant's [AlertRoute]: gets changes of alerts. Of no rule's text.
            SINK_OF_ALERTS
        }

        public Action {
            Objects.requireNonNull(kind, "kind");
            Objects.requireNonNull(to, "to");
        }

        /// @return whether `to` is the name of a sink
        public boolean toSink() {
            return kind == Kind.SINK || kind == Kind.SINK_WITH_RAW;
        }
    }

    /// What makes a version of a rule.
    ///
    /// @param sql         the statement
    /// @param sqlVersion  whose SQL it is
    /// @param zone        where days begin
    /// @param description what it is for, or ""
    /// @param actions     where to; empty where only alerts and `rule log` show what it says
    record Text(String sql, String sqlVersion, String zone, String description, List<Action> actions) {
        public Text {
            Objects.requireNonNull(sql, "sql");
            Objects.requireNonNull(sqlVersion, "sqlVersion");
            Objects.requireNonNull(zone, "zone");
            Objects.requireNonNull(description, "description");
            actions = List.copyOf(actions);
        }
    }

    /// @param version   from 1, one more with each change of the text
    /// @param createdAt when it was made
    /// @param changedAt when its text or its state was changed last
    /// @param changedBy who did that
    record KeptRule(
            TenantId tenant,
            String name,
            int version,
            Text text,
            State state,
            Instant createdAt,
            Instant changedAt,
            String changedBy) {
        public KeptRule {
            Objects.requireNonNull(tenant, "tenant");
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(text, "text");
            Objects.requireNonNull(state, "state");
            Objects.requireNonNull(createdAt, "createdAt");
            Objects.requireNonNull(changedAt, "changedAt");
            Objects.requireNonNull(changedBy, "changedBy");
        }
    }

    /// @param savedAt when it became the current one
    /// @param savedBy who did that
    record Version(int number, Text text, Instant savedAt, String savedBy) {}

    /// Who changes a rule, and when.
    record Change(String by, Instant at) {}

    /// Keeps a text under a name, as a new version where it differs from the one that is there.
    ///
    /// @param expected the version that this one follows, 0 for a rule that is not there yet; empty for any
    /// @param state    what the rule does from now on; empty leaves it, and makes a new rule a draft
    /// @return the rule as it is now
    /// @throws StaleVersionException    where another version is there than `expected`
    /// @throws IllegalArgumentException where a text is too long or no name, or the tenant has its most of them
    KeptRule save(RuleName rule, Text text, OptionalInt expected, Optional<State> state, Change change);

    /// A rule's name within its tenant: letters, digits, `.`, `_` and `-`, beginning with a letter or digit.
    record RuleName(TenantId tenant, String name) {
        public RuleName {
            Objects.requireNonNull(tenant, "tenant");
            Objects.requireNonNull(name, "name");
        }
    }

    /// @return the rule as it is now, or empty where there is none
    Optional<KeptRule> put(RuleName rule, State state, Change change);

    Optional<KeptRule> find(RuleName rule);

    /// @return the tenant's rules by name
    List<KeptRule> all(TenantId tenant);

    /// @return the rules of all tenants that are not drafts
    List<KeptRule> working();

    /// @return the versions that are kept, the newest first
    List<Version> versions(RuleName rule);

    /// @return whether it existed
    boolean remove(RuleName rule);

    /// In memory: grows with each change of any rule.
    long changes();
}
