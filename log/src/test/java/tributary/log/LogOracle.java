package tributary.log;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tributary.log.Log.Damage;
import tributary.model.Fault;
import tributary.model.Message;

/// Knows what was appended and told, and judges what a log gives back: a plain list against all the cleverness.
final class LogOracle {
    private final Map<Long, Entry> entries = new HashMap<>();

    /// By partition: which message each position was told or shown to have.
    private final Map<Integer, TreeMap<Long, Long>> known = new HashMap<>();

    private final Map<Integer, Long> committed = new HashMap<>();
    private final Map<Integer, Long> committing = new HashMap<>();
    private final Map<Integer, Long> ends = new HashMap<>();
    private long nextId;
    private boolean damaged;
    private long lossMost;
    private String broken = "";

    /// A message with its receipt.
    final class Entry implements Receipt {
        private final long id;
        private final int partition;
        private final Message message;
        private final List<String> calls = new ArrayList<>();

        /// Its process died before it was told.
        private boolean dead;

        /// Whether it is in the log is open: it may be there even where it was refused.
        private boolean excused;
        private Fault fault = Fault.STOPPING;
        private String detail = "not told";

        private Entry(long id, int partition, Message message) {
            this.id = id;
            this.partition = partition;
            this.message = message;
        }

        @Override
        public void durable(int inPartition, long position) {
            calls.add("durable");
            check(calls.size() == 1, "message " + id + " was told " + calls);
            check(inPartition == partition, "message " + id + " went to another partition");
            know(partition, position, id);
        }

        @Override
        public void refused(Fault why, String inWords) {
            calls.add("refused");
            fault = why;
            detail = inWords;
            check(calls.size() == 1, "message " + id + " was told " + calls);
        }

        Message message() {
            return message;
        }

        boolean isDurable() {
            return calls.equals(List.of("durable"));
        }

        boolean isRefused() {
            return calls.equals(List.of("refused"));
        }

        Fault fault() {
            return fault;
        }

        String detail() {
            return detail;
        }
    }

    Entry expect(int partition, String device, int size, long micros) {
        long id = nextId++;
        Entry entry = new Entry(id, partition, Samples.telemetry(device, LogSimulation.payload(id, size), micros));
        entries.put(id, entry);
        return entry;
    }

    /// @param recordsMost how many records the damage can have cost
    void damaged(int recordsMost) {
        damaged = true;
        lossMost += recordsMost;
    }

    /// The receipts of a dead process are never told; whether their messages are in the log is open.
    void processDied() {
        entries.values().forEach(entry -> {
            entry.dead |= entry.calls.isEmpty();
            entry.excused |= entry.dead;
        });
        verdict();
    }

    /// At a close with a failing disk, what may be on disk is refused without anybody knowing.
    void closing() {
        entries.values().forEach(entry -> entry.excused |= entry.calls.isEmpty());
    }

    void closed() {
        entries.values()
                .forEach(entry -> check(
                        entry.dead || !entry.calls.isEmpty(), "message " + entry.id + " was not told at the close"));
        verdict();
    }

    void committing(int partition, long position) {
        committing.merge(partition, position, Math::max);
    }

    void committed(int partition, long position) {
        committed.put(partition, position);
    }

    /// Ends never go back, and nothing goes that a named reader has yet to read.
    void watch(SegmentLog log) {
        for (int partition = 0; partition < log.partitions(); partition++) {
            long end = log.end(partition);
            // A disk that takes nothing at a start keeps back what has to be written anew before it may be served.
            if (log.refusing(partition)) {
                continue;
            }
            check(
                    end >= ends.getOrDefault(partition, 0L),
                    "the end of partition %d went from %d to %d".formatted(partition, ends.get(partition), end));
            ends.put(partition, end);
            // Where the oldest segment itself is damaged, nothing is left to begin with.
            check(
                    damaged
                            || log.start(partition) <= Math.max(0, committed.getOrDefault(partition, 0L))
                            || log.start(partition) <= committing.getOrDefault(partition, 0L),
                    "partition %d begins at %d, but the reader is at %d"
                            .formatted(partition, log.start(partition), committed.getOrDefault(partition, 0L)));
        }
        verdict();
    }

    /// Judges a log that was opened again.
    ///
    /// @return whether damage was found
    boolean reopened(SegmentLog log, LogReader named) {
        for (int partition = 0; partition < log.partitions(); partition++) {
            long position = named.position(partition);
            check(
                    position >= committed.getOrDefault(partition, 0L)
                            && position <= Math.max(log.start(partition), committing.getOrDefault(partition, 0L)),
                    "the reader goes on at %d of partition %d, it committed %d and tried %d"
                            .formatted(
                                    position,
                                    partition,
                                    committed.getOrDefault(partition, 0L),
                                    committing.getOrDefault(partition, 0L)));
            committed.put(partition, position);
        }
        judgeEverything(log, "after opening");
        watch(log);
        return !log.damage().isEmpty();
    }

