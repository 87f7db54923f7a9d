package tributary.bench;

import java.time.Duration;
import tributary.simulator.MqttWire;

/// What a message costs the generator, against a sink that answers and keeps nothing. A main method: seconds,
/// then closed loop or messages/s.
final class GeneratorCost {
    public static void main(String[] arguments) throws Exception {
        int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
        double rate = arguments.length > 1 ? Double.parseDouble(arguments[1]) : 0;
        for (int window : new int[] {16, 128}) {
            try (SinkBroker broker = new SinkBroker()) {
                LoadPlan plan = new LoadPlan(
                        100,
                        window,
                        new LoadPlan.Shape(150, 3, 1_763_692_800_000L),
                        rate,
                        Duration.ofSeconds(2),
                        new LoadPlan.Extent.Lasting(Duration.ofSeconds(seconds)),
                        1);
                LoadRun.Outcome.Ran ran = LoadRunTest.run(plan, broker, MqttWire.Version.V311, 1);
                System.out.printf(
                        "window %d: %,.0f acknowledged/s, %.2f us CPU of the generator a message, p50 %.2f p99 %.2f ms%n",
                        window,
                        ran.tally().measured / ran.measuredSeconds(),
                        ran.clientCpuNanos() / 1e3 / ran.tally().sent,
                        ran.tally().latencyNanos.getValueAtPercentile(50) / 1e6,
                        ran.tally().latencyNanos.getValueAtPercentile(99) / 1e6);
            }
        }
    }
}
