package tributary.rules.function;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import tributary.rules.value.Convert;
import tributary.rules.value.Missing;

/// Regular expressions and LIKE. A pattern that would try for ever on a text is stopped after a number of
/// steps.
final class PatternFunctions {
    private PatternFunctions() {}

    static void register(Functions all) {
        all.add("regexp_matches", 2, 2, a -> on(a, Patterns.Matching::find));
        all.alias("regexp_match", "regexp_matches");
        all.add("regexp_substr", 2, 2, a -> on(a, matching -> Functions.orUndefined(matching.first())));
        all.add("regexp_extract", 2, 3, a -> {
            Long group = Functions.whole(a, 2, 1);
            return group == null ? Missing.UNDEFINED : on(a, matching -> Functions.orUndefined(matching.group(group)));
        });
        all.add("regexp_replace", 3, 3, a -> {
            String by = Convert.text(a[2]);
            return by == null ? Missing.UNDEFINED : on(a, matching -> Functions.orUndefined(matching.replaced(by)));
        });
        all.add("regexp_split", 2, 2, a -> on(a, Patterns.Matching::split));
    }

    private interface OnMatching {
        Object of(Patterns.Matching matching);
    }

    private static Object on(Object[] a, OnMatching body) {
        String text = Convert.text(a[0]);
        if (text == null || !(a[1] instanceof String pattern)) {
            return Missing.UNDEFINED;
        }
        Pattern compiled = Patterns.compiled(pattern);
        return compiled == null ? Missing.UNDEFINED : body.of(new Patterns.Matching(compiled, text));
    }

    /// Patterns that were compiled lately, and matching within a budget.
    static final class Patterns {
        private static final int STEPS_MAX = 500_000;
        private static final int KEPT = 64;
        private static final Kept[] LATELY = new Kept[KEPT];

        private Patterns() {}

        private record Kept(String text, @Nullable Pattern pattern) {}

        /// @return the pattern, or null where it is none
        static @Nullable Pattern compiled(String text) {
            int slot = text.hashCode() & KEPT - 1;
            Kept kept = LATELY[slot];
            if (kept == null || !kept.text().equals(text)) {
                kept = new Kept(text, compile(text));
                LATELY[slot] = kept;
            }
            return kept.pattern();
        }

        private static @Nullable Pattern compile(String text) {
            try {
                return text.length() > 2000 ? null : Pattern.compile(text);
            } catch (PatternSyntaxException | StackOverflowError e) {
                return null;
            }
        }

        /// One pattern on one text.
        record Matching(Pattern pattern, String text) {
            boolean find() {
                return run(Matcher::find);
            }

            @Nullable
            String first() {
                return group(0);
            }

            @Nullable
            String group(long group) {
                String[] found = new String[1];
                run(matcher -> {
                    if (matcher.find() && group >= 0 && group <= matcher.groupCount()) {
                        found[0] = matcher.group((int) group);
                    }
                    return true;
                });
                return found[0];
            }

            @Nullable
            String replaced(String by) {
                String[] made = new String[1];
                run(matcher -> {
                    StringBuilder out = new StringBuilder();
                    while (matcher.find()) {
                        matcher.appendReplacement(out, by);
                        TextFunctions.tooLong(out.length());
                    }
                    made[0] = matcher.appendTail(out).toString();
                    return true;
                });
                return made[0];
            }

            List<Object> split() {
                List<Object> parts = new ArrayList<>();
                run(matcher -> {
                    int at = 0;
                    while (matcher.find()) {
                        if (matcher.end() > 0) {
                            parts.add(text.substring(at, matcher.start()));
                            at = matcher.end();
                        }
                    }
                    parts.add(text.substring(at));
                    return true;
                });
                return parts;
            }

            private interface Run {
                boolean on(Matcher matcher);
            }

            private boolean run(Run run) {
                try {
                    return run.on(pattern.matcher(new Watched(text, new int[] {STEPS_MAX})));
                } catch (StackOverflowError e) {
                    throw new RuleFailure("the pattern '%s' is too deep for this text".formatted(pattern));
                } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                    return false; // a replacement that names a group which the pattern lacks
                }
            }
        }

        /// A text that counts how often it is looked at.
        private record Watched(String text, int[] left) implements CharSequence {
            @Override
            public char charAt(int index) {
                if (--left[0] < 0) {
                    throw new RuleFailure(
                            "a pattern took more than %,d steps on one text: it tries too many ways, simplify it"
                                    .formatted(STEPS_MAX));
                }
                return text.charAt(index);
            }

            @Override
            public int length() {
                return text.length();
            }

            @Override
            public CharSequence subSequence(int start, int end) {
                return text.substring(start, end);
            }

            @Override
            public String toString() {
                return text;
            }
        }
    }
}
