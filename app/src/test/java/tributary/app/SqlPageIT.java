package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `docs/sql.md`, `docs/grafana.md` and `docs/files.md` show what happens, in this order on one server.
class SqlPageIT {
    @TempDir
    private Path folder;

    @Test
    void thePagesShowWhatHappens() throws Exception {
        Path data = folder.resolve("data");
        try (ServerProcess server = ServerProcess.start(data)) {
            ShownPage page = new ShownPage(folder, server);
            assertThat(page.run("docs/sql.md")).isEqualTo(8);
            assertThat(page.run("docs/grafana.md")).isEqualTo(2);
            assertThat(server.stop()).as("a stop leaves everything in files").isZero();
        }
        assertThat(rows(data)).contains("pump-1 temperature 2 21.5", "pump-2 temperature 1 30.0");
    }

    /// The last statement's rows, after every other block of SQL on the page.
    private static List<String> rows(Path data) throws Exception {
        List<String> rows = new ArrayList<>();
        String page = Files.readString(Checkout.root().resolve("docs/files.md"));
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duck.createStatement()) {
            for (String block : Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL)
                    .matcher(page)
                    .results()
                    .map(match -> match.group(1))
                    .toList()) {
                if (statement.execute(block.replace("LAKE", data.resolve("lake").toString()))) {
                    ResultSet answer = statement.getResultSet();
                    while (answer.next()) {
                        rows.add(answer.getString(1) + " " + answer.getString(2) + " " + answer.getString(3) + " "
                                + answer.getString(4));
                    }
                }
            }
        }
        return rows;
    }
}
