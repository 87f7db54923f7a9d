package tributary.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tributary.model.TenantId;

class PiecesTest {
    private static final int PIECE_BYTES = 100;
    private static final long[] OFFERED_TO = {70_000, 9, 1L << 50};

    private final ChangeWriter writer = new ChangeWriter(PIECE_BYTES);

    @Test
    void aLargeChangeIsReadAsItWasWritten() {
        Change.State large = state(1, places(500));
        List<byte[]> pieces = written(large, new Change.Ended(2));
        assertThat(pieces).hasSizeGreaterThan(30).allMatch(piece -> piece.length <= PIECE_BYTES);

        Pieces joined = new Pieces();
        for (byte[] piece : pieces.subList(0, pieces.size() - 1)) {
            assertThat(joined.join(piece)).isNull();
        }
        ChangeReader reader = new ChangeReader(whole(joined.join(pieces.getLast())));
        assertThat(reader.next()).usingRecursiveComparison().isEqualTo(large);
        assertThat(reader.next()).isEqualTo(new Change.Ended(2));
        assertThat(reader.hasNext()).isFalse();
    }

    @Test
    void aTextThatIsLongerThanAPieceIsReadAsItWasWritten() {
        Change.Erased change = new Change.Erased(new TenantId("acme"), "d\u00e9".repeat(1_000), new long[] {1});
        Pieces joined = new Pieces();
        byte[] record = null;
        for (byte[] piece : written(change)) {
            record = joined.join(piece);
        }
        assertThat(new ChangeReader(whole(record)).next())
                .usingRecursiveComparison()
                .isEqualTo(change);
    }

    @Test
    void whatIsSmallIsOneRecord() {
        List<byte[]> records = written(new Change.Ended(7));
        assertThat(records).hasSize(1);
        assertThat(new Pieces().join(records.getFirst())).isSameAs(records.getFirst());
        assertThat(records.getFirst()[0]).isEqualTo((byte) ChangeWriter.VERSION);
    }

    @Test
    void whatACrashCutShortIsPassedOver() {
        List<byte[]> cut = written(state(1, places(500)));
        List<byte[]> small = written(new Change.Ended(7));
        List<byte[]> large = written(state(3, places(500)));
        Pieces joined = new Pieces();
        assertThat(joined.join(cut.getFirst())).isNull();
        assertThat(joined.join(small.getFirst())).isEqualTo(small.getFirst());
        assertThat(joined.join(cut.get(1))).as("its beginning is over").isNull();
        assertThat(joined.join(cut.getLast())).isNull();

        assertThat(joined.join(cut.getFirst())).isNull();
        byte[] record = null;
        for (byte[] piece : large) {
            record = joined.join(piece);
        }
        assertThat(new ChangeReader(whole(record)).next())
                .isInstanceOfSatisfying(
                        Change.State.class, state -> assertThat(state.number()).isEqualTo(3));
    }

    /// Of three partitions, forwards and backwards.
    private static List<Backlog.Entry> places(int count) {
        List<Backlog.Entry> places = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            places.add(new Backlog.Entry(i % 3, i % 7 == 0 ? 5 : (1L << 40) + i * 31L, i % 300));
        }
        return places;
    }

    private List<byte[]> written(Change... changes) {
        for (Change change : changes) {
            writer.write(change);
        }
        List<byte[]> taken = writer.take();
        assertThat(writer.isEmpty()).isTrue();
        return taken;
    }

    private static byte[] whole(byte @Nullable [] record) {
        if (record == null) {
            throw new AssertionError("a piece is missing");
        }
        return record;
    }

    private static Change.State state(int number, List<Backlog.Entry> waiting) {
        return new Change.State(
                number,
                new TenantId("acme"),
                "client",
                "subject",
                "",
                3600,
                true,
                0,
                1,
                null,
                List.of(),
                new long[] {1, 2, 3},
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                waiting,
                OFFERED_TO);
    }
}
