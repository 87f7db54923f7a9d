package tributary.lake;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tributary.model.Settings;
import tributary.model.TenantId;

/// How long rows are kept, by table, and by tenant where one differs.
///
/// @param tables by a table's name; one that is not there keeps for ever
/// @param own    by `tenant/table`
public record Retention(Map<String, Duration> tables, Map<String, Duration> own) {
    /// A hundred years.
    private static final Duration EVER = Duration.ofDays(36_500);

    public static final Retention DEFAULTS =
            new Retention(Map.of("events", Duration.ofDays(365), "rejected", Duration.ofDays(30)), Map.of());

    private static final Pattern OWN = Pattern.compile("([a-z0-9][a-z0-9-]{0,39})/([a-z]+)=(\\d{1,5})d");

    public Retention {
        tables = Map.copyOf(tables);
        own = Map.copyOf(own);
    }

    static Retention read(Settings s, Duration messages) {
        Map<String, Duration> tables = new TreeMap<>();
        tables.put("readings", read(s, "lake.readings-keep", EVER));
        tables.put("events", read(s, "lake.events-keep", Duration.ofDays(365)));
        tables.put("rejected", read(s, "lake.rejected-keep", Duration.ofDays(30)));
        tables.put("messages", messages);
        Map<String, Duration> own = new TreeMap<>();
        for (String word : s.text("lake.keep-of", "").split("[\\s,]+")) {
            Matcher matcher = OWN.matcher(word);
            if (matcher.matches() && tables.containsKey(matcher.group(2))) {
                own.put(matcher.group(1) + "/" + matcher.group(2), Duration.ofDays(Long.parseLong(matcher.group(3))));
            } else if (!word.isEmpty()) {
                s.problem("lake.keep-of must list tenant/table=days, such as acme/readings=90d, was '%s'; tables are %s"
                        .formatted(word, String.join(", ", tables.keySet())));
            }
        }
        return new Retention(tables, own);
    }

    private static Duration read(Settings s, String key, Duration fallback) {
        return s.duration(key, fallback, Duration.ofHours(1), EVER);
    }

    /// @return how long rows of the tenant's table are kept
    Duration of(TenantId tenant, LakeCatalog.Kind kind) {
        Duration table = tables.getOrDefault(kind.table(), EVER);
        return own.getOrDefault(tenant + "/" + kind.table(), table);
    }
}
