package tributary.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tributary.model.TenantId;
import tributary.registry.RuleStore.Action;

/// A rule as the engine runs it.
///
/// @param bornMicros when the rule was made; one that was removed and made anew is another
/// @param mode       what it may do
/// @param functions  the texts of those of the tenant's functions that it calls, by name
record Definition(
        TenantId tenant,
        String name,
        long bornMicros,
        int version,
        String sql,
        String sqlVersion,
        String zone,
        List<Action> actions,
        Mode mode,
        Map<String, String> functions) {
    /// Beside the mode: functions follow. What was written before there were any has none.
    private static final int FUNCTIONS = 16;

    /// Where it is not there, the statement has no alert.
    private static final Pattern ALERT = Pattern.compile("\\bALERT\\b", Pattern.CASE_INSENSITIVE);

    Definition(
            TenantId tenant,
            String name,
            long bornMicros,
            int version,
            String sql,
            String sqlVersion,
            String zone,
            List<Action> actions,
            Mode mode) {
        this(tenant, name, bornMicros, version, sql, sqlVersion, zone, actions, mode, Map.of());
    }

    /// What a rule may do.
    enum Mode {
        /// It runs, and what it says goes out.
        ON,
        /// It runs and shows what it would say.
        SHADOW,
        /// It sees nothing, and keeps what it remembers.
        PAUSED
    }

    /// Names a rule among those of all tenants.
    record Key(TenantId tenant, String name) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int byTenant = tenant.compareTo(other.tenant);
            return byTenant != 0 ? byTenant : name.compareTo(other.name);
        }
    }

    Definition {
        Objects.requireNonNull(tenant, "tenant");
        actions = List.copyOf(actions);
        functions = Collections.unmodifiableMap(new TreeMap<>(functions));
    }

    /// @return the same, with alerts that go to these sinks of the tenant's route as well, each of them once
    Definition alertingTo(List<String> sinks) {
        if (sinks.isEmpty() || !ALERT.matcher(sql).find()) {
            return this;
        }
        List<Action> all = new ArrayList<>(actions);
        sinks.stream()
                .filter(sink -> actions.stream()
                        .noneMatch(one -> one.toSink() && one.to().equals(sink)))
                .forEach(sink -> all.add(new Action(Action.Kind.SINK_OF_ALERTS, sink)));
        return new Definition(tenant, name, bornMicros, version, sql, sqlVersion, zone, all, mode, functions);
    }

    Key key() {
        return new Key(tenant, name);
    }

    /// @return whether what a run of the other remembers is right for this one, too
    boolean remembersWith(Definition other) {
        return bornMicros == other.bornMicros
                && sql.equals(other.sql)
                && sqlVersion.equals(other.sqlVersion)
                && zone.equals(other.zone)
                && functions.equals(other.functions);
    }

    void write(BytesOut out) {
        out.text(tenant.value()).text(name).number(bornMicros).number(version);
        out.text(sql).text(sqlVersion).text(zone).number(mode.ordinal() + (functions.isEmpty() ? 0 : FUNCTIONS));
        out.number(actions.size());
        for (Action action : actions) {
            out.number(action.kind().ordinal()).text(action.to());
        }
        if (!functions.isEmpty()) {
            out.number(functions.size());
            functions.forEach((function, text) -> out.text(function).text(text));
        }
    }

    static Definition read(BytesIn in) {
        TenantId tenant = new TenantId(in.text());
        String name = in.text();
        long born = in.number();
        int version = (int) in.number();
        String sql = in.text();
        String sqlVersion = in.text();
        String zone = in.text();
        int kind = (int) in.number();
        Mode mode = Mode.values()[kind % FUNCTIONS];
        List<Action> actions = new ArrayList<>();
        int count = in.count();
        for (int i = 0; i < count; i++) {
            actions.add(new Action(Action.Kind.values()[(int) in.number()], in.text()));
        }
        Map<String, String> functions = new TreeMap<>();
        int functionCount = kind >= FUNCTIONS ? in.count() : 0;
        for (int i = 0; i < functionCount; i++) {
            functions.put(in.text(), in.text());
        }
        return new Definition(tenant, name, born, version, sql, sqlVersion, zone, actions, mode, functions);
    }
}
