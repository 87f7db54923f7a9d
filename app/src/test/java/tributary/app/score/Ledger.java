package tributary.app.score;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tributary.app.Await;
import tributary.app.Rest;
import tributary.app.ServerProcess;

/// What the devices of two tenants did and were promised, outside of the server, and the comparison with what it has.
///
/// A rule of the first tenant says each message again; what it said is compared, too.
final class Ledger {
    private static final Duration SOON = Duration.ofSeconds(120);
    private static final int PAGE = 20_000;
    private static final String MAIN = "main";
    private static final String OTHER = "other";

    private final Map<String, String> keys = new LinkedHashMap<>();
    private final List<Device> devices;
    private final long began = System.nanoTime();

    private Ledger(Map<String, String> keys, List<Device> devices) {
        this.keys.putAll(keys);
        this.devices = devices;
    }

    /// Adds the tenants, devices and the rule.
    static Ledger open(ServerProcess server, Path data) throws Exception {
        Rest main = Rest.of(server);
        String link = ServerProcess.run("tenant", "add", OTHER, "--data", data.toString())
                .out()
                .strip();
        Map<String, String> keys = Map.of(MAIN, server.key(), OTHER, Rest.keyBy(server.http(), link));
        Rest other = new Rest(server.http(), keys.get(OTHER));
        List<Device> devices = List.of(
                new Device(MAIN, "one", Device.Door.MQTT_1, main.device("one")),
                new Device(MAIN, "two", Device.Door.MQTT_2, main.device("two")),
                new Device(MAIN, "three", Device.Door.HTTP, main.device("three")),
                new Device(MAIN, "four", Device.Door.WEB_SOCKET, main.device("four")),
                // the same name in another tenant is another device
                new Device(OTHER, "one", Device.Door.MQTT_1, other.device("one")),
                new Device(OTHER, "five", Device.Door.HTTP, other.device("five")));
        Map<String, Object> rule = Map.of(
                "sql", "SELECT seq FROM 'devices/+/#'",
                "state", "on",
                "actions", List.of(Map.of("topic", "said/${device_id()}")));
        main.good("PUT", "/api/v1/rules/say-again", rule);
        return new Ledger(keys, devices);
    }

    List<Device> devices() {
        return devices;
    }

    /// @return the second tenant's API, for what a trial does beside
    Rest other(ServerProcess server) {
        return new Rest(server.http(), keys.get(OTHER));
    }

    long acknowledged() {
        return devices.stream().mapToLong(device -> device.acknowledged.size()).sum();
    }

