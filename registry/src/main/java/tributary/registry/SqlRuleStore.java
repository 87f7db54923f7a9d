package tributary.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import tributary.model.Micros;
import tributary.model.Quote;
import tributary.model.TenantId;

/// Rules in the database: a row for each, and one for each of its versions.
final class SqlRuleStore implements RuleStore {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    private static final int STATEMENT_BYTES_MAX = 64 << 10;
    private static final int DESCRIPTION_BYTES_MAX = 2000;
    private static final int WORD_BYTES_MAX = 100;
    private static final int ACTIONS_MAX = 16;
    private static final int ACTION_BYTES_MAX = 1024;
    private static final String RULES = "SELECT r.tenant, r.name, r.version, r.state, r.created, r.changed,"
            + " r.changed_by, v.statement, v.sql_version, v.zone, v.description, v.actions"
            + " FROM rule r JOIN rule_version v"
            + " ON v.tenant = r.tenant AND v.name = r.name AND v.version = r.version";

    private final Database database;
    private final AtomicLong changes = new AtomicLong();

    SqlRuleStore(Database database) {
        this.database = database;
    }

    @Override
    public KeptRule save(RuleName rule, Text text, OptionalInt expected, Optional<State> state, Change change) {
        check(rule, text);
        return database.write(handle -> {
            Optional<KeptRule> known = find(handle, rule);
            int before = known.map(KeptRule::version).orElse(0);
            if (expected.isPresent() && expected.getAsInt() != before) {
                throw new StaleVersionException(stale(rule, expected.getAsInt(), before));
            }
            if (known.isEmpty() && count(handle, rule.tenant()) >= PER_TENANT_MAX) {
                throw new IllegalArgumentException(
                        "a tenant keeps at most %d rules; remove some first".formatted(PER_TENANT_MAX));
            }
            boolean fresh = known.isEmpty() || !known.get().text().equals(text);
            State next = state.orElse(known.map(KeptRule::state).orElse(State.DRAFT));
            if (fresh || known.get().state() != next) {
                int version = fresh ? before + 1 : before;
                keep(handle, rule, version, next, change);
                if (fresh) {
                    add(handle, rule, version, text, change);
                }
                known.filter(old -> next == State.DRAFT || !remembers(old.text(), text))
                        .ifPresent(_ -> SqlAlerts.end(handle, rule, change.by(), change.at()));
            }
            return written(find(handle, rule).orElseThrow());
        });
    }

    /// Whether a rule goes on with what it remembers: else nobody would ever clear the alerts that it raised.
    private static boolean remembers(Text before, Text after) {
        return before.sql().equals(after.sql())
                && before.sqlVersion().equals(after.sqlVersion())
                && before.zone().equals(after.zone());
    }

    private static String stale(RuleName rule, int expected, int found) {
        if (found == 0) {
            return "there is no rule '%s' any more, the change is of version %d; save it as new"
                    .formatted(rule.name(), expected);
        }
        return expected == 0
                ? "there is a rule '%s' already, in version %d".formatted(rule.name(), found)
                : "rule '%s' is in version %d, the change is of version %d; read it again and make the change there"
                        .formatted(rule.name(), found, expected);
    }

    private static void keep(Handle handle, RuleName rule, int version, State state, Change change) {
        handle.createUpdate("INSERT INTO rule (tenant, name, version, state, created, changed, changed_by)"
                        + " VALUES (:tenant, :name, :version, :state, :at, :at, :by)"
                        + " ON CONFLICT (tenant, name) DO UPDATE SET version = excluded.version,"
                        + " state = excluded.state, changed = excluded.changed, changed_by = excluded.changed_by")
                .bind("tenant", rule.tenant().value())
                .bind("name", rule.name())
                .bind("version", version)
                .bind("state", state.slug())
                .bind("at", Micros.of(change.at()))
                .bind("by", change.by())
                .execute();
    }

    private static void add(Handle handle, RuleName rule, int version, Text text, Change change) {
        handle.createUpdate("INSERT INTO rule_version (tenant, name, version, statement, sql_version, zone,"
                        + " description, actions, saved, saved_by) VALUES (:tenant, :name, :version, :statement,"
                        + " :sqlVersion, :zone, :description, :actions, :at, :by)")
                .bind("tenant", rule.tenant().value())
                .bind("name", rule.name())
                .bind("version", version)
                .bind("statement", text.sql())
                .bind("sqlVersion", text.sqlVersion())
                .bind("zone", text.zone())
                .bind("description", text.description())
                .bind("actions", written(text.actions()))
                .bind("at", Micros.of(change.at()))
                .bind("by", change.by())
                .execute();
        handle.createUpdate("DELETE FROM rule_version WHERE tenant = :tenant AND name = :name AND version <= :old")
                .bind("tenant", rule.tenant().value())
                .bind("name", rule.name())
                .bind("old", version - VERSIONS_MAX)
                .execute();
    }

    @Override
    public Optional<KeptRule> put(RuleName rule, State state, Change change) {
        return database.write(handle -> {
            Optional<KeptRule> known = find(handle, rule);
            if (known.isPresent() && known.get().state() != state) {
                keep(handle, rule, known.get().version(), state, change);
                if (state == State.DRAFT) {
                    SqlAlerts.end(handle, rule, change.by(), change.at());
                }
            }
            return written(find(handle, rule));
        });
    }

    @Override
    public Optional<KeptRule> find(RuleName rule) {
        return database.read(handle -> find(handle, rule));
    }

    @Override
    public List<KeptRule> all(TenantId tenant) {
        return database.read(handle -> handle.createQuery(RULES + " WHERE r.tenant = :tenant ORDER BY r.name")
                .bind("tenant", tenant.value())
                .map((row, _) -> rule(row))
                .list());
    }

