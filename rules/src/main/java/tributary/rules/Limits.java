package tributary.rules;

import tributary.rules.function.RuleFailure;

/// Limits that every rule has, whatever it does.
final class Limits {
    private static final int TEXT_MAX = 1_000_000;

    private Limits() {}

    static void text(long length) {
        if (length > TEXT_MAX) {
            throw new RuleFailure("a text grew beyond %,d characters".formatted(TEXT_MAX));
        }
    }

    static void keys(int size, RuleLimits limits, String what) {
        limits.room().check(what);
        int max = limits.keys();
        if (size >= max) {
            throw new RuleFailure(("%s: the rule keeps %,d keys already, this message brings one more; "
                            + "choose what it is per so that there are fewer")
                    .formatted(what, max));
        }
    }

    static void rows(int size, RuleLimits limits, String what) {
        limits.room().check(what);
        rows(size, limits.rows(), what);
    }

    static void rows(int size, int max, String what) {
        if (size >= max) {
            throw new RuleFailure("%s: %,d messages are kept already; make the time shorter or the groups smaller"
                    .formatted(what, max));
        }
    }
}
