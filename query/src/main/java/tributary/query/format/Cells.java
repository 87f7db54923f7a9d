package tributary.query.format;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.Period;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.IntervalMonthDayNanoVector;
import org.apache.arrow.vector.PeriodDuration;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.jspecify.annotations.Nullable;
import tributary.model.Micros;

/// The cells of one batch as what a text format can write: null, Boolean, Number, String, List of these, Map of text to
/// these. Moments are ISO 8601 in UTC, intervals ISO 8601, bytes base64.
final class Cells {
    private final List<Column> columns;

    /// @param vectors valid until the next batch
    Cells(List<FieldVector> vectors) {
        this.columns = vectors.stream().map(Cells::column).toList();
    }

    int count() {
        return columns.size();
    }

    @Nullable
    Object value(int column, int row) {
        return columns.get(column).value(row);
    }

    private interface Column {
        @Nullable
        Object value(int row);
    }

    private static Column column(ValueVector vector) {
        Column present = present(vector);
        return row -> vector.isNull(row) ? null : present.value(row);
    }

    private static Column present(ValueVector vector) {
        return switch (vector) {
            case BigIntVector longs -> longs::get;
            case IntVector ints -> ints::get;
            case SmallIntVector shorts -> shorts::get;
            case TinyIntVector bytes -> bytes::get;
            case UInt1Vector bytes -> row -> Byte.toUnsignedInt(bytes.get(row));
            case UInt2Vector chars -> row -> (int) chars.get(row);
            case UInt4Vector ints -> row -> Integer.toUnsignedLong(ints.get(row));
            case UInt8Vector longs -> row -> new BigInteger(Long.toUnsignedString(longs.get(row)));
            case Float8Vector doubles -> doubles::get;
            case Float4Vector floats -> floats::get;
            case DecimalVector decimals -> decimals::getObject;
            case BitVector bits -> row -> bits.get(row) == 1;
            case VarCharVector texts -> new Texts(texts);
            case VarBinaryVector bytes -> row -> Base64.getEncoder().encodeToString(bytes.get(row));
            case TimeStampVector moments -> {
                ChronoUnit unit = unit(moments);
                if (unit == ChronoUnit.MICROS) {
                    yield row -> Micros.text(moments.get(row));
                }
                yield row -> Instant.EPOCH.plus(moments.get(row), unit).toString();
            }
            case DateDayVector days ->
                row -> LocalDate.ofEpochDay(days.get(row)).toString();
            case TimeMicroVector times -> row -> time(times.get(row));
            case IntervalMonthDayNanoVector intervals -> row -> interval(intervals.getObject(row));
            case MapVector maps -> map(maps);
            case ListVector lists -> {
                Column items = column(lists.getDataVector());
                yield row -> items(items, lists.getElementStartIndex(row), lists.getElementEndIndex(row));
            }
            case FixedSizeListVector lists -> {
                Column items = column(lists.getDataVector());
                yield row -> items(items, lists.getElementStartIndex(row), lists.getElementEndIndex(row));
            }
            case StructVector struct -> struct(struct);
            default -> row -> String.valueOf(vector.getObject(row));
        };
    }

    /// Texts, which are often the same as in the row before.
    private static final class Texts implements Column {
        private final VarCharVector vector;
        private byte[] bytes = new byte[0];
        private String text = "";

        Texts(VarCharVector vector) {
            this.vector = vector;
        }

        @Override
        public String value(int row) {
            byte[] now = vector.get(row);
            if (!Arrays.equals(now, bytes)) {
                bytes = now;
                text = new String(now, StandardCharsets.UTF_8);
            }
            return text;
        }
    }

    private static ChronoUnit unit(TimeStampVector moments) {
        ArrowType.Timestamp type = (ArrowType.Timestamp) moments.getField().getType();
        return switch (type.getUnit()) {
            case SECOND -> ChronoUnit.SECONDS;
            case MILLISECOND -> ChronoUnit.MILLIS;
            case MICROSECOND -> ChronoUnit.MICROS;
            case NANOSECOND -> ChronoUnit.NANOS;
        };
    }

    private static String time(long micros) {
        // SQL knows 24:00:00, Java does not.
        return micros >= 86_400_000_000L
                ? "24:00:00"
                : LocalTime.ofNanoOfDay(micros * 1000).toString();
    }

    private static String interval(PeriodDuration interval) {
        Period period = interval.getPeriod();
        Duration duration = interval.getDuration();
        if (period.isZero()) {
            return duration.toString();
        }
        return duration.isZero()
                ? period.toString()
                : period + duration.toString().substring(1);
    }

    private static Column map(MapVector maps) {
        StructVector entries = (StructVector) maps.getDataVector();
        Column keys = column(entries.getChildByOrdinal(0));
        Column values = column(entries.getChildByOrdinal(1));
        return row -> {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            for (int i = maps.getElementStartIndex(row); i < maps.getElementEndIndex(row); i++) {
                map.put(String.valueOf(keys.value(i)), values.value(i));
            }
            return map;
        };
    }

    private static Column struct(StructVector struct) {
        List<String> names = new ArrayList<>();
        List<Column> columns = new ArrayList<>();
        for (FieldVector child : struct.getChildrenFromFields()) {
            names.add(child.getName());
            columns.add(column(child));
        }
        return row -> {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            for (int i = 0; i < names.size(); i++) {
                map.put(names.get(i), columns.get(i).value(row));
            }
            return map;
        };
    }

    private static List<@Nullable Object> items(Column items, int from, int to) {
        List<@Nullable Object> list = new ArrayList<>(to - from);
        for (int i = from; i < to; i++) {
            list.add(items.value(i));
        }
        return list;
    }
}
