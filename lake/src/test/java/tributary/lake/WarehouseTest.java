package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tributary.model.Settings;

class WarehouseTest {
    private static final Map<String, String> GOOD = Map.of(
            "lake.warehouse", "s3://fleet-data/history/eu/",
            "lake.catalog", "jdbc:postgresql://db/lake");

    @Test
    void addressIsBucketAndPrefix() {
        Settings settings = new Settings(GOOD);
        Warehouse warehouse = Warehouse.read(settings);
        assertThat(settings.problems()).isEmpty();
        assertThat(warehouse.bucket().name()).isEqualTo("fleet-data");
        assertThat(warehouse.bucket().prefix()).isEqualTo("history/eu");
        assertThat(warehouse.bucket().location()).isEqualTo("s3://fleet-data/history/eu");
    }

    @Test
    void mistakesAreNamedWithTheirKeyAndWhatIsRight() {
        assertThat(problems("lake.warehouse", "/var/lake")).contains("lake.warehouse must be s3://bucket/prefix");
        assertThat(problems("lake.warehouse", "s3://fleet-data/a/../b")).contains("the prefix in lake.warehouse");
        assertThat(problems("lake.catalog", "jdbc:sqlite:lake.db")).contains("jdbc:postgresql:");
        assertThat(problems("lake.s3-endpoint", "storage:9000")).contains("lake.s3-endpoint must be an address");
        assertThat(problems("lake.s3-access-key", "me")).contains("belong together");
        assertThat(problems("lake.warehouse", "")).contains("lake.catalog goes with lake.warehouse");
    }

    private static String problems(String key, String value) {
        Map<String, String> keys = new HashMap<>(GOOD);
        keys.put(key, value);
        Settings settings = new Settings(keys);
        Warehouse.read(settings);
        return String.join("\n", settings.problems());
    }
}
