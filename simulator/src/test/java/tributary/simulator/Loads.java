package tributary.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Shorthand for tests: a scenario that must be good, mistakes that must be there, messages of a device.
final class Loads {
    private Loads() {}

    static Scenario good(String nameOrPath) {
        return good(Scenario.load(nameOrPath));
    }

    static Scenario parsed(String yaml) {
        return good(Scenario.parse("test.yaml", yaml));
    }

    static List<String> mistakes(String yaml) {
        Scenario.Loaded loaded = Scenario.parse("test.yaml", yaml);
        assertThat(loaded).isInstanceOf(Scenario.Loaded.Mistaken.class);
        return ((Scenario.Loaded.Mistaken) loaded).problems();
    }

    /// A scenario of one device with one sensor `v`.
    static Scenario sensor(String text) {
        return parsed("""
                name: one
                devices:
                  - name: d
                    tick: 1s
                    sensors:
                      v: {%s}
                """.formatted(text));
    }

    static List<String> payloads(VirtualDevice device, long from, long to) {
        List<String> all = new ArrayList<>();
        for (long tick = from; tick < to; tick++) {
            device.messages(tick, message -> all.add(new String(message.payload(), StandardCharsets.UTF_8)));
        }
        return all;
    }

    /// The values of `v` as numbers; NaN where a tick has none.
    static double[] values(Scenario scenario, int count) {
        VirtualDevice device = scenario.device(0);
        double[] values = new double[count];
        for (int tick = 0; tick < count; tick++) {
            double[] found = {Double.NaN};
            device.messages(tick, message -> {
                String text = new String(message.payload(), StandardCharsets.UTF_8);
                String value = text.substring(text.indexOf("\"v\":") + 4, text.length() - 1);
                found[0] = value.equals("true") ? 1 : value.equals("false") ? 0 : Double.parseDouble(value);
            });
            values[tick] = found[0];
        }
        return values;
    }

    private static Scenario good(Scenario.Loaded loaded) {
        if (loaded instanceof Scenario.Loaded.Mistaken mistaken) {
            throw new AssertionError(String.join("\n", mistaken.problems()));
        }
        return ((Scenario.Loaded.Good) loaded).scenario();
    }
}
