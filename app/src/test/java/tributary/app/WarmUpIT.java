package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// What Java learns from works as a whole: its failure is silent by design, so it is heard here.
class WarmUpIT {
    @Test
    void everyDoorAndCommandThatJavaIsToLearnRunsToItsEnd() throws Exception {
        ServerProcess.Outcome outcome = ServerProcess.run("warm-up");

        assertThat(outcome.exit()).as(outcome.err() + outcome.out()).isZero();
        assertThat(outcome.out())
                .contains("mqtt QoS 1")
                .contains("ws · ")
                .contains("http · ")
                .contains("warm-up");
    }
}
