package tributary.app.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `tributary warm-up-client`: what people and scripts ask a server most, so that Java learns a client.
///
/// `.mvn/aot.sh` runs it beside `warm-up`, docs/decisions/0017 says why.
@Command(name = "warm-up-client", hidden = true, description = "What the launcher lets Java learn a client from.")
final class WarmUpClientCommand implements Callable<Integer> {
    private static final List<List<String>> ASKED = List.of(
            List.of("version"),
            List.of("device", "ls"),
            List.of("device", "show", "warm-up"),
            List.of("send", "warm-up", "value=2"),
            List.of("status"),
            List.of("alarm", "ls"),
            List.of("rule", "ls"),
            List.of("sql", "SELECT device, sensor, value, ts FROM readings LIMIT 5"),
            List.of("tail", "--since", "1h", "--count", "1"));

    @Override
    public Integer call() {
        int worst = ExitCode.OK.number();
        for (List<String> line : ASKED) {
            worst = Math.max(worst, Commands.run(line.toArray(String[]::new)));
        }
        return worst;
    }
}
