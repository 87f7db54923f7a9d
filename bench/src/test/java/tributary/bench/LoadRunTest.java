package tributary.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tributary.simulator.MqttWire;

class LoadRunTest {
    private static final LoadPlan.Shape SHAPE = new LoadPlan.Shape(150, 3, 1_763_692_800_000L);

    @ParameterizedTest
    @CsvSource({"V311,1", "V5,1", "V311,2", "V5,2"})
    void everyMessageIsSentOnceAndAnsweredOnce(MqttWire.Version version, int qos) throws Exception {
        try (SinkBroker broker = new SinkBroker(true, _ -> false)) {
            LoadPlan plan = plan(7, 5, 0, new LoadPlan.Extent.Counting(1000));

            LoadRun.Outcome.Ran ran = run(plan, broker, version, qos);

            assertThat(ran.tally().sent).isEqualTo(7000);
            assertThat(ran.tally().acknowledged).isEqualTo(7000);
            assertThat(ran.tally().reasons).isEmpty();
            assertThat(ran.tally().latencyNanos.getTotalCount()).isEqualTo(7000);
            Set<String> distinct = new HashSet<>(broker.payloads());
            assertThat(broker.payloads()).hasSize(7000);
            assertThat(distinct).hasSize(1000).allMatch(payload -> payload.length() == 150);
        }
    }

    @Test
    void qosZeroIsSentWithoutWaiting() throws Exception {
        try (SinkBroker broker = new SinkBroker()) {
            LoadRun.Outcome.Ran ran =
                    run(plan(3, 1, 0, new LoadPlan.Extent.Counting(5000)), broker, MqttWire.Version.V311, 0);

            assertThat(ran.tally().sent).isEqualTo(15_000);
            assertThat(ran.tally().acknowledged).isZero();
            long deadline = System.nanoTime() + 60_000_000_000L;
            while (broker.received() < 15_000 && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            assertThat(broker.received()).isEqualTo(15_000);
        }
    }

    @Test
    void aRefusalIsCountedWithItsReason() throws Exception {
        try (SinkBroker broker = new SinkBroker(true, payload -> payload.contains("\"sequence\":1000000005"))) {
            LoadRun.Outcome.Ran ran =
                    run(plan(2, 4, 0, new LoadPlan.Extent.Counting(10)), broker, MqttWire.Version.V5, 1);

            assertThat(ran.tally().acknowledged).isEqualTo(18);
            assertThat(ran.tally().refused).isEqualTo(2);
            assertThat(ran.tally().reasons).containsEntry("refused: reason code 151", 2L);
        }
    }

    @Test
    void anOpenLoopKeepsToItsSchedule() throws Exception {
        try (SinkBroker broker = new SinkBroker()) {
            LoadPlan plan = plan(10, 16, 2000, new LoadPlan.Extent.Lasting(Duration.ofSeconds(1)));

            LoadRun.Outcome.Ran ran = run(plan, broker, MqttWire.Version.V311, 1);

            // never more than is due; fewer where the machine paused when they were
            assertThat(ran.tally().sent).isBetween(200L, 2001L);
            assertThat(ran.tally().acknowledged).isEqualTo(ran.tally().sent);
        }
    }

    @Test
    void aServerThatIsNotThereIsAnAnswerAndNoCrash() throws Exception {
        LoadRun run = new LoadRun(
                plan(1, 1, 0, new LoadPlan.Extent.Counting(1)),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
                (_, listener) -> dialect(listener, MqttWire.Version.V311, 1, 1, 0),
                System::nanoTime,
                LoadRun.Progress.NONE);

        assertThat(run.run()).isInstanceOf(LoadRun.Outcome.NotConnected.class);
    }

    static LoadPlan plan(int connections, int window, double rate, LoadPlan.Extent extent) {
        return new LoadPlan(connections, window, SHAPE, rate, Duration.ZERO, extent, 1);
    }

    static LoadRun.Outcome.Ran run(LoadPlan plan, SinkBroker broker, MqttWire.Version version, int qos)
            throws InterruptedException {
        LoadRun run = new LoadRun(
                plan,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), broker.port()),
                (index, listener) -> dialect(listener, version, qos, plan.window(), index),
                System::nanoTime,
                LoadRun.Progress.NONE);
        return (LoadRun.Outcome.Ran) run.run();
    }

    private static Dialect dialect(Dialect.Listener listener, MqttWire.Version version, int qos, int window, int i) {
        MqttDialect.Setup setup = new MqttDialect.Setup(version, qos, Lane.slots(window));
        return new MqttDialect(
                setup,
                new MqttWire.Login("bench-" + i, null, null, 0),
                new MqttMessages.Patched(setup, "devices/bench-" + i + "/telemetry", SHAPE),
                listener);
    }
}
