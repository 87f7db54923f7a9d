package tributary.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeardTest {
    private final Heard heard = new Heard();

    @Test
    void whatComesInOrderIsNeitherLateNorMissing() {
        arrive(0, 1, 2);

        assertThat(heard.distinct()).isEqualTo(3);
        assertThat(heard.late()).isZero();
        assertThat(heard.duplicates()).isZero();
        assertThat(heard.missing(3)).isZero();
    }

    @Test
    void whatNeverComesIsMissing() {
        arrive(0, 3, 4);

        assertThat(heard.missing(7)).isEqualTo(4);
        assertThat(heard.late()).isZero();
    }

    @Test
    void whatComesAgainIsADuplicateAlsoInsideAGapThatWasFilled() {
        arrive(0, 0, 4, 2, 2, 4);

        assertThat(heard.duplicates()).isEqualTo(3);
        assertThat(heard.distinct()).isEqualTo(3);
    }

    @Test
    void aGapThatIsFilledLaterIsOutOfOrderAndNotMissing() {
        arrive(0, 5, 3, 1, 2, 4);

        assertThat(heard.late()).isEqualTo(4);
        assertThat(heard.missing(6)).isZero();
        assertThat(heard.duplicates()).isZero();
        assertThat(heard.next()).isEqualTo(6);
    }

    private void arrive(long... numbers) {
        for (long number : numbers) {
            heard.arrived(number);
        }
    }
}
