package tributary.lake;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What the roll-ups of a snapshot say, and what its rows say they should.
final class RollupContents {
    private RollupContents() {}

    /// @return `device sensor slot width` to count and sum, of every day that may be read from a roll-up
    static Map<String, String> of(Snapshot snapshot) {
        Map<String, String> slots = new TreeMap<>();
        try (Connection duck = SharedDuck.connect();
                Statement statement = duck.createStatement()) {
            for (Snapshot.Rolled rolled : snapshot.rolled()) {
                String days = rolled.days().stream().map(String::valueOf).collect(Collectors.joining(", "));
                try (ResultSet rows = statement.executeQuery(
                        "SELECT device, sensor, epoch_us(ts), count, coalesce(sum, 0) FROM read_parquet('%s') WHERE epoch_us(ts) // %d IN (%s)"
                                .formatted(rolled.path(), SegmentOrder.DAY_MICROS, days))) {
                    while (rows.next()) {
                        String key = "%s %s %d %d"
                                .formatted(rows.getString(1), rows.getString(2), rows.getLong(3), rolled.slotMicros());
                        if (slots.put(key, rows.getLong(4) + " " + rows.getDouble(5)) != null) {
                            throw new AssertionError("two rows of " + key);
                        }
                    }
                }
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
        return slots;
    }

    /// @param rows `device sensor ts` to value, as [World#rows] gives them
    /// @return what [#of] must give for the same days
    static Map<String, String> expected(Snapshot snapshot, Map<String, String> rows) {
        Map<String, double[]> sums = new TreeMap<>();
        for (Snapshot.Rolled rolled : snapshot.rolled()) {
            rows.forEach((key, value) -> {
                String[] words = key.split(" ");
                long ts = Long.parseLong(words[2]);
                if (rolled.days().contains(Math.toIntExact(Math.floorDiv(ts, SegmentOrder.DAY_MICROS)))) {
                    long slot = ts - Math.floorMod(ts, rolled.slotMicros());
                    double[] sum = sums.computeIfAbsent(
                            "%s %s %d %d".formatted(words[0], words[1], slot, rolled.slotMicros()), _ -> new double[2]);
                    sum[0]++;
                    sum[1] += number(value);
                }
            });
        }
        Map<String, String> slots = new TreeMap<>();
        sums.forEach((key, sum) -> slots.put(key, (long) sum[0] + " " + sum[1]));
        return slots;
    }

    private static double number(String value) {
        return switch (value) {
            case "true" -> 1;
            case "false" -> 0;
            default -> value.startsWith("text") ? 0 : Double.parseDouble(value);
        };
    }
}
