package tributary.app.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The scoreboard's short form: nothing is lost, doubled, out of order, another tenant's, altered or made up.
class ScoreboardIT {
    static List<Trial> trials() {
        return Scoreboard.TRIALS;
    }

    @ParameterizedTest
    @MethodSource("trials")
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void promiseHolds(Trial trial) throws Exception {
        Score score = Scoreboard.run(trial, trial.rounds(false));

        System.out.println(score.line());
        assertThat(score.acknowledged()).as("something was acknowledged").isPositive();
        assertThat(score.clean()).as(score.line()).isTrue();
    }
}
