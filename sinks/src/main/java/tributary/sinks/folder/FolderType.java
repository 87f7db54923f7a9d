package tributary.sinks.folder;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tributary.sinks.Pace;
import tributary.sinks.SinkFields;
import tributary.sinks.SinkType;
import tributary.sinks.Template;

/// A delivery stream: files that grow until they are large or old enough, and then appear whole under their name.
public final class FolderType implements SinkType {
    private static final int COLUMNS_MAX = 500;

    /// How a parcel becomes a line.
    enum Format {
        JSON_LINES("jsonl"),
        CSV("csv");

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

    /// How files are made smaller.
    enum Compression {
        NONE(""),
        GZIP(".gz"),
        ZSTD(".zst");

        final String ending;

        Compression(String ending) {
            this.ending = ending;
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

    /// A column of CSV.
    record Column(String name, Template value) {}

    /// How lines are made and kept.
    ///
    /// @param size  how many bytes a file has before it is made smaller
    /// @param every how long a file grows at most
    record Shape(
            Format format,
            Body body,
            List<Column> columns,
            Compression compression,
            Prefix prefix,
            long size,
            Duration every) {
        Shape {
            columns = List.copyOf(columns);
        }
    }

    @Override
    public String name() {
        return "folder";
    }

    @Override
    public Pace pace() {
        return Pace.batches(1000, Duration.ZERO);
    }

    @Override
    public Plan plan(SinkFields fields, Place place) {
        Shape shape = new Shape(
                fields.choice("format", Format.JSON_LINES),
                fields.choice("body", Body.PAYLOAD),
                columns(fields),
                fields.choice("compression", Compression.GZIP),
                fields.choice("prefix", Prefix.HOUR),
                fields.bytes("size", 64L << 20, 1024, 4L << 30),
                fields.duration("every", Duration.ofMinutes(5), Duration.ofSeconds(1), Duration.ofDays(1)));
        if (shape.format() == Format.CSV && shape.columns().isEmpty()) {
            fields.problem("columns", "columns is missing: CSV needs them, such as device(), temp, door.open");
        }
        return () -> new FolderSink(shape, place);
    }

    private static List<Column> columns(SinkFields fields) {
        List<Column> columns = new ArrayList<>();
        for (String column : fields.text("columns", "").split(",")) {
            String name = column.strip();
            if (name.isEmpty()) {
                continue;
            }
            try {
                columns.add(new Column(name.replace("()", ""), Template.of("${" + name + "}")));
            } catch (IllegalArgumentException e) {
                fields.problem("columns", "columns: " + e.getMessage());
            }
        }
        if (columns.size() > COLUMNS_MAX) {
            fields.problem("columns", "columns are at most " + COLUMNS_MAX);
        }
        return columns;
    }
}
