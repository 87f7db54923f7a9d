package tributary.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.model.MessageProperties;
import tributary.model.MessageProperties.UserProperty;
import tributary.model.Topic;
import tributary.rules.value.Convert;
import tributary.rules.value.Json;
import tributary.rules.value.JsonReader;
import tributary.rules.value.Missing;

/// Cases as JSON: a statement, timed messages in, and the outputs in order. An entry without a topic only moves
/// the clock, and `end` moves it once more.
///
/// A case may also name `sqlVersion`, `zone`, `tables` (rows by name), `devices` (attributes by device), and
/// instead of
/// `out` an `error` that the statement is refused with: its line, its column and words of it. A message may
/// have `raw`
/// (text) or `hex` instead of `payload`, and `properties`. An output to a topic of its own is `{"topic",
/// "payload"}`.
final class Cases {
    private Cases() {}

    /// One case.
    record Case(String name, Map<?, ?> json) {
        String sql() {
            return (String) json.get("sql");
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> read(String resource) throws IOException {
        try (InputStream in = Cases.class.getResourceAsStream("/" + resource)) {
            Object all = new JsonReader().read(in.readAllBytes());
            assertThat(all).as(resource + " is JSON").isInstanceOf(List.class);
            List<Case> cases = new ArrayList<>();
            for (Object one : (List<?>) all) {
                Map<?, ?> json = (Map<?, ?>) one;
                cases.add(new Case((String) json.get("name"), json));
            }
            return cases;
        }
    }

    static RuleOptions options(Map<?, ?> json) {
        RuleLimits limits = json.get("limits") instanceof Map<?, ?> l
                ? new RuleLimits(
                        (int) number(l, "keys", 1000), (int) number(l, "rows", 1000), number(l, "maxAhead", 60_000))
                : RuleLimits.DEFAULTS;
        return new RuleOptions(
                "rule1",
                json.get("sqlVersion") instanceof String version ? version : "tributary",
                json.get("zone") instanceof String zone ? ZoneId.of(zone) : ZoneOffset.UTC,
                new Tables(json),
                limits);
    }

    private static long number(Map<?, ?> map, String key, long otherwise) {
        return map.get(key) instanceof Long value ? value : otherwise;
    }

    /// Tables and devices of a case.
    private record Tables(Map<?, ?> json) implements Lookups {
        @Override
        @SuppressWarnings("unchecked")
        public @Nullable List<Map<String, Object>> table(String name) {
            return json.get("tables") instanceof Map<?, ?> tables ? (List<Map<String, Object>>) tables.get(name) : null;
        }

        @Override
        public Object device(String device, String attribute) {
            Object value = json.get("devices") instanceof Map<?, ?> devices
                            && devices.get(device) instanceof Map<?, ?> attributes
                    ? attributes.get(attribute)
                    : null;
            return value == null ? Missing.UNDEFINED : value;
        }
    }

    static StreamMessage message(Map<?, ?> in) {
        byte[] payload = in.get("raw") instanceof String raw
                ? raw.getBytes(StandardCharsets.UTF_8)
                : in.get("hex") instanceof String hex
                        ? HexFormat.of().parseHex(hex)
                        : Json.bytes(in.get("payload") == null ? Missing.NULL : in.get("payload"));
        MessageProperties said = MessageProperties.NONE;
        if (in.get("properties") instanceof Map<?, ?> p) {
            List<UserProperty> user = new ArrayList<>();
            if (p.get("user") instanceof Map<?, ?> pairs) {
                pairs.forEach((key, value) -> user.add(new UserProperty((String) key, (String) value)));
            }
            said = new MessageProperties(
                    p.get("contentType") instanceof String type ? type : "", "", new byte[0], -1, false, user);
        }
        return StreamMessage.of(
                new Topic((String) in.get("topic")),
                in.get("clientid") instanceof String client ? client : "",
                payload,
                (Long) in.get("t"),
                new StreamMessage.Head("m1", "acme", "10.0.0.1", 1, false, said));
    }

    /// The outputs of a case.
    ///
    /// @param restored whether the rule is written down and read back after every message
    static List<Object> run(Case one, boolean restored) {
        Rule.Compiled compiled = Rule.compile(one.sql(), options(one.json()));
        if (compiled instanceof Rule.Compiled.Refused(Mistake mistake)) {
            throw new AssertionError(one.name() + ": " + mistake + "\n  " + one.sql());
        }
        Rule rule = ((Rule.Compiled.Ready) compiled).rule();
        List<Object> out = new ArrayList<>();
        RuleRun run = rule.start(output -> out.add(shown(output)));
        for (Object entry : (List<?>) one.json().get("in")) {
            Map<?, ?> in = (Map<?, ?>) entry;
            if (in.get("topic") instanceof String) {
                RuleRun.Taken taken = run.message(message(in));
                if (taken instanceof RuleRun.Taken.Failed(String what)) {
                    out.add("failed: " + what);
                }
            } else {
                run.advance((Long) in.get("t"));
            }
            if (restored) {
                byte[] state = run.checkpoint();
                run = rule.resume(state, output -> out.add(shown(output)));
                assertThat(run.checkpoint())
                        .as("written, read and written again")
                        .isEqualTo(state);
            }
        }
        if (one.json().get("end") instanceof Long end) {
            run.advance(end);
        }
        return out;
    }

    private static Object shown(Output output) {
        if (output.topic() == null) {
            return output.payload();
        }
        Map<String, Object> both = new LinkedHashMap<>();
        both.put("topic", output.topic());
        both.put("payload", output.payload());
        return both;
    }

    static void check(Case one, List<Object> out) {
        Object wanted = one.json().get("out");
        assertThat(near(out, wanted))
                .as("%s%n  %s%n  wanted %s%n  found  %s", one.name(), one.sql(), Json.write(wanted), Json.write(out))
                .isTrue();
    }

    /// Equal, but for the last digits of a decimal. A text that ends with `...` need only begin so.
    private static boolean near(Object a, Object b) {
        if (a instanceof Number x && b instanceof Number y) {
            double gap = Math.abs(x.doubleValue() - y.doubleValue());
            return gap == 0 || gap <= Math.max(Math.abs(x.doubleValue()), Math.abs(y.doubleValue())) * 1e-12;
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            Iterator<?> others = y.iterator();
            return x.size() == y.size() && x.stream().allMatch(item -> near(item, others.next()));
        }
        if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
            return x.keySet().equals(y.keySet()) && x.keySet().stream().allMatch(key -> near(x.get(key), y.get(key)));
        }
        return a instanceof String x && b instanceof String y && y.endsWith("...")
                ? x.startsWith(y.substring(0, y.length() - 3))
                : Convert.kind(a).equals(Convert.kind(b)) && Json.write(a).equals(Json.write(b));
    }
}
