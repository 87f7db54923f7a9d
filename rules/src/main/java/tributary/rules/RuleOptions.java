package tributary.rules;

import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;

/// What a rule is compiled with beside its text.
///
/// @param ruleId     what `rule_id()` says
/// @param sqlVersion `tributary`, or a version of AWS IoT SQL whose quirks to keep
/// @param zone       where days begin
public record RuleOptions(String ruleId, String sqlVersion, ZoneId zone, Lookups lookups, RuleLimits limits) {
    /// Versions that are known.
    public static final List<String> VERSIONS = List.of("tributary", "2015-10-08", "2016-03-23", "beta");

    /// Our own version, days in UTC, nothing to look up.
    public static final RuleOptions DEFAULTS =
            new RuleOptions("", "tributary", ZoneOffset.UTC, Lookups.none(), RuleLimits.DEFAULTS);

    public RuleOptions {
        Objects.requireNonNull(zone, "zone");
        Objects.requireNonNull(lookups, "lookups");
        Objects.requireNonNull(limits, "limits");
        if (!VERSIONS.contains(sqlVersion)) {
            throw new IllegalArgumentException("sqlVersion is one of " + VERSIONS + ", was " + sqlVersion);
        }
    }

    /// @return whether the quirks of AWS hold
    boolean aws() {
        return !sqlVersion.equals("tributary");
    }
}
