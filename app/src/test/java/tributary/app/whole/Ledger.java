package tributary.app.whole;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tributary.broker.Outgoing;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.model.Message;

/// Knows what devices were told and what listeners heard, and judges the log: plain maps against all the cleverness.
final class Ledger {
    private static final Pattern NUMBER = Pattern.compile("\"n\":(\\d+),\"v\":(\\d+)");

    private final WholeHistory world;
    private final Map<Long, Peer.Said> said = new HashMap<>();
    private final Map<Long, Integer> appended = new HashMap<>();
    private final Set<Long> acknowledged = new HashSet<>();
    private final Map<Long, Integer> refused = new HashMap<>();

    /// By partition: what was in the log when it was judged last.
    private final Map<Integer, List<Message>> known = new TreeMap<>();

    private final Map<Peer, long[]> since = new HashMap<>();
    private final Map<Peer, Map<Spot, Integer>> heard = new HashMap<>();
    private final Map<Peer, Map<String, Spot>> heardLast = new HashMap<>();

    /// A place in the log.
    record Spot(int partition, long position) {}

    /// A message of a device as the log has it.
    record Logged(Spot spot, String device, long number, int value) {}

    Ledger(WholeHistory world) {
        this.world = world;
    }

    /// A door hands a message to the log.
    void appended(Peer.Said one) {
        said.put(one.number(), one);
        appended.merge(one.number(), 1, Integer::sum);
    }

    /// The log did not take it, whether or not the device ever hears of that.
    void refused(Peer.Said one) {
        refused.merge(one.number(), 1, Integer::sum);
    }

    /// A device is told.
    void acknowledged(Peer.Said one, boolean stored) {
        if (stored) {
            acknowledged.add(one.number());
        }
        world.event("%s is told of %d: stored %s", one.device(), one.number(), stored);
    }

    /// A listener is told that it is subscribed: what becomes durable from now on is for it.
    void listens(Peer peer) {
        long[] ends = new long[world.log().partitions()];
        for (int p = 0; p < ends.length; p++) {
            ends[p] = world.log().end(p);
        }
        since.put(peer, ends);
    }

    void heard(Peer peer, Outgoing.Publish publish) {
        Spot spot = new Spot(publish.delivery().partition(), publish.delivery().position());
        int times = heard.computeIfAbsent(peer, _ -> new HashMap<>()).merge(spot, 1, Integer::sum);
        if (times > 1 && publish.qos() == 2) {
            throw new AssertionError("%s heard %s twice at QoS 2".formatted(peer.id(), spot));
        }
        if (times == 1) {
            String topic = publish.delivery().message().topic().value();
            Spot before = heardLast.computeIfAbsent(peer, _ -> new HashMap<>()).put(topic, spot);
            if (before != null && before.partition() == spot.partition() && before.position() > spot.position()) {
                throw new AssertionError("%s heard %s behind %s".formatted(peer.id(), spot, before));
            }
        }
    }

    /// Judges all that is in the log: what was there stays, what was acknowledged is there, once, in order.
    void judge(Log log) {
        Map<Long, Integer> count = new HashMap<>();
        for (int partition = 0; partition < log.partitions(); partition++) {
            List<Message> now = read(log, partition);
            List<Message> before = known.getOrDefault(partition, List.of());
            check(
                    before.size() <= now.size(),
                    "partition %d had %d records and has %d",
                    partition,
                    before.size(),
                    now.size());
            check(now.subList(0, before.size()).equals(before), "what partition %d had is another now", partition);
            known.put(partition, now);
            Map<String, Long> last = new HashMap<>();
            for (Message message : now) {
                long number = number(message);
                if (message.device() == null) {
                    continue;
                }
                int times = count.merge(number, 1, Integer::sum);
                Peer.Said one = said.get(number);
                check(one != null, "%d is in the log and was never appended", number);
                check(times == 1 || one.qos() == 1, "%d of QoS 2 is in the log twice", number);
                int refusals = refused.getOrDefault(number, 0);
                check(
                        times <= appended.get(number) - refusals,
                        "%d is in the log more often than it was taken",
                        number);
                long newest = last.getOrDefault(one.device(), -1L);
                // one that was refused may be sent again behind what was taken
                check(times > 1 || refusals > 0 || newest < number, "%d is in the log behind %d", number, newest);
                last.put(one.device(), Math.max(newest, number));
            }
        }
        for (long number : acknowledged) {
            check(count.containsKey(number), "%d was acknowledged and is gone", number);
        }
    }

    /// Judges what listeners heard, when all is at rest.
    void judgeListeners() {
        since.forEach((peer, ends) -> known.forEach((partition, messages) -> {
            Map<Spot, Integer> all = heard.getOrDefault(peer, Map.of());
            for (long position = ends[partition]; position < messages.size(); position++) {
                check(
                        all.containsKey(new Spot(partition, position)),
                        "%s never heard partition %d position %d",
                        peer.id(),
                        partition,
                        position);
            }
        }));
    }

    /// @return every message of a device, by device, in the log's order
    Map<String, List<Logged>> logged() {
        Map<String, List<Logged>> all = new TreeMap<>();
        known.forEach((partition, messages) -> {
            for (int i = 0; i < messages.size(); i++) {
                Message message = messages.get(i);
                if (message.device() != null) {
                    String device = message.device().value();
                    Matcher found = match(message);
                    all.computeIfAbsent(device, _ -> new ArrayList<>())
                            .add(new Logged(
                                    new Spot(partition, i),
                                    device,
                                    Long.parseLong(found.group(1)),
                                    Integer.parseInt(found.group(2))));
                }
            }
        });
        return all;
    }

    /// @return what rules put into the log, in its order
    List<String> outputs() {
        List<String> all = new ArrayList<>();
        known.values()
                .forEach(messages -> messages.stream()
                        .filter(message -> message.device() == null)
                        .forEach(message -> all.add(new String(message.payload(), StandardCharsets.UTF_8))));
        return all;
    }

    /// @return how many records there are
    int count() {
        return known.values().stream().mapToInt(List::size).sum();
    }

    private static long number(Message message) {
        Matcher found = NUMBER.matcher(new String(message.payload(), StandardCharsets.UTF_8));
        return found.find() ? Long.parseLong(found.group(1)) : -1;
    }

    private static Matcher match(Message message) {
        Matcher found = NUMBER.matcher(new String(message.payload(), StandardCharsets.UTF_8));
        check(found.find(), "%s is what no device said", message);
        return found;
    }

    private static List<Message> read(Log log, int partition) {
        List<Message> all = new ArrayList<>();
        try (LogReader reader = log.reader()) {
            reader.seek(partition, 0);
            for (Batch batch = reader.next(partition); batch != null; batch = reader.next(partition)) {
                check(batch.first() == all.size(), "partition %d has a gap at %d", partition, all.size());
                for (int i = 0; i < batch.size(); i++) {
                    all.add(batch.message(i));
                }
            }
        }
        return all;
    }

    static void check(boolean good, String otherwise, Object... arguments) {
        if (!good) {
            throw new AssertionError(otherwise.formatted(arguments));
        }
    }
}
