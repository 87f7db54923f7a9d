package tributary.lake;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tributary.decode.EventFormat;
import tributary.model.Message;
import tributary.model.TenantId;

/// What the tables of a tenant have to say, computed from the messages in order and from the wishes to erase, without
/// files.
final class LakeModel {
    private final MemoryLog log;
    private final List<Wish> wishes = new ArrayList<>();

    /// A wish to erase.
    ///
    /// @param device null for all of the tenant
    /// @param before by partition: messages before this position
    record Wish(String id, TenantId tenant, @Nullable String device, long[] before) {
        boolean covers(Message message, int partition, long position) {
            return message.tenant().equals(tenant)
                    && (device == null || device.equals(String.valueOf(message.device())))
                    && position < before[partition];
        }
    }

    /// What must be in a table, and what may be in it while something is being erased.
    ///
    /// @param sure     is there
    /// @param possible is there or not
    record Contents(Map<String, String> sure, Map<String, String> possible) {}

    LakeModel(MemoryLog log) {
        this.log = log;
    }

    /// What came until now is to be erased.
    void erase(String id, TenantId tenant, @Nullable String device) {
        long[] before = new long[log.partitions()];
        for (int p = 0; p < before.length; p++) {
            before[p] = log.end(p);
        }
        wishes.add(new Wish(id, tenant, device, before));
    }

    Collection<Wish> wishes() {
        return wishes;
    }

    private interface Visitor {
        void visit(Message message, String place, boolean open);
    }

    /// Every message that is not erased; `open` where it may be meanwhile.
    private void visit(TenantId tenant, Set<String> done, Visitor visitor) {
        for (int p = 0; p < log.partitions(); p++) {
            for (long position = 0; position < log.end(p); position++) {
                int partition = p;
                long at = position;
                Message message = log.message(p, position);
                List<Wish> covering = wishes.stream()
                        .filter(wish -> wish.covers(message, partition, at))
                        .toList();
                if (message.tenant().equals(tenant) && covering.stream().noneMatch(wish -> done.contains(wish.id()))) {
                    visitor.visit(message, "%s %d %d".formatted(message.device(), p, position), !covering.isEmpty());
                }
            }
        }
    }

    /// @param done ids of wishes that are fulfilled
    /// @return `device sensor ts` to the last value
    Contents readings(TenantId tenant, Set<String> done) {
        Contents contents = new Contents(new TreeMap<>(), new TreeMap<>());
        visit(tenant, done, (message, _, open) -> {
            if (!EventFormat.is(message)) {
                Map<String, String> rows = new TreeMap<>();
                World.collect(message, rows);
                // Whatever is erased of a device is older than all that stays of it.
                rows.forEach((key, value) -> {
                    (open ? contents.sure : contents.possible).remove(key);
                    (open ? contents.possible : contents.sure).put(key, value);
                });
            }
        });
        return contents;
    }

    /// @return `device partition position number` of each row to nothing
    Contents rows(TenantId tenant, Side side, Set<String> done) {
        Contents contents = new Contents(new TreeMap<>(), new TreeMap<>());
        visit(tenant, done, (message, place, open) -> {
            for (int number = 0; number < count(message, side); number++) {
                (open ? contents.possible : contents.sure).put(place + " " + number, "");
            }
        });
        return contents;
    }

    private static long count(Message message, Side side) {
        boolean event = EventFormat.is(message);
        return switch (side) {
            case EVENTS -> event ? 1 : 0;
            case MESSAGES -> event ? 0 : 1;
            case REJECTED ->
                event
                        ? 0
                        : new String(message.payload(), StandardCharsets.UTF_8)
                                .lines()
                                .filter(line -> line.split(" ", 3).length != 3)
                                .count();
        };
    }

    /// @return `sensor ts value` of the newest reading of each of the device's sensors
    static Set<String> newest(Map<String, String> readings, String device) {
        Map<String, String> newest = new TreeMap<>();
        Map<String, Long> times = new TreeMap<>();
        readings.forEach((key, value) -> {
            String[] words = key.split(" ");
            long ts = Long.parseLong(words[2]);
            if (words[0].equals(device) && ts >= Objects.requireNonNullElse(times.get(words[1]), Long.MIN_VALUE)) {
                times.put(words[1], ts);
                newest.put(words[1], "%s %d %s".formatted(words[1], ts, value));
            }
        });
        return new TreeSet<>(newest.values());
    }
}
