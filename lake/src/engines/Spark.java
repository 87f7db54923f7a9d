import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/// Apache Spark over the lake's tables, as the catalogue `tributary`, the name by which it finds them: each line of the standard input is a statement; its
/// rows are lines of the standard output, and a line with a dot ends them. What fails is a line with `!`.
class Spark {
    private Spark() {}

    /// @param args a file of properties, those of the catalogue
    public static void main(String[] args) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        Properties catalog = new Properties();
        try (Reader in = Files.newBufferedReader(Path.of(args[0]))) {
            catalog.load(in);
        }
        SparkSession.Builder builder = SparkSession.builder()
                .master("local[1]")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.sql.session.timeZone", "UTC")
                .config("spark.sql.shuffle.partitions", "1")
                .config("spark.sql.warehouse.dir", args[0] + ".warehouse")
                .config("spark.sql.catalog.tributary", "org.apache.iceberg.spark.SparkCatalog")
                .config("spark.sql.catalog.tributary.cache-enabled", "false");
        catalog.stringPropertyNames()
                .forEach(name -> builder.config("spark.sql.catalog.tributary." + name, catalog.getProperty(name)));
        try (SparkSession spark = builder.getOrCreate();
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String sql = in.readLine(); sql != null; sql = in.readLine()) {
                try {
                    for (Row row : spark.sql(sql).collectAsList()) {
                        answers.println(row.mkString(" "));
                    }
                } catch (Exception e) {
                    e.printStackTrace();
                    answers.println("! " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
                }
                answers.println(".");
            }
        }
    }
}
