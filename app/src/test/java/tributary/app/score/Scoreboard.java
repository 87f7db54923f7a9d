package tributary.app.score;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import tributary.app.Checkout;

/// Runs the trials and counts: `./dev scoreboard [--whole] [NAME ...]`. One line of JSON each; with all of
/// them, the table
/// `docs/scoreboard.md` is written anew.
public final class Scoreboard {
    static final List<Trial> TRIALS = List.of(
            new KillTrial(),
            new PowerCutTrial(),
            new FailedFlushTrial(),
            new BitRotTrial(),
            new FrozenDiskTrial(),
            new PauseTrial(),
            new ClockTrial(),
            new OverloadTrial());

    private Scoreboard() {}

    /// @throws AssertionError where a trial broke the promise
    public static void main(String[] args) throws Exception {
        List<String> names = new ArrayList<>(List.of(args));
        boolean whole = names.remove("--whole");
        List<String> rows = new ArrayList<>();
        boolean clean = true;
        for (Trial trial : TRIALS) {
            if (names.isEmpty() || names.contains(trial.name())) {
                int rounds = trial.rounds(whole);
                Score score = run(trial, rounds);
                clean &= score.clean();
                System.out.println(score.line());
                rows.add(row(trial, rounds, score));
            }
        }
        if (names.isEmpty()) {
            write(rows, whole);
        }
        System.exit(clean ? 0 : 1);
    }

    static Score run(Trial trial, int rounds) throws Exception {
        Path work = Files.createTempDirectory("tributary-score");
        Score score = trial.run(work, rounds);
        if (score.clean()) {
            delete(work);
        } else {
            System.err.println(trial.name() + ": what is left of it is in " + work);
        }
        return score;
    }

    private static String row(Trial trial, int rounds, Score score) {
        return "| %s | %,d | %,d | %d | %d | %d | %d | %d | %d | %s | %d s |"
                .formatted(
                        trial.what(rounds),
                        score.sent(),
                        score.acknowledged(),
                        score.lost(),
                        score.duplicated(),
                        score.outOfOrder(),
                        score.foreign(),
                        score.corrupt(),
                        score.ghost(),
                        score.more(),
                        score.seconds());
    }

    private static void write(List<String> rows, boolean whole) throws IOException {
        Path page = Checkout.root().resolve("docs/scoreboard.md");
        String text = Files.readString(page);
        String start = "<!-- figures -->\n";
        String head = """
                %s, `./dev scoreboard%s`:

                | what happens | sent | acknowledged | lost | duplicated | out of order | foreign | corrupt | ghost | more | took |
                |---|--:|--:|--:|--:|--:|--:|--:|--:|---|--:|
                """.formatted(LocalDate.now(ZoneOffset.UTC), whole ? " --whole" : "");
        Files.writeString(
                page,
                text.substring(0, text.indexOf(start) + start.length()) + "\n" + head + String.join("\n", rows) + "\n");
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
