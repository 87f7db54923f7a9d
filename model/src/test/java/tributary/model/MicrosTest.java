package tributary.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MicrosTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "1970-01-01T00:00:00Z",
                "1969-12-31T23:59:59.999999Z",
                "2026-11-28T11:02:03.100Z",
                "2026-11-28T11:02:03.000001Z",
                "2000-02-29T00:00:00.120Z",
                "0000-01-01T00:00:00Z",
                "-0001-12-31T23:59:59.999999Z",
                "9999-12-31T23:59:59.999999Z",
                "+10000-01-01T00:00:00Z",
                "-200000-01-01T00:00:00Z"
            })
    void aTimeIsWrittenAsJavaWritesIt(String text) {
        assertThat(Micros.text(Micros.of(Instant.parse(text)))).isEqualTo(text);
    }

    @Test
    void anyTimeIsWrittenAsJavaWritesIt() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 100_000; i++) {
            long micros = random.nextLong() >> random.nextInt(60);
            long rounded = random.nextBoolean() ? micros / 1000 * 1000 : micros;
            assertThat(Micros.text(rounded)).isEqualTo(Micros.instant(rounded).toString());
        }
    }
}
