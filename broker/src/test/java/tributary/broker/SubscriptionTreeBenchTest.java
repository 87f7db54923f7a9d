package tributary.broker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SubscriptionTreeBenchTest {
    @Test
    void theMeasuredTreeFindsWhatALoopOverAllFiltersFinds() {
        assertThat(SubscriptionTreeBench.Load.of(2000, 500).check()).isGreaterThan(500);
    }
}
