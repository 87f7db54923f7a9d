package tributary.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class GeneratorsTest {
    @Test
    void aCounterCountsAndBeginsAnew() {
        assertThat(Arrays.copyOf(Loads.values(Loads.sensor("counter: {start: 10, step: 2, wrap: 6}"), 5), 5))
                .containsExactly(10, 12, 14, 10, 12);
    }

    @Test
    void aSineSwingsAroundItsMean() {
        double[] values = Loads.values(
                Loads.sensor("sine: {mean: 3, amplitude: 2, period: 100s, phase: 0.25, spread: false}"), 1000);

        assertThat(values[0]).isEqualTo(5);
        assertThat(values[50]).isEqualTo(1);
        assertThat(mean(values)).isCloseTo(3, within(0.01));
    }

    @Test
    void normalValuesHaveTheirMeanAndDeviation() {
        double[] values = Loads.values(Loads.sensor("normal: {mean: 20, deviation: 4}"), 50_000);

        assertThat(mean(values)).isCloseTo(20, within(0.1));
        assertThat(deviation(values)).isCloseTo(4, within(0.1));
    }

    @Test
    void aWalkTakesSmallStepsAndStaysInItsLimits() {
        double[] values = Loads.values(Loads.sensor("walk: {step: 0.2, min: 0, max: 10}, decimals: 9"), 100_000);
        double[] steps = new double[values.length - 1];
        for (int i = 0; i < steps.length; i++) {
            steps[i] = values[i + 1] - values[i];
        }

        assertThat(Arrays.stream(values).boxed()).allMatch(v -> v >= 0 && v <= 10);
        assertThat(deviation(steps)).isCloseTo(0.2, within(0.02));
        assertThat(Arrays.stream(steps).map(Math::abs).max().orElseThrow()).isLessThan(1.5);
        assertThat(deviation(values)).isGreaterThan(1);
    }

    @Test
    void aMarkovChainSpendsItsTimeAsItsChancesSay() {
        Scenario scenario = Loads.sensor("markov: {states: {idle: {busy: 0.02}, busy: {idle: 0.06}}}");

        Map<String, Long> counts = Loads.payloads(scenario.device(0), 0, 200_000).stream()
                .map(text -> text.contains("idle") ? "idle" : "busy")
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));

        assertThat(counts.get("idle") / 200_000.0).isCloseTo(0.75, within(0.03));
    }

    @Test
    void eventsComeAsOftenAsTheyShould() {
        double[] few = Loads.values(Loads.sensor("poisson: {per-hour: 360}"), 100_000);
        double[] many = Loads.values(Loads.sensor("poisson: {per-hour: 360000}"), 10_000);

        assertThat(mean(few)).isCloseTo(0.1, within(0.01));
        assertThat(deviation(few)).isCloseTo(Math.sqrt(0.1), within(0.02));
        assertThat(mean(many)).isCloseTo(100, within(0.5));
    }

    @Test
    void theDayIsWarmestAtItsPeakHour() {
        double[] values =
                Loads.values(Loads.sensor("diurnal: {mean: 15, swing: 5, peak-hour: 14, weather: 0}"), 86_400);

        assertThat(values[14 * 3600]).isEqualTo(20);
        assertThat(values[2 * 3600]).isEqualTo(10);
    }

    @Test
    void aHeartBeatsAtHumanRates() {
        double[] values = Loads.values(Loads.sensor("heart-rate: {resting: 64, peak: 165}"), 86_400);

        assertThat(Arrays.stream(values).boxed()).allMatch(v -> v >= 35 && v <= 200);
        assertThat(Arrays.stream(values).max().orElseThrow()).isGreaterThan(100);
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        assertThat(sorted[43_200]).isBetween(50.0, 80.0);
    }

    @Test
    void aSwitchIsOnForItsShareOfTheTime() {
        double[] values = Loads.values(Loads.sensor("switch: {on: 0.3, dwell: 5s}"), 100_000);

        assertThat(mean(values)).isCloseTo(0.3, within(0.03));
    }

    @Test
    void aVehicleMovesAsFastAsItSays() {
        Scenario scenario = Loads.parsed("""
                name: drive
                routes:
                  way: [[0, 0], [0, 0.5], [0.5, 0.5]]
                devices:
                  - name: car-{n}
                    count: 20
                    tick: 1s
                    on: {share: 0.4, period: 1h}
                    sensors:
                      speed:
                        vehicle: {routes: [way], gives: speed}
                        decimals: 9
                      odometer:
                        vehicle: {routes: [way], gives: odometer}
                        decimals: 9
                      latitude:
                        vehicle: {routes: [way], gives: latitude}
                        decimals: 9
                      longitude:
                        vehicle: {routes: [way], gives: longitude}
                        decimals: 9
                """);
        for (int i = 0; i < 20; i++) {
            VirtualDevice car = scenario.device(i);
            double[] before = null;
            int compared = 0;
            for (long tick = 0; tick < 20_000; tick++) {
                List<String> messages = Loads.payloads(car, tick, tick + 1);
                if (messages.isEmpty()) {
                    before = null;
                    continue;
                }
                double[] now = numbers(messages.getFirst());
                if (before != null) {
                    double way = (now[1] - before[1]) * 1000;
                    double expected = (now[0] + before[0]) / 2 / 3.6;
                    assertThat(way).isCloseTo(expected, within(0.05));
                    double moved = Math.hypot(now[2] - before[2], now[3] - before[3]) * 111_320;
                    assertThat(moved).isLessThanOrEqualTo(way + 0.05);
                    compared++;
                }
                before = now;
            }
            assertThat(compared).isBetween(7000, 9000);
        }
    }

    @Test
    void theShareOfTheFleetIsOnTheRoadAtAnyTime() {
        Scenario fleet = Loads.good("car-fleet").withCount(3000);
        for (long tick : new long[] {0, 5000, 56_000_000}) {
            int on = 0;
            for (int i = 0; i < 3000; i++) {
                on += fleet.device(i).active(tick) ? 1 : 0;
            }
            assertThat(on / 3000.0).isCloseTo(0.37, within(0.03));
        }
    }

    private static double[] numbers(String json) {
        return Arrays.stream(json.replaceAll("[^0-9.,E-]", "").split(","))
                .skip(1)
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    private static double deviation(double[] values) {
        double mean = mean(values);
        return Math.sqrt(Arrays.stream(values)
                .map(v -> (v - mean) * (v - mean))
                .average()
                .orElseThrow());
    }
}
