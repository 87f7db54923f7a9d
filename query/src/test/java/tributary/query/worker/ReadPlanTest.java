package tributary.query.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.query.wire.Tables;

/// What a plan of the engine's lets be left out.
class ReadPlanTest {
    private static final String SCAN =
            "{'name': 'SEQ_SCAN ', 'children': [], 'extra_info': {'Table': 'memory.%s', 'Filters': %s}}";

    private static String plan(String... leaves) {
        return ("[{'name': 'CROSS_PRODUCT', 'children': [" + String.join(",", leaves) + "], 'extra_info': {}}]")
                .replace("\"", "\\\"")
                .replace('\'', '"')
                .replace('`', '\'');
    }

    private static String scan(String filters) {
        return SCAN.formatted("feed.any_readings", filters);
    }

    /// A file of device `m` with the first second of 1970 and no other.
    private static boolean needed(String plan) throws EngineException {
        return ReadPlan.of(plan).needs("readings", new Tables.Sealed("f", false, 0, 1_000_000, "m", "m"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            (ts >= `1970-01-01 00:00:01`::TIMESTAMP)                                                  | true
            (ts > `1970-01-01 00:00:01.000001`::TIMESTAMP)                                            | false
            ((ts >= `1969-01-01 00:00:00`::TIMESTAMP) AND (ts < `1969-12-31 23:59:59.9`::TIMESTAMP))  | false
            (((ts >= `1969-01-01 00:00:00`::TIMESTAMP) AND (value > 3)) AND (ts <= `1969-12-31 23:59:59`::TIMESTAMP)) | false
            ((ts > `1971-01-01 00:00:00`::TIMESTAMP) OR (value > 3))                                  | true
            (NOT (ts > `1971-01-01 00:00:00`::TIMESTAMP))                                             | true
            optional: (ts > `1971-01-01 00:00:00`::TIMESTAMP)                                         | true
            (received > `1971-01-01 00:00:00`::TIMESTAMP)                                             | true
            (ts > `infinity`::TIMESTAMP)                                                              | true
            (device = `m`)                                                                            | true
            (device = `n`)                                                                            | false
            (device >= `a`)                                                                           | true
            ((device >= `a`) AND (device < `b`))                                                      | false
            (device = `n``) AND (x`)                                                                  | false
            """)
    void whatAConditionLeavesOut(String filter, boolean needed) throws EngineException {
        assertThat(needed(plan(scan("'" + filter + "'")))).isEqualTo(needed);
    }

    @ParameterizedTest
    @CsvSource({
        "messages, received, false",
        "messages, ts, true",
        "rejected, received, false",
        "events, ts, false",
        "events, received, true"
    })
    void aTableHasItsOwnTimeAndItsOwnFiles(String table, String time, boolean needed) throws EngineException {
        ReadPlan plan = ReadPlan.of(
                plan(SCAN.formatted("feed.any_" + table, "'(" + time + " > `1971-01-01 00:00:00`::TIMESTAMP)'")));
        assertThat(plan.needs(table, new Tables.Sealed("f", false, 0, 1_000_000, "m", "m")))
                .isEqualTo(needed);
        assertThat(plan.needs("readings", new Tables.Sealed("f", false, 0, 1_000_000, "m", "m")))
                .as("no scan of them")
                .isFalse();
    }

    @Test
    void severalConditionsAreAllToHoldAndSeveralScansEachHaveTheirFiles() throws EngineException {
        String away = scan("['(value > 3)', '(device = `x`)']");
        assertThat(needed(plan(away))).isFalse();
        assertThat(needed(plan(away, scan("'(device = `m`)'")))).isTrue();
        assertThat(needed(plan(away, SCAN.formatted("main.devices", "null")))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"EMPTY_RESULT", "COLUMN_DATA_SCAN", "SOMETHING_NEW"})
    void anOperatorThatIsNotKnownLeavesAllIn(String name) throws EngineException {
        String away = scan("'(device = `x`)'");
        assertThat(needed(plan(away, "{'name': '" + name + "', 'children': [], 'extra_info': {}}")))
                .isTrue();
    }

    @Test
    void whatIsNoPlanLeavesAllIn() throws EngineException {
        assertThat(needed("{}")).isTrue();
        assertThat(needed("[7]")).isTrue();
    }
}