    @Override
    public List<KeptRule> working() {
        return database.read(handle -> handle.createQuery(RULES + " WHERE r.state <> 'draft' ORDER BY r.tenant, r.name")
                .map((row, _) -> rule(row))
                .list());
    }

    @Override
    public List<Version> versions(RuleName rule) {
        return Checked.storable(rule.name())
                ? database.read(handle -> handle.createQuery("SELECT version, statement, sql_version, zone,"
                                + " description, actions, saved, saved_by FROM rule_version"
                                + " WHERE tenant = :tenant AND name = :name ORDER BY version DESC")
                        .bind("tenant", rule.tenant().value())
                        .bind("name", rule.name())
                        .map((row, _) -> new Version(
                                row.getInt("version"),
                                text(row),
                                Micros.instant(row.getLong("saved")),
                                row.getString("saved_by")))
                        .list())
                : List.of();
    }

    @Override
    public boolean remove(RuleName rule) {
        return Checked.storable(rule.name())
                && database.write(handle -> {
                    delete(handle, "alert WHERE tenant = :tenant AND rule = :name", rule);
                    delete(handle, "rule_version WHERE tenant = :tenant AND name = :name", rule);
                    return written(delete(handle, "rule WHERE tenant = :tenant AND name = :name", rule) == 1);
                });
    }

    private static int delete(Handle handle, String what, RuleName rule) {
        return handle.createUpdate("DELETE FROM " + what)
                .bind("tenant", rule.tenant().value())
                .bind("name", rule.name())
                .execute();
    }

    @Override
    public long changes() {
        return changes.get();
    }

    /// Rules of a tenant were removed with it.
    void changed() {
        changes.incrementAndGet();
    }

    private <T> Database.Written<T> written(T answer) {
        return new Database.Written<>(answer, changes::incrementAndGet);
    }

    private static void check(RuleName rule, Text text) {
        if (!NAME.matcher(rule.name()).matches()) {
            throw new IllegalArgumentException(
                    "a rule's name is 1 to 100 letters, digits, '.', '_' and '-', beginning with a letter or digit; was '"
                            + Quote.shorten(rule.name()) + "'");
        }
        Checked.text("a rule's statement", text.sql(), STATEMENT_BYTES_MAX);
        Checked.text("a rule's sqlVersion", text.sqlVersion(), WORD_BYTES_MAX);
        Checked.text("a rule's time zone", text.zone(), WORD_BYTES_MAX);
        Checked.text("a rule's description", text.description(), DESCRIPTION_BYTES_MAX);
        if (text.actions().size() > ACTIONS_MAX) {
            throw new IllegalArgumentException("a rule has at most %d actions, this one has %d"
                    .formatted(ACTIONS_MAX, text.actions().size()));
        }
        for (Action action : text.actions()) {
            Checked.text("where a rule's action goes", action.to(), ACTION_BYTES_MAX);
            if (action.to().isEmpty() || action.to().chars().anyMatch(c -> c < ' ')) {
                throw new IllegalArgumentException(
                        "where a rule's action goes is a topic, a device or the name of a sink, without control characters; was '"
                                + Quote.shorten(action.to()) + "'");
            }
        }
    }

    private static Optional<KeptRule> find(Handle handle, RuleName rule) {
        return Checked.storable(rule.name())
                ? handle.createQuery(RULES + " WHERE r.tenant = :tenant AND r.name = :name")
                        .bind("tenant", rule.tenant().value())
                        .bind("name", rule.name())
                        .map((row, _) -> rule(row))
                        .findOne()
                : Optional.empty();
    }

    private static int count(Handle handle, TenantId tenant) {
        return handle.createQuery("SELECT COUNT(*) FROM rule WHERE tenant = :tenant")
                .bind("tenant", tenant.value())
                .mapTo(Integer.class)
                .one();
    }

    private static KeptRule rule(ResultSet row) throws SQLException {
        return new KeptRule(
                new TenantId(row.getString("tenant")),
                row.getString("name"),
                row.getInt("version"),
                text(row),
                State.of(row.getString("state")),
                Micros.instant(row.getLong("created")),
                Micros.instant(row.getLong("changed")),
                row.getString("changed_by"));
    }

    private static Text text(ResultSet row) throws SQLException {
        return new Text(
                row.getString("statement"),
                row.getString("sql_version"),
                row.getString("zone"),
                row.getString("description"),
                actions(row.getString("actions")));
    }

    private static String written(List<Action> actions) {
        StringBuilder lines = new StringBuilder();
        for (Action action : actions) {
            lines.append(letter(action.kind())).append(action.to()).append('\n');
        }
        return lines.toString();
    }

    private static List<Action> actions(String lines) {
        List<Action> actions = new ArrayList<>();
        lines.lines().forEach(line -> actions.add(new Action(kind(line.charAt(0)), line.substring(1))));
        return actions;
    }

    private static char letter(Action.Kind kind) {
        return switch (kind) {
            case TOPIC -> 'T';
            case SINK -> 'S';
            case COMMAND -> 'C';
            case SINK_WITH_RAW -> 'R';
            case SINK_OF_ALERTS -> throw new IllegalArgumentException("where all alerts go is not for a rule to say");
        };
    }

    private static Action.Kind kind(char letter) {
        return switch (letter) {
            case 'T' -> Action.Kind.TOPIC;
            case 'C' -> Action.Kind.COMMAND;
            case 'R' -> Action.Kind.SINK_WITH_RAW;
            default -> Action.Kind.SINK;
        };
    }
}
