package tributary.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// What the SQL shell draws and completes.
class SqlShellTest {
    private static JsonNode json(String text) {
        return ServerClient.JSON.readTree(text.replace('\'', '"'));
    }

    @Test
    void risingLineGoesFromBottomLeftToTopRight() {
        List<String> drawn = new Chart(40, 4)
                .draw(new Chart.Line("t", new double[] {0, 1, 2, 3}, new double[] {0, 10, 20, 30}, "a", "b"));

        assertThat(drawn.getFirst()).isEqualTo("t");
        assertThat(drawn.get(1)).startsWith("        30 ┤").endsWith("⠉");
        assertThat(drawn.get(4)).startsWith("         0 ┤⣀");
        assertThat(drawn.get(6)).startsWith("            a").endsWith("b");
        assertThat(drawn.getLast())
                .contains("4 points, least 0, greatest 30, last 30")
                .doesNotContain("gap");
    }

    @Test
    void whereDataIsMissingThereIsNoLineAndItIsSaid() {
        double[] x = new double[200];
        double[] y = new double[200];
        for (int i = 0; i < 200; i++) {
            x[i] = i < 100 ? i : i + 400;
            y[i] = i == 50 ? Double.NaN : 5 + i % 2;
        }
        List<String> drawn = new Chart(80, 4).draw(new Chart.Line("t", x, y, "0", "599"));

        assertThat(drawn.getLast())
                .contains("199 points")
                .contains("1 value is missing")
                .contains("1 gap without data");
        for (String row : drawn.subList(1, 5)) {
            String dots = row.substring(12);
            int middle = 35;
            assertThat(dots.length() > middle ? dots.substring(middle, Math.min(dots.length(), middle + 10)) : "")
                    .isBlank();
        }
    }

    @Test
    void flatLineOnePointAndNoPointAreDrawnToo() {
        assertThat(new Chart(40, 4).draw(new Chart.Line("t", new double[] {1, 2}, new double[] {7, 7}, "", "")))
                .hasSize(8);
        assertThat(new Chart(40, 4)
                        .draw(new Chart.Line("t", new double[] {1}, new double[] {7}, "", ""))
                        .getLast())
                .contains("1 point,");
        assertThat(new Chart(40, 4).draw(new Chart.Line("t", new double[0], new double[0], "", "")))
                .containsExactly("t: no values");
    }

    @Test
    void answerWithATimeATextAndNumbersIsALineForEachTextAndNumber() {
        JsonNode answer = json("{'columns':[{'name':'ts','type':'TIMESTAMP'},{'name':'device','type':'VARCHAR'},"
                + "{'name':'t','type':'DOUBLE'}],'rows':[['2026-01-01T00:01:00.000Z','b',2],"
                + "['2026-01-01T00:00:00.000Z','a',1],['2026-01-01T00:02:00.000Z','a',null]]}");

        List<Chart.Line> lines = ChartRows.lines(answer);

        assertThat(lines).extracting(Chart.Line::name).containsExactly("b: t", "a: t");
        assertThat(lines.get(1).firstX()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(lines.get(1).y()).containsExactly(1, Double.NaN);
    }

    @Test
    void answerThatCannotBeDrawnSaysWhatAChartNeeds() {
        assertThatThrownBy(() -> ChartRows.lines(json("{'columns':[{'name':'d','type':'VARCHAR'}],'rows':[]}")))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("a time and a number")
                .hasMessageContaining("this answer has d");
    }

    @Test
    void tablesAreCompletedBehindFromAndColumnsOfTheTableElsewhere() {
        SqlNames names = new SqlNames(json("{'tables':[{'name':'readings','columns':[{'name':'device'},{'name':'ts'}]},"
                + "{'name':'pump','columns':[{'name':'temperature'},{'name':'door.open'}]}],"
                + "'functions':['avg','time_bucket','+']}"));

        assertThat(found(names, "FROM", "SELECT * FROM ", "")).containsExactly("readings", "pump");
        assertThat(found(names, "SELECT", "SELECT te FROM pump", "te")).containsExactly("temperature");
        assertThat(found(names, "SELECT", "SELECT door FROM pump", "do")).containsExactly("\"door.open\"");
        assertThat(found(names, "SELECT", "SELECT ti", "ti")).containsExactly("time_bucket", "TIMESTAMP");
        assertThat(found(names, "", "gro", "gro")).containsExactly("GROUP BY");
    }

    private static List<String> found(SqlNames names, String before, String statement, String word) {
        return names.found(before, statement, word).stream().map(one -> one[0]).toList();
    }

    @Test
    void errorShowsTheLineAndAMarkBelowTheWrongPlace() {
        JsonNode problem = json("{'position':{'line':2,'column':8,'excerpt':'  FROM pmup'}}");

        assertThat(ServerClient.place(problem)).isEqualTo("\n    FROM pmup\n         ^");
        assertThat(ServerClient.place(json("{}"))).isEmpty();
    }

    @Test
    void parameterIsANumberATruthOrATextAsItLooks() {
        assertThat(SqlSession.value("5")).isEqualTo(5L);
        assertThat(SqlSession.value("-2.5")).isEqualTo(-2.5);
        assertThat(SqlSession.value("true")).isEqualTo(true);
        assertThat(SqlSession.value("'5'")).isEqualTo("5");
        assertThat(SqlSession.value("pump-1")).isEqualTo("pump-1");
    }
}