    void everythingIsTold() {
        for (Entry entry : entries.values()) {
            check(entry.excused || entry.calls.size() == 1, "message " + entry.id + " was never told");
        }
        verdict();
    }

    /// Reads the whole log and compares.
    void judgeEverything(SegmentLog log, String when) {
        LogReader reader = log.reader();
        Map<Integer, TreeMap<Long, Long>> read = new HashMap<>();
        for (int partition = 0; partition < log.partitions(); partition++) {
            reader.seek(partition, 0);
            read.put(partition, new TreeMap<>());
        }
        drain(reader, Integer.MAX_VALUE, read);
        reader.close();
        for (int partition = 0; partition < log.partitions(); partition++) {
            judge(log, partition, read.get(partition), when);
        }
        check(damaged || log.damage().isEmpty(), when + " damage is reported that is none: " + log.damage());
        verdict();
    }

    /// Reads some batches; what was shown once has to stay.
    void read(SegmentLog log, LogReader reader, int batches) {
        Map<Integer, TreeMap<Long, Long>> read = new HashMap<>();
        drain(reader, batches, read);
        verdict();
    }

    private void drain(LogReader reader, int batches, Map<Integer, TreeMap<Long, Long>> into) {
        for (int i = 0; i < batches; i++) {
            Batch batch = reader.poll(Duration.ZERO);
            if (batch == null) {
                return;
            }
            for (int n = 0; n < batch.size(); n++) {
                long id = judge(batch.partition(), batch.first() + n, batch.message(n));
                into.computeIfAbsent(batch.partition(), _ -> new TreeMap<>()).put(batch.first() + n, id);
            }
        }
    }

    private long judge(int partition, long position, Message message) {
        String text = new String(message.payload(), StandardCharsets.US_ASCII);
        int mark = text.indexOf('#', 1);
        Entry entry = mark < 0 ? null : entries.get(Long.parseLong(text.substring(1, mark)));
        String where = "at partition %d position %d ".formatted(partition, position);
        if (entry == null || !entry.message.equals(message) || entry.partition != partition) {
            check(false, where + "is what nobody appended: " + message + " " + text);
            return -1;
        }
        check(!entry.isRefused() || entry.excused, where + "is message " + entry.id + ", which was refused");
        know(partition, position, entry.id);
        return entry.id;
    }

    private void know(int partition, long position, long id) {
        TreeMap<Long, Long> all = known.computeIfAbsent(partition, _ -> new TreeMap<>());
        Long before = all.put(position, id);
        String where = "partition %d position %d ".formatted(partition, position);
        check(before == null || before == id, where + "was message " + before + " and is now " + id);
        Map.Entry<Long, Long> lower = all.lowerEntry(position);
        Map.Entry<Long, Long> higher = all.higherEntry(position);
        check(lower == null || lower.getValue() < id, where + "has message " + id + " after a later one");
        check(higher == null || higher.getValue() > id, where + "has message " + id + " before an earlier one");
    }

    private void judge(SegmentLog log, int partition, TreeMap<Long, Long> read, String when) {
        long unread = known.getOrDefault(partition, new TreeMap<>()).tailMap(log.start(partition)).keySet().stream()
                .filter(position -> position < log.end(partition) && !read.containsKey(position))
                .count();
        check(unread <= lossMost, when + " more is reported damaged than is: " + log.damage());
        long start = log.start(partition);
        long end = log.end(partition);
        known.computeIfAbsent(partition, _ -> new TreeMap<>()).forEach((position, id) -> {
            boolean waits = position >= end && log.refusing(partition);
            if (position >= start && !waits && !read.containsKey(position)) {
                check(
                        reported(log, partition, position),
                        "%s partition %d position %d with message %d is gone; start %d, end %d"
                                .formatted(when, partition, position, id, start, end));
            }
        });
        for (long position = start; position < end; position++) {
            check(
                    read.containsKey(position) || reported(log, partition, position),
                    "%s partition %d position %d is neither read nor reported".formatted(when, partition, position));
        }
    }

    private static boolean reported(SegmentLog log, int partition, long position) {
        for (Damage damage : log.damage()) {
            if (damage.partition() == partition && damage.first() <= position && position < damage.end()) {
                return true;
            }
        }
        return false;
    }

    private void check(boolean good, String otherwise) {
        if (!good && broken.isEmpty()) {
            broken = otherwise;
        }
    }

    /// Thrown here and not where it was found, because a log catches what its receipts throw.
    private void verdict() {
        if (!broken.isEmpty()) {
            throw new AssertionError(broken);
        }
    }
}
