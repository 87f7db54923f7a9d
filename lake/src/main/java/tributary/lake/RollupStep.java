package tributary.lake;

import java.time.Duration;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;

/// How wide the slots of a roll-up are, and what one of its files spans.
///
/// Files of a day would be too many for a question about years, so the widest step has one file a month.
enum RollupStep {
    MINUTE("rollup_1m", Duration.ofMinutes(1), ChronoUnit.DAYS),
    HOUR("rollup_1h", Duration.ofHours(1), ChronoUnit.DAYS),
    DAY("rollup_1d", Duration.ofDays(1), ChronoUnit.MONTHS);

    static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "device", Types.StringType.get()),
            Types.NestedField.required(2, "sensor", Types.StringType.get()),
            Types.NestedField.required(3, "ts", Types.TimestampType.withoutZone()),
            Types.NestedField.required(4, "count", Types.LongType.get()),
            Types.NestedField.required(5, "numbers", Types.LongType.get()),
            Types.NestedField.optional(6, "sum", Types.DoubleType.get()),
            Types.NestedField.optional(7, "min", Types.DoubleType.get()),
            Types.NestedField.optional(8, "min_ts", Types.TimestampType.withoutZone()),
            Types.NestedField.optional(9, "max", Types.DoubleType.get()),
            Types.NestedField.optional(10, "max_ts", Types.TimestampType.withoutZone()),
            Types.NestedField.optional(11, "first", Types.DoubleType.get()),
            Types.NestedField.optional(12, "first_ts", Types.TimestampType.withoutZone()),
            Types.NestedField.optional(13, "last", Types.DoubleType.get()),
            Types.NestedField.optional(14, "last_ts", Types.TimestampType.withoutZone()));

    private static final YearMonth FIRST_MONTH = YearMonth.of(1970, 1);

    private final String table;
    private final long micros;
    private final ChronoUnit span;

    RollupStep(String table, Duration width, ChronoUnit span) {
        this.table = table;
        this.micros = width.toNanos() / 1000;
        this.span = span;
    }

    String table() {
        return table;
    }

    long micros() {
        return micros;
    }

    PartitionSpec parted() {
        PartitionSpec.Builder spec = PartitionSpec.builderFor(SCHEMA);
        return (span == ChronoUnit.MONTHS ? spec.month("ts") : spec.day("ts")).build();
    }

    /// @return the number of the file's span that has the day, as Iceberg counts: days or months since 1970
    int span(int day) {
        return span == ChronoUnit.MONTHS
                ? Math.toIntExact(FIRST_MONTH.until(YearMonth.from(LocalDate.ofEpochDay(day)), ChronoUnit.MONTHS))
                : day;
    }
}
