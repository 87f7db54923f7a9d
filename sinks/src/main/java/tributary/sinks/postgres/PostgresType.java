package tributary.sinks.postgres;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import tributary.model.Quote;
import tributary.model.Settings;
import tributary.sinks.Pace;
import tributary.sinks.SinkFields;
import tributary.sinks.SinkTls;
import tributary.sinks.SinkType;
import tributary.sinks.Template;

/// Rows in a table of PostgreSQL: inserted, or updated where a row with the same key is there.
public final class PostgresType implements SinkType {
    private static final int COLUMNS_MAX = 500;
    private static final int NAME_CHARS_MAX = 63;

    /// How the connection is protected.
    enum Tls {
        /// Not at all; for a server on this machine.
        DISABLE,
        /// Encrypted, and the certificate is of an authority that is trusted, whatever its name.
        REQUIRE,
        /// Encrypted, and the certificate is the host's.
        VERIFY_FULL
    }

    @Override
    public String name() {
        return "postgres";
    }

    @Override
    public Pace pace() {
        return Pace.batches(500, Duration.ofMillis(200));
    }

    @Override
    public Plan plan(SinkFields fields, Place place) {
        String host = fields.required("host", "where the server is");
        if (!host.matches("[A-Za-z0-9._:-]*")) {
            fields.problem("host", "host is one name or address, was '" + Quote.shorten(host) + "'");
        }
        int port = fields.number("port", 5432, 1, 65_535);
        String database = fields.required("database", "which database of the server");
        Properties properties = new Properties();
        properties.setProperty("user", fields.required("user", "who writes the rows"));
        properties.setProperty("password", fields.secret("password"));
        Tls tls = fields.choice("tls", Tls.VERIFY_FULL);
        properties.setProperty("sslmode", tls.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        TlsSockets.tell(properties, SinkTls.read(fields, tls == Tls.DISABLE ? "tls is disable" : ""));
        properties.setProperty("socketFactory", DriverSockets.class.getName());
        properties.setProperty("socketFactoryArg", place.guard().allowed());
        properties.setProperty("connectTimeout", "10");
        properties.setProperty("loginTimeout", "15");
        properties.setProperty("socketTimeout", "30");
        properties.setProperty("ApplicationName", "Tributary");
        String table = fields.required("table", "where the rows go, such as public.readings");
        Map<String, Template> columns = columns(fields);
        List<String> key = key(fields, columns);
        String url = "jdbc:postgresql://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port + "/"
                + database.replaceAll("[^A-Za-z0-9_.-]", "");
        if (!database.matches("[A-Za-z0-9_.-]*")) {
            fields.problem("database", "database is a name of letters, digits, '_', '.' and '-'");
        }
        Upsert upsert = new Upsert(table, columns, key);
        return () -> new PostgresSink(url, properties, upsert);
    }

    private static Map<String, Template> columns(SinkFields fields) {
        Map<String, Template> columns = new LinkedHashMap<>();
        Map<String, String> given = fields.texts("columns", COLUMNS_MAX);
        if (given.isEmpty()) {
            fields.problem("columns", "columns is missing: what goes where, such as {\"temp\": \"${temp}\"}");
        }
        given.forEach((column, text) -> {
            if (column.isEmpty() || column.length() > NAME_CHARS_MAX || column.indexOf(0) >= 0) {
                fields.problem("columns", "columns: a name has 1 to %d characters".formatted(NAME_CHARS_MAX));
            }
            try {
                columns.put(column, Template.of(text));
            } catch (IllegalArgumentException e) {
                fields.problem("columns", "columns: " + Quote.shorten(column) + ": " + e.getMessage());
            }
        });
        return columns;
    }

    private static List<String> key(SinkFields fields, Map<String, Template> columns) {
        List<String> key = new ArrayList<>();
        for (String one : fields.text("key", "").split(",")) {
            String column = one.strip();
            if (!column.isEmpty() && !columns.containsKey(column)) {
                String near = Settings.nearest(column, columns.keySet());
                fields.problem(
                        "key",
                        "key: there is no column '" + Quote.shorten(column) + "'"
                                + (near == null ? "" : "; did you mean " + near + "?"));
            } else if (!column.isEmpty()) {
                key.add(column);
            }
        }
        return key;
    }
}
