package tributary.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ShadowsTest {
    private static List<String> warnings(String sql) {
        return switch (Rule.compile(sql, RuleOptions.DEFAULTS)) {
            case Rule.Compiled.Ready(Rule rule) ->
                rule.warnings().stream().map(Mistake::toString).toList();
            case Rule.Compiled.Refused(Mistake mistake) -> throw new AssertionError(mistake);
        };
    }

    @Test
    void columnThatHidesAPathOfTheConditionIsWarnedOf() {
        assertThat(warnings("SELECT vibration.x AS vibration FROM 'a/+' ALERT shaky WHEN vibration.x > 3"))
                .singleElement()
                .asString()
                .startsWith(
                        "line 1, column 61: vibration.x is read as a key of the column 'vibration', which is vibration.x");
        assertThat(warnings("SELECT v[0] AS v FROM 'a/+' ALERT s WHEN n > 1 CLEAR WHEN v.x < 1"))
                .hasSize(1);
    }

    @Test
    void whatIsNotKeptWithAMessageIsWarnedOf() {
        assertThat(warnings(
                        "SELECT v, (SELECT VALUE sourceip() FROM xs AS x) AS a FROM 'a' WHERE peerhost() = '10.0.0.1'"))
                .hasSize(2)
                .allSatisfy(warning -> assertThat(warning).contains("() is undefined of every message here"));
        assertThat(warnings("SELECT v FROM 'a' ALERT x PER username() WHEN v > 1"))
                .singleElement()
                .asString()
                .startsWith("line 1, column 31: username() is the client id here");
        assertThat(warnings("SELECT clientid() AS c FROM 'a'")).isEmpty();
    }

    @Test
    void argumentThatIsWrittenDownAndGivesNothingIsWarnedOf() {
        assertThat(warnings("SELECT v FROM 'a' WHERE json_path_exists($, '$.a[?(@.x > 1)]')"))
                .singleElement()
                .asString()
                .startsWith("line 1, column 45: '$.a[?(@.x > 1)]' is no path that can be followed");
        for (String call : List.of(
                "convert_tz(v, 'Europe/Budapst')",
                "hour(v, 'Mars')",
                "parse_time('yyyy', v, 'Mars')",
                "encode(v, 'base65')",
                "decode(v, 'rot13')",
                "hmac(v, 'k', 'sha999')",
                "date_add(v, 1, 'fortnight')",
                "date_diff('fortnight', v, 0)")) {
            assertThat(warnings("SELECT %s AS x FROM 'a'".formatted(call)))
                    .as(call)
                    .singleElement()
                    .asString()
                    .endsWith("() gives nothing");
        }
        for (String call : List.of(
                "convert_tz('2026-01-02', 'Europe/Budapest')",
                "hour('Europe/Budapest')",
                "decode(v, 'CBOR')",
                "encode(v, 'utf8')",
                "date_add('2026-01-02', 1, 'month')",
                "date_diff('2026-01-02', '2026-01-01')",
                "path(v, 'a.b[0]')",
                "json_path_query(v, '$..a[0:2, ''b]'']')",
                "encode(v, k)")) {
            assertThat(warnings("SELECT %s AS x FROM 'a'".formatted(call)))
                    .as(call)
                    .isEmpty();
        }
    }

    @Test
    void columnsThatHideNothingAreFine() {
        assertThat(warnings("SELECT vibration.x AS vibration FROM 'a/+' ALERT shaky WHEN vibration > 3"))
                .isEmpty();
        assertThat(warnings("SELECT vibration.x AS x FROM 'a/+' ALERT shaky WHEN vibration.x > 3"))
                .isEmpty();
        assertThat(warnings("SELECT {'x': 1} AS vibration FROM 'a/+' ALERT shaky WHEN vibration.x > 3"))
                .isEmpty();
        assertThat(warnings("SELECT vibration.x AS vibration FROM 'a/+' WHERE vibration.x > 3"))
                .isEmpty();
    }
}
