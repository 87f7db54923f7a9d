package tributary.sinks.folder;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Locale;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.Quote;

/// What is in a column of Parquet.
enum ColumnType {
    TEXT("VARCHAR"),
    NUMBER("DOUBLE"),
    INTEGER("BIGINT"),
    BOOLEAN("BOOLEAN"),
    TIME("BIGINT");

    private static final String NAMES = "text, number, integer, boolean or time";

    /// What it is between us and who writes the file.
    final String carrier;

    ColumnType(String carrier) {
        this.carrier = carrier;
    }

    /// A value that is not of its column's type.
    static final class Misfit extends Exception {
        private static final long serialVersionUID = 1;

        private final String what;

        Misfit(String what) {
            super(what);
            this.what = what;
        }

        /// @return what is wrong, in a sentence
        String what() {
            return what;
        }
    }

    /// @throws IllegalArgumentException where there is none of that name
    static ColumnType of(String name) {
        try {
            return valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("a column is %s; was '%s'".formatted(NAMES, Quote.shorten(name)), e);
        }
    }

    /// @return what makes the column of its carrier
    String sql(String carried) {
        return this == TIME ? "make_timestamp(" + carried + ")::TIMESTAMPTZ" : carried;
    }

    /// Puts a value where it is carried.
    ///
    /// @param column for people
    void put(ObjectNode row, String key, String value, String column) throws Misfit {
        try {
            switch (this) {
                case TEXT -> row.put(key, value);
                case NUMBER -> row.put(key, number(value));
                case INTEGER -> row.put(key, new BigDecimal(value).longValueExact());
                case BOOLEAN -> row.put(key, bool(value));
                case TIME -> row.put(key, micros(value));
            }
        } catch (ArithmeticException | DateTimeException | NumberFormatException e) {
            throw new Misfit("'%s' is no %s, which the column '%s' has"
                    .formatted(Quote.shorten(value), name().toLowerCase(Locale.ROOT), column));
        }
    }

    private static double number(String value) {
        double number = Double.parseDouble(value);
        if (!Double.isFinite(number)) {
            throw new NumberFormatException();
        }
        return number;
    }

    private static boolean bool(String value) {
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new NumberFormatException();
        };
    }

    /// @param value milliseconds since 1970, or a date and time with its zone as ISO 8601 has them
    private static long micros(String value) {
        if (value.matches("-?\\d{1,15}(\\.\\d+)?([eE]\\+?\\d+)?")) {
            return new BigDecimal(value).movePointRight(3).longValueExact();
        }
        Instant instant = OffsetDateTime.parse(value).toInstant();
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000), instant.getNano() / 1000);
    }
}