    /// Compares with what a server has, once SQL sees all of it.
    Score compare(String trial, ServerProcess server, Map<String, Object> more) throws Exception {
        Rest main = new Rest(server.http(), keys.get(MAIN));
        Await.until("the rule has said everything", SOON, () -> Counts.said(main));
        long deadline = System.nanoTime() + SOON.toNanos();
        long before = stored(server);
        Counts counts = counts(server);
        long after = stored(server);
        // what was still on its way when the load ended came between two questions
        while (after != before) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("messages still come " + SOON.toSeconds() + " s after the load ended");
            }
            before = after;
            counts = counts(server);
            after = stored(server);
        }
        long sent = devices.stream().mapToLong(Device::next).sum();
        return new Score(
                trial,
                sent,
                acknowledged(),
                counts.lost,
                counts.duplicated,
                counts.outOfOrder,
                counts.foreign,
                counts.corrupt,
                counts.ghost,
                Duration.ofNanos(System.nanoTime() - began).toSeconds(),
                more);
    }

    /// @return how many messages there are; the same before and after means that none came in between
    private long stored(ServerProcess server) throws Exception {
        Await.until("everything becomes visible", SOON, Rest.of(server)::everythingVisible);
        long stored = 0;
        for (String key : keys.values()) {
            stored += new Rest(server.http(), key).number("SELECT count(*) FROM messages");
        }
        return stored;
    }

    private Counts counts(ServerProcess server) throws Exception {
        Counts counts = new Counts();
        for (Map.Entry<String, String> tenant : keys.entrySet()) {
            Rest rest = new Rest(server.http(), tenant.getValue());
            for (Device device : devices) {
                if (device.tenant.equals(tenant.getKey())) {
                    counts.messages(rest, device);
                    counts.readings(rest, device);
                }
            }
            for (String other : keys.keySet()) {
                if (!other.equals(tenant.getKey())) {
                    counts.foreign += rest.number(
                            "SELECT count(*) FROM messages WHERE text LIKE '%" + Device.canary(other) + "%'");
                    counts.foreign += rest.number(
                            "SELECT count(*) FROM readings WHERE text LIKE '%" + Device.canary(other) + "%'");
                }
            }
        }
        counts.rule(new Rest(server.http(), keys.get(MAIN)));
        return counts;
    }

    private static final class Counts {
        private long lost;
        private long duplicated;
        private long outOfOrder;
        private long foreign;
        private long corrupt;
        private long ghost;

        /// Raw messages, in the log's order.
        private void messages(Rest rest, Device device) throws Exception {
            TreeSet<Long> seen = new TreeSet<>();
            long position = -1;
            while (true) {
                JsonNode rows = rest.sql("SELECT text, position FROM messages WHERE device = '" + device.id
                        + "' AND topic NOT LIKE 'said/%' AND position > " + position + " ORDER BY position LIMIT "
                        + PAGE);
                for (JsonNode row : rows) {
                    position = row.path(1).asLong();
                    String text = row.path(0).asString("");
                    long number = number(text);
                    if (number < 0 || !text.equals(device.payload(number))) {
                        corrupt++;
                    } else if (number >= device.next()) {
                        ghost++;
                    } else {
                        outOfOrder += !seen.isEmpty() && number < seen.last() ? 1 : 0;
                        duplicated += seen.add(number) ? 0 : 1;
                    }
                }
                if (rows.size() < PAGE) {
                    break;
                }
            }
            lost += device.acknowledged.stream()
                    .filter(number -> !seen.contains(number))
                    .count();
        }

        private static long number(String text) {
            try {
                return Rest.JSON.readTree(text).path("seq").asLong(-1);
            } catch (RuntimeException e) {
                return -1;
            }
        }

        /// What they were decoded to: as many as there are messages, each once.
        private void readings(Rest rest, Device device) throws Exception {
            String of = " FROM readings WHERE device = '" + device.id + "' AND sensor = 'seq'";
            long rows = rest.number("SELECT count(*)" + of);
            long distinct = rest.number("SELECT count(DISTINCT value)" + of);
            long messages = rest.number(
                    "SELECT count(*) FROM messages WHERE device = '" + device.id + "' AND topic NOT LIKE 'said/%'");
            duplicated += rows - distinct;
            lost += Math.max(0, messages - distinct);
            ghost += Math.max(0, distinct - messages);
        }

        /// @return all that the rule said, without what it said again, and what there is to say
        private static JsonNode sayings(Rest rest) throws Exception {
            return rest.sql("SELECT count(*) FILTER (topic LIKE 'said/%'),"
                            + " count(DISTINCT topic || text) FILTER (topic LIKE 'said/%'),"
                            + " count(*) FILTER (device IS NOT NULL AND topic NOT LIKE 'said/%') FROM messages")
                    .path(0);
        }

        /// @return whether the rule said as much as there is to say
        private static boolean said(Rest rest) throws Exception {
            JsonNode row = sayings(rest);
            return row.path(1).asLong() >= row.path(2).asLong();
        }

        /// What it said too often, of what never was, or not at all.
        private void rule(Rest rest) throws Exception {
            JsonNode row = sayings(rest);
            long distinct = row.path(1).asLong();
            long messages = row.path(2).asLong();
            duplicated += row.path(0).asLong() - distinct;
            ghost += Math.max(0, distinct - messages);
            lost += Math.max(0, messages - distinct);
        }
    }
}
