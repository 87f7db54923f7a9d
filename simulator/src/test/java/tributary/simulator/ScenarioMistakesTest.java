package tributary.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScenarioMistakesTest {
    @Test
    void allMistakesAreToldTogetherWithTheirLines() {
        List<String> mistakes = Loads.mistakes("""
                name: wrong
                sead: 4
                devices:
                  - name: d-{n}
                    count: many
                    sensors:
                      a:
                        siene: {mean: 1}
                      b:
                        sine: {mean: 1, amplitude: 2, period: fast}
                      c:
                        normal: {deviation: 1}
                        filters:
                          - nois: {deviation: 1}
                      d:
                        sum: {of: [a, zz]}
                    messages:
                      - topic: a/#
                        join: zap
                        sensors: [bb]
                """);

        assertThat(mistakes)
                .containsExactly(
                        "test.yaml:2: unknown key 'sead'; did you mean 'seed'?",
                        "test.yaml:5: count is a number from 1 to 1000000, was 'many'",
                        "test.yaml:8: unknown key 'siene'; did you mean 'sine'?",
                        "test.yaml:10: period is a time from 1ms to 365d, such as 500ms, 2s, 20m, 1h or 1d",
                        "test.yaml:14: unknown filter 'nois'; did you mean 'noise'?",
                        "test.yaml:16: unknown sensor 'zz'; did you mean 'a'?",
                        "test.yaml:18: a topic to publish to has no wildcard ('+', '#')",
                        "test.yaml:19: unknown join of messages 'zap'; did you mean 'zip'?",
                        "test.yaml:20: unknown sensor 'bb'; did you mean 'b'?");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "walk: {step: 1, min: 5, max: 5}                     | max is above min",
                "constant: {value: 1}, sine: {amplitude: 1, period: 1s} | sensor 'v' has two sources: constant, sine",
                "decimals: 2                                         | sensor 'v' has no source; there are constant, counter",
                "switch: {on: 0.5}, filters: [noise: {deviation: 1}] | noise is for numbers, this sensor has states",
                "markov: {states: {a: {b: 0.7, c: 0.6}, b: {}, c: {}}} | the chances to leave 'a' sum up to 1.300, more than 1",
                "sum: {of: [v]}                                      | sensor 'v' is made of itself",
                "normal: {deviation: 1}, every: 1500ms               | every is a whole number of ticks of 1000 ms",
                "vehicle: {routes: [x], gives: speed}                | unknown route 'x'",
                "heart-rate: {resting: 400}                          | resting is a number from 30 to 120, was '400'"
            })
    void aSensorThatCannotBeIsRefused(String sensor, String mistake) {
        List<String> mistakes = Loads.mistakes("""
                name: one
                devices:
                  - name: d
                    tick: 1s
                    sensors:
                      v: {%s}
                """.formatted(sensor.strip()));

        assertThat(mistakes).anyMatch(text -> text.contains(mistake));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | the file is empty",
                "'a: [1' | not YAML",
                "'- 1' | a scenario is a mapping of keys to values",
                "name: x | is missing: a list of groups"
            })
    void aFileThatIsNoScenarioIsRefused(String text, String mistake) {
        assertThat(Loads.mistakes(text)).anyMatch(problem -> problem.contains(mistake));
    }

    @Test
    void aScenarioThatIsNotThereIsToldWithTheNearest() {
        assertThat(Scenario.load("pumb"))
                .isInstanceOfSatisfying(
                        Scenario.Loaded.Mistaken.class,
                        mistaken -> assertThat(mistaken.problems())
                                .containsExactly("there is no file 'pumb'; did you mean 'pump'?"));
    }

    @Test
    void everyShippedScenarioIsGood() {
        for (String name : Scenario.shipped()) {
            Scenario scenario = Loads.good(name);
            assertThat(scenario.name()).isEqualTo(name);
            assertThat(scenario.about()).isNotEmpty();
        }
        assertThat(Loads.good("car-fleet").deviceCount()).isEqualTo(30_000);
        assertThat(Loads.good("pump").deviceCount()).isEqualTo(12);
    }
}
