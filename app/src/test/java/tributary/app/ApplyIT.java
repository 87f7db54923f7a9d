package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Rules, functions and sinks from files.
class ApplyIT {
    @TempDir
    private Path home;

    private ServerProcess.Outcome apply(Path files) throws Exception {
        return ServerProcess.run(
                "apply", "-f", files.toString(), "--data", home.resolve("data").toString());
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void newRuleAndTheFunctionThatItCallsAreAppliedInOneGo() throws Exception {
        Path files = Files.createDirectories(home.resolve("files"));
        String rules = """
                functions:
                  twice:
                    text: |
                      function twice(x) { return 2 * x; }
                tables:
                  sites:
                    rows:
                      - {id: a, city: Eger}
                rules:
                  double:
                    sql: SELECT twice(temp) AS t, lookup('sites', 'a').city AS city FROM 'env/+'
                    state: on
                    actions:
                      - topic: doubled
                """;
        try (ServerProcess server = ServerProcess.start(home.resolve("data"))) {
            Files.writeString(files.resolve("rules.yaml"), rules.replace("twice(temp)", "twice(temp, 1)"));
            ServerProcess.Outcome wrong = apply(files);
            assertThat(wrong.exit()).isEqualTo(2);
            assertThat(wrong.err()).contains("rule double").contains("nothing was changed");
            assertThat(Rest.of(server).good("GET", "/api/v1/functions", null).path("functions"))
                    .isEmpty();

            Files.writeString(files.resolve("rules.yaml"), rules);
            ServerProcess.Outcome first = apply(files);
            assertThat(first.exit()).as(first.err()).isZero();
            assertThat(first.err()).contains("3 changed");
            assertThat(apply(files).err()).contains("nothing to change");
        }
    }
}
