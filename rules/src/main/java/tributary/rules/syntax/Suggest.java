package tributary.rules.syntax;

import java.util.Collection;
import java.util.Locale;

/// "Did you mean": the known word that is nearest to one that is not known.
public final class Suggest {
    private Suggest() {}

    /// @return `; did you mean 'avg'?`, or nothing where no known word is near
    public static String near(String word, Collection<String> known) {
        String lower = word.toLowerCase(Locale.ROOT);
        String best = "";
        int least = Math.max(1, Math.min(3, word.length() / 3)) + 1;
        if (word.length() <= 40) {
            for (String candidate : known) {
                int distance = distance(lower, candidate.toLowerCase(Locale.ROOT));
                if (distance < least) {
                    least = distance;
                    best = candidate;
                }
            }
        }
        return best.isEmpty() ? "" : "; did you mean '" + best + "'?";
    }

    /// Letters to insert, drop, change or swap with their neighbour.
    private static int distance(String a, String b) {
        int[] before = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + cost);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], before[j - 2] + 1);
                }
            }
            int[] free = before;
            before = last;
            last = row;
            row = free;
        }
        return last[b.length()];
    }
}
