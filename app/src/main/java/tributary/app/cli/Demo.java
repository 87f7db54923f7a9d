package tributary.app.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tributary.simulator.Scenario;

/// What the demo puts on a server beside the messages of its fleet, and how all of it goes away again.
///
/// Its devices carry a label, its rules a name that begins with `demo-`; nothing else is ever touched.
final class Demo {
    static final Map<String, String> LABELS = Map.of("demo", "fleet");
    static final List<DemoRule> RULES = List.of(
            new DemoRule("demo-bearing", "A bearing wears out: vibration above 4 mm/s for five seconds.", """
                    SELECT topic(2) AS pump, vibration.x AS mm_s FROM 'devices/+/telemetry'
                    WHERE topic(2) LIKE 'pump-%'
                    ALERT worn_bearing SEVERITY major PER topic(2)
                    WHEN mm_s > 4 FOR 5s CLEAR WHEN mm_s < 3.2
                    """),
            new DemoRule("demo-standing", "A pump stands still for more than a minute.", """
                    SELECT topic(2) AS pump FROM 'devices/+/telemetry'
                    WHERE topic(2) LIKE 'pump-%'
                    ALERT standing_still SEVERITY minor PER topic(2)
                    WHEN running = false FOR 60s CLEAR WHEN running = true
                    """));

    private static final int ROUNDS_MAX = 5;
    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
    private static final Set<String> STILL_SEEN = Set.of("waiting", "rewriting");
    private static final List<String> TABLES = List.of("readings", "messages", "events", "rejected");

    private final ServerClient client;

    /// A rule of the demo's.
    record DemoRule(String name, String about, String sql) {}

    /// What went away.
    record Removed(int devices, int rules, long rows) {}

    Demo(ServerClient client) {
        this.client = client;
    }

    /// Makes sure that the scenario's devices are free or the demo's own, and adds its rules where they are missing.
    ///
    /// @throws CommandFailure where a device of that name is somebody's
    void settle(Scenario scenario) {
        Set<String> wanted = new HashSet<>();
        scenario.connections().forEach(connection -> {
            wanted.add(connection.id());
            connection.carries().forEach(carried -> wanted.add(carried.id()));
        });
        for (JsonNode device : devices()) {
            String id = device.path("id").asString("");
            if (wanted.contains(id) && !own(device)) {
                throw new CommandFailure(
                        ExitCode.CONFLICT,
                        "a device " + id + " is there already and is not the demo's; the demo leaves it alone",
                        "tributary up      starts without the demo's fleet; --data DIR on another folder");
            }
        }
        if (!scenario.name().equals(DemoCommand.SCENARIO)) {
            return;
        }
        Set<String> there = names(client.get("/api/v1/rules").path("rules"), "name");
        for (DemoRule rule : RULES) {
            if (!there.contains(rule.name())) {
                client.put(
                        "/api/v1/rules/" + rule.name(),
                        Map.of("sql", rule.sql(), "description", rule.about(), "state", "on"));
            }
        }
    }

    /// Removes devices, rules and every row of the demo's; returns when no query sees one any more. Files that had them
    /// and the log follow by themselves: `tributary device erasures` says how far that is.
    ///
    /// @param err hears how far it is
    Removed remove(PrintWriter err) {
        Set<String> devices = ownDevices();
        Set<String> rules = ownRules();
        rules.forEach(rule -> client.delete("/api/v1/rules/" + rule));
        devices.forEach(device -> client.delete(DeviceCommand.path(device)));
        long rows = rows(devices);
        long left = rows;
        // what was on its way when the devices went is in the tables a moment later
        for (int round = 0; left > 0; round++) {
            if (round == ROUNDS_MAX) {
                throw new CommandFailure(
                        ExitCode.FAILED, left + " rows of the demo's are still there", "tributary demo --remove again");
            }
            err.println("erasing " + left + " rows ...");
            err.flush();
            erase(devices, err);
            left = rows(devices);
        }
        return new Removed(devices.size(), rules.size(), rows);
    }

    /// @return what [#remove] would, and nothing is removed
    Removed wouldRemove() {
        Set<String> devices = ownDevices();
        return new Removed(devices.size(), ownRules().size(), rows(devices));
    }

    private Set<String> ownDevices() {
        Set<String> devices = new LinkedHashSet<>();
        devices().forEach(device -> {
            if (own(device)) {
                devices.add(device.path("id").asString(""));
            }
        });
        return devices;
    }

    private Set<String> ownRules() {
        Set<String> rules = names(client.get("/api/v1/rules").path("rules"), "name");
        rules.retainAll(RULES.stream().map(DemoRule::name).toList());
        return rules;
    }

    private void erase(Set<String> devices, PrintWriter err) {
        Set<String> open = new LinkedHashSet<>();
        for (String device : devices) {
            open.add(client.post("/api/v1/erasures", Map.of("device", device))
                    .path("id")
                    .asString(""));
        }
        int told = 0;
        while (!open.isEmpty()) {
            LockSupport.parkNanos(LOOK_EVERY_NANOS);
            if (devices.size() - open.size() > told) {
                told = devices.size() - open.size();
                err.println("  " + told + " of " + devices.size() + " devices; it goes on if you stop waiting");
                err.flush();
            }
            for (JsonNode erasure : client.get("/api/v1/erasures").path("erasures")) {
                if (!STILL_SEEN.contains(erasure.path("phase").asString(""))) {
                    open.remove(erasure.path("id").asString(""));
                }
            }
        }
    }

    private long rows(Set<String> devices) {
        if (devices.isEmpty()) {
            return 0;
        }
        String named = devices.stream()
                .map(device -> "'" + device.replace("'", "''") + "'")
                .collect(Collectors.joining(", "));
        String sum = TABLES.stream()
                .map(table -> "(SELECT count(*) FROM " + table + " WHERE device IN (" + named + "))")
                .collect(Collectors.joining(" + "));
        return client.post("/api/v1/sql?format=json", Map.of("sql", "SELECT " + sum))
                .path("rows")
                .path(0)
                .path(0)
                .asLong();
    }

    private List<JsonNode> devices() {
        List<JsonNode> all = new ArrayList<>();
        DeviceCommand.each(client, "", all::add);
        return all;
    }

    private static boolean own(JsonNode device) {
        return LABELS.entrySet().stream()
                .allMatch(label ->
                        device.path("labels").path(label.getKey()).asString("").equals(label.getValue()));
    }

    private static Set<String> names(JsonNode items, String field) {
        Set<String> names = new LinkedHashSet<>();
        items.forEach(item -> names.add(item.path(field).asString("")));
        return names;
    }
}
