package tributary.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogBenchTest {
    @Test
    void theBenchReadsBackWhatItAppended(@TempDir Path folder) throws Exception {
        LogBench.Result result = LogBench.run(Duration.ofMillis(100), 2, 2, folder.resolve("log"));

        assertThat(result.appended()).isPositive();
        assertThat(result.read()).isEqualTo(result.appended());
    }
}
