package tributary.app.whole;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tributary.app.whole.Ledger.Logged;
import tributary.engine.SimulatedRules.Rule;

/// The rules of the simulation, and what they have to say of a log, whoever died meanwhile: computed from the messages
/// of each device in their order.
final class RuleOracle {
    static final List<Rule> RULES = List.of(
            new Rule("r0", "SELECT n, v, topic(2) AS dev FROM 'devices/+/telemetry' WHERE v > 3", "out/r0"),
            new Rule(
                    "r1",
                    "SELECT topic(2) AS dev, collect(n) AS seen FROM 'devices/+/telemetry'"
                            + " GROUP BY topic(2), COUNTWINDOW(3, 3)",
                    ""),
            new Rule(
                    "r2",
                    "SELECT topic(2) AS dev, count(*) AS hits FROM 'devices/+/telemetry'"
                            + " GROUP BY topic(2), TUMBLING(3s)",
                    ""),
            new Rule(
                    "r3",
                    "SELECT topic(2) AS dev, n FROM 'devices/+/telemetry'"
                            + " ALERT warm PER topic(2) WHEN v > 7 CLEAR WHEN v < 3",
                    "out/r3"));

    private static final Pattern NUMBER = Pattern.compile("\"n\":(\\d+)");
    private static final Pattern DEVICE = Pattern.compile("\"dev\":\"(\\w+)\"");
    private static final Pattern SEEN = Pattern.compile("\"seen\":\\[([\\d,]*)\\]");
    private static final Pattern HITS = Pattern.compile("\"hits\":(\\d+)");
    private static final Pattern STATE = Pattern.compile("\"state\":\"(\\w+)\"");

    private RuleOracle() {}

    /// @return by rule and device what is said, in order; of windows of time how many messages they held together
    static Map<String, List<String>> expected(Map<String, List<Logged>> logged) {
        Map<String, List<String>> all = new TreeMap<>();
        logged.forEach((device, messages) -> {
            List<String> window = new ArrayList<>();
            boolean raised = false;
            for (Logged one : messages) {
                String number = Long.toString(one.number());
                if (one.value() > 3) {
                    say(all, "r0", device, number);
                }
                window.add(number);
                if (window.size() == 3) {
                    say(all, "r1", device, String.join(",", window));
                    window.clear();
                }
                if (!raised && one.value() > 7 || raised && one.value() < 3) {
                    raised = !raised;
                    say(all, "r3", device, raised ? "raised" : "cleared");
                }
            }
            say(all, "r2", device, Integer.toString(messages.size()));
        });
        return all;
    }

    /// Of windows of time the sum, since what is in each depends on when a message came.
    ///
    /// @param payloads by rule, in order
    static Map<String, List<String>> said(Map<String, List<String>> payloads) {
        Map<String, List<String>> all = new TreeMap<>();
        Map<String, Integer> hits = new HashMap<>();
        payloads.getOrDefault("r0", List.of()).forEach(text -> say(all, "r0", find(DEVICE, text), find(NUMBER, text)));
        payloads.getOrDefault("r1", List.of()).forEach(text -> say(all, "r1", find(DEVICE, text), find(SEEN, text)));
        payloads.getOrDefault("r2", List.of())
                .forEach(text -> hits.merge(find(DEVICE, text), Integer.parseInt(find(HITS, text)), Integer::sum));
        hits.forEach((device, count) -> say(all, "r2", device, Integer.toString(count)));
        payloads.getOrDefault("r3", List.of()).forEach(text -> say(all, "r3", find(DEVICE, text), find(STATE, text)));
        return all;
    }

    private static void say(Map<String, List<String>> all, String rule, String device, String text) {
        all.computeIfAbsent(rule + " " + device, _ -> new ArrayList<>()).add(text);
    }

    private static String find(Pattern pattern, String text) {
        Matcher found = pattern.matcher(text);
        if (!found.find()) {
            throw new AssertionError("no " + pattern + " in " + text);
        }
        return found.group(1);
    }
}
