package tributary.sinks.postgres;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tributary.model.Quote;
import tributary.sinks.AddressGuard;
import tributary.sinks.Outcome;
import tributary.sinks.Parcel;
import tributary.sinks.Sink;
import tributary.sinks.Template;
import tributary.sinks.TlsFault;

/// Writes each batch in one transaction.
final class PostgresSink implements Sink {
    /// Classes of SQLSTATE: the values are to blame.
    private static final Set<String> VALUES = Set.of("21", "22", "23");

    /// Internal errors: perhaps the values are to blame, perhaps not.
    private static final Set<String> UNCLEAR = Set.of("P0", "XX", "0A", "27", "44");

    private final String url;
    private final Properties properties;
    private final Upsert upsert;
    private final String sql;
    private @Nullable Connection open;

    PostgresSink(String url, Properties properties, Upsert upsert) {
        this.url = url;
        this.properties = properties;
        this.upsert = upsert;
        this.sql = upsert.sql();
    }

    @Override
    public Outcome deliver(List<Parcel> batch) {
        try {
            Connection connection = connection();
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (Parcel parcel : batch) {
                    bind(statement, parcel);
                    statement.addBatch();
                }
                statement.executeBatch();
            }
            connection.commit();
            return Outcome.DONE;
        } catch (SQLException e) {
            close();
            return outcome(e);
        }
    }

    /// Texts go as they are, and the server reads them as what the column is.
    private void bind(PreparedStatement statement, Parcel parcel) throws SQLException {
        int place = 1;
        for (Template template : upsert.columns().values()) {
            Optional<String> value = template.fill(parcel, UnaryOperator.identity());
            if (value.isPresent()) {
                statement.setObject(place, value.get(), Types.OTHER);
            } else {
                statement.setNull(place, Types.OTHER);
            }
            place++;
        }
    }

    private Connection connection() throws SQLException {
        Connection known = open;
        if (known != null) {
            return known;
        }
        Connection fresh = DriverManager.getConnection(url, properties);
        fresh.setAutoCommit(false);
        open = fresh;
        return fresh;
    }

    private static Outcome outcome(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        String reason = "PostgreSQL: %s%s".formatted(said(e), state.isEmpty() ? "" : " (" + state + ")");
        String kind = state.length() < 2 ? "" : state.substring(0, 2);
        if (VALUES.contains(kind)) {
            return new Outcome.Refused(0, reason);
        }
        // the rest is about the connection, the server, or a definition that does not fit the table: it is put right
        return UNCLEAR.contains(kind) ? new Outcome.Failed(0, reason) : Outcome.away(reason);
    }

    private static String said(SQLException e) {
        Throwable last = e.getNextException() == null ? e : e.getNextException();
        while (last.getCause() != null && last.getCause() != last) {
            last = last.getCause();
        }
        if (last instanceof AddressGuard.ClosedAddress) {
            return String.valueOf(last.getMessage());
        }
        return TlsFault.said(e)
                .orElse(Quote.shorten(
                        String.valueOf(last.getMessage()).lines().findFirst().orElse("nothing")));
    }

    @Override
    public void close() {
        Connection known = open;
        open = null;
        if (known != null) {
            try {
                known.close();
            } catch (SQLException e) {
                // it is of no use any more
            }
        }
    }
}
