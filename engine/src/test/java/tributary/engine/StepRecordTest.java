package tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tributary.engine.Parcel.AlertChange;
import tributary.engine.Parcel.Destination;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.model.TenantId;
import tributary.registry.RuleStore.Action;

class StepRecordTest {
    private static final StepRecord.From FROM =
            new StepRecord.From(new long[] {5, -1, Long.MAX_VALUE}, 1_700_000_000_000L);

    private static final Parcel.Source SOURCE = new Parcel.Source("0-7", "env/x", 5, new byte[] {1, -1});

    private static Said said(int bytes, @Nullable AlertChange alert, Destination... to) {
        return new Said(TenantId.MAIN, "hot", 3, "pump-1", -7, new byte[bytes], alert, SOURCE, 2, List.of(to));
    }

    private static final Definition RULE = new Definition(
            TenantId.MAIN,
            "höt",
            9,
            2,
            "SELECT 1 FROM 'a'",
            "tributary",
            "Europe/Budapest",
            List.of(new Action(Action.Kind.TOPIC, "out"), new Action(Action.Kind.SINK_WITH_RAW, "hook")),
            Definition.Mode.SHADOW,
            Map.of("twice", "function twice(x) { return 2 * x; }", "a", "function a() {}"));

    private static StepRecord full() {
        Step changed = new Step(
                List.of(
                        new Step.Change.Put(RULE),
                        new Step.Change.Removed(new Definition.Key(TenantId.MAIN, "old")),
                        new Step.Change.Acknowledged(
                                new Definition.Key(TenantId.MAIN, "höt"), "warm", "\"d1\"", 1_700_000_000_000L)),
                new long[] {6, 0, 3},
                1_700_000_000_001L);
        Step silent = new Step(List.of(), new long[] {7, 0, 3}, 1_700_000_000_002L);
        return new StepRecord(
                FROM,
                List.of(changed, silent),
                List.of(
                        said(3, null, new Destination.ToTopic("out/x"), new Destination.ToSink("hook", true)),
                        said(0, new AlertChange("warm", "\"d1\"", "raised", "major", 12), new Destination.ToAlerts())),
                true);
    }

    @Test
    void recordReadsBackAsItWasWritten() {
        StepRecord written = full();

        StepRecord read = StepRecord.read(written.bytes());

        assertThat(read.from().positions()).isEqualTo(FROM.positions());
        assertThat(read.from().clock()).isEqualTo(FROM.clock());
        assertThat(read.complete()).isTrue();
        assertThat(read.said()).isEqualTo(written.said());
        assertThat(read.steps()).hasSize(2);
        assertThat(read.steps().getFirst().changes())
                .isEqualTo(written.steps().getFirst().changes());
        assertThat(read.steps().getLast().to()).isEqualTo(new long[] {7, 0, 3});
        assertThat(read.steps().getLast().clock()).isEqualTo(1_700_000_000_002L);
    }

    @Test
    void recordThatIsCutOffOrOfAnotherVersionIsDamageAndNeverAWrongValue() {
        byte[] whole = full().bytes();
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> StepRecord.read(part))
                    .as("%d of %d bytes", length, whole.length)
                    .isInstanceOfSatisfying(
                            PlatformException.class, e -> assertThat(e.fault()).isEqualTo(Fault.DATA_DAMAGED));
        }
        byte[] other = whole.clone();
        other[0] = 8;
        assertThatThrownBy(() -> StepRecord.read(other)).hasMessageContaining("another version");
    }

    @Test
    void muchThatIsSaidIsCutIntoRecordsOfWhichTheFirstHasTheStepsAndTheLastIsComplete() {
        List<Said> much = IntStream.range(0, 10)
                .mapToObj(_ -> said(300_000, null, new Destination.ToSink("hook"), new Destination.ToTopic("t")))
                .toList();
        Step step = new Step(List.of(), new long[] {6, 0, 3}, 8);

        List<StepRecord> records = StepRecord.cut(FROM, List.of(step), much);

        assertThat(records).hasSize(4);
        assertThat(records.getFirst().steps()).containsExactly(step);
        assertThat(records.stream().skip(1)).allMatch(record -> record.steps().isEmpty());
        assertThat(records.stream().map(StepRecord::complete)).containsExactly(false, false, false, true);
        assertThat(records.stream().mapToInt(record -> record.said().size()).sum())
                .isEqualTo(10);
        assertThat(records).allMatch(record -> record.bytes().length <= StepRecord.BYTES_MAX);
    }

    @Test
    void outputThatIsLargerThanARecordHasOneOfItsOwn() {
        List<StepRecord> records = StepRecord.cut(
                FROM, List.of(), List.of(said(10, null), said(StepRecord.BYTES_MAX, null), said(10, null)));

        assertThat(records.stream().map(record -> record.said().size())).containsExactly(1, 1, 1);
    }

    @Test
    void parcelsHavePositionsThatGrowFromRecordToRecord() {
        List<Parcel> parcels = new ArrayList<>();
        full().parcels(4, parcels);
        full().parcels(5, parcels);

        assertThat(parcels).hasSize(6);
        assertThat(parcels.stream().map(Parcel::position)).isSorted().doesNotHaveDuplicates();
        assertThat(parcels.get(0).source()).isNull();
        assertThat(parcels.get(1).destination()).isEqualTo(new Destination.ToSink("hook", true));
        assertThat(parcels.get(1).source()).isEqualTo(SOURCE);
        assertThat(Positions.record(parcels.get(2).position())).isEqualTo(4);
        assertThat(parcels.get(3).position()).isEqualTo(Positions.first(5));
    }
}
