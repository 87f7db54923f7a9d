package tributary.registry;

import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import tributary.model.Micros;

/// Dead letters in the database.
final class SqlDeadLetters implements DeadLetters {
    private static final int REASON_CHARS_MAX = 1000;
    private static final String COLUMNS =
            "SELECT sink, position, parcel, reason, attempts, at FROM dead_letter WHERE sink = :sink";

    private final Database database;

    SqlDeadLetters(Database database) {
        this.database = database;
    }

    @Override
    public boolean add(DeadLetter letter) {
        int bytes = bytes(letter.parcel());
        return database.write(handle -> {
            boolean replaces = one(handle, letter.sink(), letter.position()).isPresent();
            Amount amount = amount(handle, letter.sink());
            if (!replaces && (amount.letters() >= LETTERS_MAX || amount.bytes() + bytes > BYTES_MAX)) {
                return Database.Written.only(false);
            }
            handle.createUpdate("INSERT INTO dead_letter (sink, position, parcel, bytes, reason, attempts, at)"
                            + " VALUES (:sink, :position, :parcel, :bytes, :reason, :attempts, :at)"
                            + " ON CONFLICT (sink, position) DO UPDATE SET parcel = excluded.parcel,"
                            + " bytes = excluded.bytes, reason = excluded.reason, attempts = excluded.attempts,"
                            + " at = excluded.at")
                    .bind("sink", letter.sink())
                    .bind("position", letter.position())
                    .bind("parcel", letter.parcel())
                    .bind("bytes", bytes)
                    .bind("reason", reason(letter.reason()))
                    .bind("attempts", letter.attempts())
                    .bind("at", Micros.of(letter.at()))
                    .execute();
            return Database.Written.only(true);
        });
    }

    @Override
    public Edited edit(DeadLetter was, String parcel) {
        int bytes = bytes(parcel);
        return database.write(handle -> {
            Optional<DeadLetter> now = one(handle, was.sink(), was.position());
            if (now.isEmpty() || !now.get().parcel().equals(was.parcel())) {
                return Database.Written.only(Edited.GONE);
            }
            int more = bytes - bytes(was.parcel());
            if (more > 0 && amount(handle, was.sink()).bytes() + more > BYTES_MAX) {
                return Database.Written.only(Edited.NO_ROOM);
            }
            handle.createUpdate("UPDATE dead_letter SET parcel = :parcel, bytes = :bytes"
                            + " WHERE sink = :sink AND position = :position")
                    .bind("sink", was.sink())
                    .bind("position", was.position())
                    .bind("parcel", parcel)
                    .bind("bytes", bytes)
                    .execute();
            return Database.Written.only(Edited.DONE);
        });
    }

    @Override
    public boolean tried(DeadLetter letter) {
        return database.write(handle -> Database.Written.only(
                handle.createUpdate("UPDATE dead_letter SET reason = :reason, attempts = :attempts, at = :at"
                                        + " WHERE sink = :sink AND position = :position")
                                .bind("sink", letter.sink())
                                .bind("position", letter.position())
                                .bind("reason", reason(letter.reason()))
                                .bind("attempts", letter.attempts())
                                .bind("at", Micros.of(letter.at()))
                                .execute()
                        == 1));
    }

    private static int bytes(String parcel) {
        if (!Checked.storable(parcel)) {
            throw new IllegalArgumentException("a parcel has no NUL and no unpaired surrogate");
        }
        return parcel.getBytes(StandardCharsets.UTF_8).length;
    }

    /// Reasons repeat what others answered, so they may hold anything.
    private static String reason(String text) {
        StringBuilder kept = new StringBuilder();
        text.codePoints()
                .limit(REASON_CHARS_MAX)
                .map(c -> c < ' ' || c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? ' ' : c)
                .forEach(kept::appendCodePoint);
        return kept.toString();
    }

    @Override
    public Optional<DeadLetter> find(String sink, long position) {
        return database.read(handle -> one(handle, sink, position));
    }

    @Override
    public List<DeadLetter> page(String sink, long after, int countMax) {
        return database.read(
                handle -> handle.createQuery(COLUMNS + " AND position > :after ORDER BY position LIMIT :most")
                        .bind("sink", sink)
                        .bind("after", after)
                        .bind("most", countMax)
                        .map((row, _) -> letter(row))
                        .list());
    }

    @Override
    public Amount amount(String sink) {
        return database.read(handle -> amount(handle, sink));
    }

    @Override
    public boolean remove(String sink, long position) {
        return database.write(handle -> Database.Written.only(
                handle.createUpdate("DELETE FROM dead_letter WHERE sink = :sink AND position = :position")
                                .bind("sink", sink)
                                .bind("position", position)
                                .execute()
                        == 1));
    }

    @Override
    public boolean remove(DeadLetter was) {
        return database.write(handle -> Database.Written.only(
                handle.createUpdate("DELETE FROM dead_letter WHERE sink = :sink AND position = :position"
                                        + " AND parcel = :parcel")
                                .bind("sink", was.sink())
                                .bind("position", was.position())
                                .bind("parcel", was.parcel())
                                .execute()
                        == 1));
    }

    @Override
    public int removeAll(String sink) {
        return database.write(
                handle -> Database.Written.only(handle.createUpdate("DELETE FROM dead_letter WHERE sink = :sink")
                        .bind("sink", sink)
                        .execute()));
    }

    private static Optional<DeadLetter> one(Handle handle, String sink, long position) {
        return handle.createQuery(COLUMNS + " AND position = :position")
                .bind("sink", sink)
                .bind("position", position)
                .map((row, _) -> letter(row))
                .findOne();
    }

    private static Amount amount(Handle handle, String sink) {
        return handle.createQuery(
                        "SELECT COUNT(*) AS letters, COALESCE(SUM(bytes), 0) AS bytes FROM dead_letter WHERE sink = :sink")
                .bind("sink", sink)
                .map((row, _) -> new Amount(row.getInt("letters"), row.getLong("bytes")))
                .one();
    }

    private static DeadLetter letter(ResultSet row) throws SQLException {
        return new DeadLetter(
                row.getString("sink"),
                row.getLong("position"),
                row.getString("parcel"),
                row.getString("reason"),
                row.getInt("attempts"),
                Micros.instant(row.getLong("at")));
    }
}
