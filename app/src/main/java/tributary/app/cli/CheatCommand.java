package tributary.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tributary.model.Settings;

/// `tributary cheat sql`: the commands that one needs most often, on one screen.
@Command(name = "cheat", description = "Print a cheat sheet; without a topic, the list of them.")
final class CheatCommand implements Runnable {
    static final List<String> TOPICS = List.of("start", "devices", "publish", "sql", "rules", "sinks", "operate");

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before any command runs
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "TOPIC", completionCandidates = Candidates.Topics.class)
    private @Nullable String topic;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        if (topic == null) {
            TOPICS.forEach(out::println);
        } else if (TOPICS.contains(topic)) {
            out.print(text(topic));
        } else {
            String near = Settings.nearest(topic, TOPICS);
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "there is no cheat sheet '" + topic + "'" + (near == null ? "" : "; did you mean " + near + "?"),
                    "tributary cheat      lists them");
        }
        out.flush();
    }

    static String text(String topic) {
        try (@Nullable InputStream in = CheatCommand.class.getResourceAsStream("cheat/" + topic + ".txt")) {
            if (in == null) {
                throw new IllegalStateException("the build lacks the cheat sheet " + topic);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("the cheat sheet " + topic + " cannot be read", e);
        }
    }
}
