package tributary.query.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorTextTest {
    /// What the engine says begins with its kind. After the last two it refuses everything, or answers nonsense.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Out of Memory Error: failed to allocate data of size 1.0 GiB | MEMORY | false",
                "INTERRUPT Error: Interrupted! | CANCELLED | false",
                "IO Error: No files found | WRONG | false",
                "Conversion Error: Could not convert string 'a' to INT32 | WRONG | false",
                "INTERNAL Error: Attempted to access index 3 within vector of size 2 | CRASHED | true",
                "FATAL Error: database has been invalidated because of a previous fatal error | CRASHED | true"
            })
    void eachKindOfErrorSaysWhetherTheEngineGoesOn(String raw, String reason, boolean broken) {
        EngineException told = ErrorText.of(raw);

        assertThat(told.failure().reason()).isEqualTo(reason);
        assertThat(told.leavesTheEngineBroken()).isEqualTo(broken);
    }
}
