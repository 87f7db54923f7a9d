package tributary.app.cli;

import java.util.ArrayList;
import java.util.List;

/// Which lines of a text went and which came.
final class LineDiff {
    /// Between so many lines that differ at both ends, all of the old go and all of the new come.
    private static final int LINES_MAX = 2_000;

    private LineDiff() {}

    /// @return `- line` for one that went, `+ line` for one that came, in their order; nothing for those that stay
    static List<String> of(String before, String after) {
        List<String> old = before.strip().lines().toList();
        List<String> now = after.strip().lines().toList();
        int begin = 0;
        while (begin < Math.min(old.size(), now.size()) && old.get(begin).equals(now.get(begin))) {
            begin++;
        }
        int end = 0;
        while (end < Math.min(old.size(), now.size()) - begin
                && old.get(old.size() - 1 - end).equals(now.get(now.size() - 1 - end))) {
            end++;
        }
        return middle(old.subList(begin, old.size() - end), now.subList(begin, now.size() - end));
    }

    private static List<String> middle(List<String> old, List<String> now) {
        int[][] same = same(old, now);
        List<String> lines = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < old.size() || j < now.size()) {
            if (i < old.size()
                    && j < now.size()
                    && same.length > 0
                    && old.get(i).equals(now.get(j))) {
                i++;
                j++;
            } else if (i < old.size() && (j == now.size() || same.length == 0 || same[i + 1][j] >= same[i][j + 1])) {
                lines.add("- " + old.get(i++));
            } else {
                lines.add("+ " + now.get(j++));
            }
        }
        return lines;
    }

    /// @return how many lines can stay from one place on of each; empty where there are too many to tell
    private static int[][] same(List<String> old, List<String> now) {
        if (Math.max(old.size(), now.size()) > LINES_MAX) {
            return new int[0][];
        }
        int[][] same = new int[old.size() + 1][now.size() + 1];
        for (int i = old.size() - 1; i >= 0; i--) {
            for (int j = now.size() - 1; j >= 0; j--) {
                same[i][j] = old.get(i).equals(now.get(j))
                        ? same[i + 1][j + 1] + 1
                        : Math.max(same[i + 1][j], same[i][j + 1]);
            }
        }
        return same;
    }
}
