package tributary.simulator;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.snakeyaml.engine.v2.nodes.Node;
import tributary.model.Quote;

/// Everything that is wrong with one scenario file, each with its line, so that all is told at once.
final class Mistakes {
    private static final int COUNT_MAX = 50;

    private final String file;
    private final List<Mistake> found = new ArrayList<>();

    private record Mistake(int line, String text) {}

    Mistakes(String file) {
        this.file = file;
    }

    void at(Node node, String text) {
        at(line(node), text);
    }

    /// @param line from 1; 0 where the whole file is meant
    void at(int line, String text) {
        if (found.size() < COUNT_MAX) {
            found.add(new Mistake(line, text));
        }
    }

    static int line(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }

    boolean none() {
        return found.isEmpty();
    }

    List<String> all() {
        return found.stream()
                .sorted(Comparator.comparingInt(Mistake::line))
                .map(mistake ->
                        Quote.shorten(file) + (mistake.line() > 0 ? ":" + mistake.line() : "") + ": " + mistake.text())
                .distinct()
                .toList();
    }
}
