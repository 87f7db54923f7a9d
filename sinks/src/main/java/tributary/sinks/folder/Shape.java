package tributary.sinks.folder;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tributary.sinks.SinkFields;
import tributary.sinks.Template;

/// How files are made of parcels.
///
/// @param columns of CSV and Parquet
/// @param size    how many bytes a file has before it is made smaller
/// @param every   how long a file grows at most
record Shape(
        Format format,
        Body body,
        List<Column> columns,
        Compression compression,
        Prefix prefix,
        long size,
        Duration every) {
    private static final int COLUMNS_MAX = 500;
    private static final long SIZE = 64L << 20;

    /// Parquet is made of a whole file at once.
    private static final long PARQUET_SIZE_MAX = 256L << 20;

    private static final String PARQUET_COLUMNS = "timestamp() time, device(), rule(), id(), payload(), topic(), raw()";

    /// What a file has.
    enum Format {
        JSON_LINES("jsonl"),
        CSV("csv"),
        PARQUET("parquet");

        final String ending;

        Format(String ending) {
            this.ending = ending;
        }
    }

    /// What is in a line of JSON.
    enum Body {
        PAYLOAD,
        ENVELOPE
    }

    /// How files are made smaller; Parquet does so within the file.
    enum Compression {
        NONE("", "UNCOMPRESSED"),
        GZIP(".gz", "GZIP"),
        ZSTD(".zst", "ZSTD");

        final String ending;
        final String parquet;

        Compression(String ending, String parquet) {
            this.ending = ending;
            this.parquet = parquet;
        }
    }

    /// Into which folders files go, by the parcel's time in UTC.
    enum Prefix {
        HOUR("%d/%02d/%02d/%02d"),
        DAY("%d/%02d/%02d"),
        HIVE_HOUR("year=%d/month=%02d/day=%02d/hour=%02d"),
        HIVE_DAY("year=%d/month=%02d/day=%02d"),
        NONE("");

        final String pattern;

        Prefix(String pattern) {
            this.pattern = pattern;
        }
    }

    /// A column of CSV or Parquet.
    record Column(String name, Template value, ColumnType type) {}

    Shape {
        columns = List.copyOf(columns);
    }

    static Shape read(SinkFields fields) {
        Format format = fields.choice("format", Format.JSON_LINES);
        Shape shape = new Shape(
                format,
                fields.choice("body", Body.PAYLOAD),
                columns(fields, format),
                fields.choice("compression", Compression.GZIP),
                fields.choice("prefix", Prefix.HOUR),
                fields.bytes("size", SIZE, 1024, 4L << 30),
                fields.duration("every", Duration.ofMinutes(5), Duration.ofSeconds(1), Duration.ofDays(1)));
        if (format == Format.CSV && shape.columns().isEmpty()) {
            fields.problem("columns", "columns is missing: CSV needs them, such as device(), temp, door.open");
        }
        if (format == Format.PARQUET && shape.size() > PARQUET_SIZE_MAX) {
            fields.problem("size", "size is at most 256MB where the format is parquet, which is made in memory");
        }
        return shape;
    }

    private static List<Column> columns(SinkFields fields, Format format) {
        List<Column> columns = new ArrayList<>();
        String text = fields.text("columns", "");
        if (text.isBlank() && format == Format.PARQUET) {
            text = PARQUET_COLUMNS;
        }
        for (String column : text.split(",")) {
            String[] words = column.strip().split("\\s+");
            if (words[0].isEmpty()) {
                continue;
            }
            try {
                ColumnType type = words.length == 1 ? ColumnType.TEXT : ColumnType.of(words[1]);
                if (words.length > 2 || words.length == 2 && format != Format.PARQUET) {
                    throw new IllegalArgumentException("'%s' is more than a column%s"
                            .formatted(column.strip(), format == Format.PARQUET ? " and its type" : ""));
                }
                String name = words[0].replace("()", "");
                if (columns.stream().anyMatch(other -> same(other.name(), name)) && format == Format.PARQUET) {
                    throw new IllegalArgumentException("there are two of '%s'".formatted(name));
                }
                columns.add(new Column(name, Template.of("${" + words[0] + "}"), type));
            } catch (IllegalArgumentException e) {
                fields.problem("columns", "columns: " + e.getMessage());
            }
        }
        if (columns.size() > COLUMNS_MAX) {
            fields.problem("columns", "columns are at most " + COLUMNS_MAX);
        }
        return columns;
    }

    private static boolean same(String one, String other) {
        return one.toLowerCase(Locale.ROOT).equals(other.toLowerCase(Locale.ROOT));
    }

    /// @return whether messages that come along are in lines and rows themselves, and so in no file of their own
    boolean showsRaw() {
        return format == Format.JSON_LINES
                ? body == Body.ENVELOPE
                : columns.stream().anyMatch(column -> column.value().showsRaw());
    }
}
