package tributary.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tributary.decode.Decoder;
import tributary.decode.ReadingSink;
import tributary.model.DeviceId;
import tributary.model.Message;

/// What the decoder gives of some messages, held against what the tables have of them. For one thread.
final class DecodeComparison {
    /// What is asked of `readings`: [#reading] and [#later] take such rows.
    static final String READING = "SELECT device, sensor, epoch_us(ts) AS ts, value, text, part, position";

    static final int SHOWN_MAX = 100;

    /// What one comparison may hold.
    static final int READINGS_MAX = 500_000;

    private static final int REASONS_MAX = 20;
    private static final int SHOWN_CHARS_MAX = 400;

    private final Map<Key, Reading> now = new LinkedHashMap<>();
    private final Map<Key, Reading> there = new LinkedHashMap<>();
    private final Map<Key, Reading> missing = new LinkedHashMap<>();
    private final Map<Place, List<String>> rejectedNow = new TreeMap<>();
    private final Map<Place, List<String>> rejectedThere = new TreeMap<>();
    private final Map<Kind, Long> counts = new HashMap<>();
    private final List<Difference> differences = new ArrayList<>();
    private String why = "";
    private String digest = "";
    /// Of all that is decoded, and of all that differs.
    private final MessageDigest all = sha256();
    private long messages;

    /// Which reading.
    private record Key(String device, String sensor, long tsMicros) {}

    /// Which message.
    private record Place(int partition, long position) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            int byPartition = Integer.compare(partition, other.partition);
            return byPartition != 0 ? byPartition : Long.compare(position, other.position);
        }

        String id() {
            return partition + "-" + position;
        }
    }

    /// @param text the value as a text, or null where it is a number
    private record Reading(
            Place place, double value, @Nullable String text) {
        boolean same(Reading other) {
            return Objects.equals(text, other.text) && (text != null || Double.compare(value, other.value) == 0);
        }

        String shown() {
            String whole = text == null ? Double.toString(value) : text;
            return whole.length() > SHOWN_CHARS_MAX ? whole.substring(0, SHOWN_CHARS_MAX) + "..." : whole;
        }
    }

    /// How a reading, or a message with rejected parts, compares.
    enum Kind {
        /// A reading is there as the decoder gives it.
        SAME,
        /// It is not, because a later message has the same sensor and time.
        REPLACED,
        /// The decoder gives it, and it is not there.
        MISSING,
        /// It is there with another value.
        CHANGED,
        /// It is there, and the decoder does not give it.
        EXTRA,
        /// A message is rejected, as it was.
        REJECTED_SAME,
        /// It was rejected in part or whole, and is not now.
        RECOVERED,
        /// It was not, and is now.
        REJECTED,
        /// It is, for other reasons.
        OTHERWISE
    }

    /// @param message  partition and position
    /// @param sensor   "" where the message as a whole is meant
    /// @param tsMicros when it was measured, 0 for the message as a whole
    /// @param was      what is there, or ""
    /// @param is       what the decoder gives, or ""
    record Difference(Kind kind, String message, String device, String sensor, long tsMicros, String was, String is) {}

    /// @return whether all was looked at
    boolean complete() {
        return why.isEmpty();
    }

    /// @return what it was too much for, or ""
    String why() {
        return why;
    }

    void stop(String reason) {
        why = reason;
    }

    /// @return messages that were decoded
    long messages() {
        return messages;
    }

    /// @return whether anything is not there as the decoder gives it
    boolean differs() {
        return counts.keySet().stream().anyMatch(kind -> switch (kind) {
            case SAME, REPLACED, REJECTED_SAME -> false;
            case MISSING, CHANGED, EXTRA, RECOVERED, REJECTED, OTHERWISE -> true;
        });
    }

    /// @return equal where the messages, what the decoder gives of them and how that differs are equal; "" before
    ///     [#compare]
    String digest() {
        return digest;
    }

    long count(Kind kind) {
        return counts.getOrDefault(kind, 0L);
    }

    List<Difference> differences() {
        return differences;
    }

    Decoding decoding(Decoder decoder) {
        return new Decoding(decoder);
    }

    /// Takes what the decoder gives of one message after the other, as the lake does.
    final class Decoding implements ReadingSink {
        private final Decoder decoder;
        private final Map<Key, Reading> readings = new LinkedHashMap<>();
        private final List<String> reasons = new ArrayList<>();
        private Place place = new Place(0, 0);
        private String device = "";
        private int reasonsMore;

        private Decoding(Decoder decoder) {
            this.decoder = decoder;
        }

        void message(Message message, int partition, long position) {
            DeviceId of = message.device();
            place = new Place(partition, position);
            device = of == null ? "" : of.value();
            readings.clear();
            reasons.clear();
            reasonsMore = 0;
            messages++;
            decoder.decode(message, this);
            if (!readings.isEmpty() && of == null) {
                readings.clear();
                reasons.add("the message has no device, so its values belong to nobody; publish as a device");
            }
            if (reasonsMore > 0) {
                reasons.add("and %d more parts of this message".formatted(reasonsMore));
            }
            if (!reasons.isEmpty()) {
                rejectedNow.put(place, reasons.stream().sorted().toList());
            }
            now.putAll(readings);
            if (now.size() + rejectedNow.size() > READINGS_MAX) {
                stop("there are more readings than fit (500,000); choose a shorter window");
            }
        }

        @Override
        public void number(String sensor, long tsMicros, double value) {
            readings.put(new Key(device, sensor, tsMicros), new Reading(place, value, null));
        }

        @Override
        public void whole(String sensor, long tsMicros, double value, String digits) {
            readings.put(new Key(device, sensor, tsMicros), new Reading(place, value, digits));
        }

        @Override
        public void text(String sensor, long tsMicros, String value) {
            readings.put(new Key(device, sensor, tsMicros), new Reading(place, Double.NaN, value));
        }

        @Override
        public void bool(String sensor, long tsMicros, boolean value) {
            text(sensor, tsMicros, Boolean.toString(value));
        }

        @Override
        public void rejected(int index, String reason) {
            if (reasons.size() < REASONS_MAX) {
                reasons.add(reason);
            } else {
                reasonsMore++;
            }
        }
    }

    /// A row of `readings` of the window.
    void reading(JsonNode row) {
        there.put(key(row), reading(row, place(row)));
        if (there.size() > READINGS_MAX) {
            stop("there are more readings than fit (500,000); choose a shorter window");
        }
    }

    /// A row of `rejected` of the window.
    void rejection(JsonNode row) {
        rejectedThere
                .computeIfAbsent(place(row), _ -> new ArrayList<>())
                .add(row.path("reason").asString());
    }

    /// A row of `readings` outside the window.
    void later(JsonNode row) {
        Key key = key(row);
        Reading lost = missing.get(key);
        Place place = place(row);
        if (lost != null && place.partition() == lost.place.partition() && place.position() > lost.place.position()) {
            missing.remove(key);
            tally(Kind.REPLACED);
        }
    }

    private static Key key(JsonNode row) {
        return new Key(
                row.path("device").asString(),
                row.path("sensor").asString(),
                row.path("ts").asLong());
    }

    private static Place place(JsonNode row) {
        return new Place(row.path("part").asInt(), row.path("position").asLong());
    }

    private static Reading reading(JsonNode row, Place place) {
        JsonNode text = row.path("text");
        return text.isNull()
                ? new Reading(place, row.path("value").asDouble(), null)
                : new Reading(place, Double.NaN, text.asString());
    }

    /// @return whether the decoder gives what is not there in the window
    boolean hasMissing() {
        now.forEach((key, reading) -> {
            if (!there.containsKey(key)) {
                missing.put(key, reading);
            }
        });
        return !missing.isEmpty();
    }

    long missingFromMicros() {
        return missing.keySet().stream().mapToLong(Key::tsMicros).min().orElse(0);
    }

    long missingToMicros() {
        return missing.keySet().stream().mapToLong(Key::tsMicros).max().orElse(0);
    }

    /// Compares, once all is there.
    void compare() {
        if (!complete()) {
            return;
        }
        rejectedNow.forEach((place, reasons) -> add(place.id() + reasons));
        now.forEach((key, reading) -> add(key + reading.place.id() + reading.shown()));
        rejections();
        missing.forEach((key, reading) -> differ(Kind.MISSING, key, reading, "", reading.shown()));
        now.forEach((key, reading) -> {
            Reading found = there.remove(key);
            if (found != null && found.same(reading)) {
                tally(Kind.SAME);
            } else if (found != null) {
                differ(Kind.CHANGED, key, reading, found.shown(), reading.shown());
            }
        });
        there.entrySet().stream()
                .sorted(Comparator.comparing(entry -> entry.getKey().toString()))
                .forEach(extra -> differ(
                        Kind.EXTRA,
                        extra.getKey(),
                        extra.getValue(),
                        extra.getValue().shown(),
                        ""));
        digest = HexFormat.of().formatHex(all.digest(), 0, 16);
    }

    private void add(String text) {
        all.update(text.getBytes(StandardCharsets.UTF_8));
        all.update((byte) 0);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void rejections() {
        rejectedNow.forEach((place, reasons) -> {
            List<String> before = rejectedThere.remove(place);
            if (before == null) {
                differ(Kind.REJECTED, place, "", reasons.getFirst());
            } else if (before.stream().sorted().toList().equals(reasons)) {
                tally(Kind.REJECTED_SAME);
            } else {
                differ(Kind.OTHERWISE, place, before.getFirst(), reasons.getFirst());
            }
        });
        rejectedThere.forEach((place, before) -> differ(Kind.RECOVERED, place, before.getFirst(), ""));
    }

    private void tally(Kind kind) {
        counts.merge(kind, 1L, Long::sum);
    }

    private void differ(Kind kind, Place place, String was, String is) {
        differ(kind, new Difference(kind, place.id(), "", "", 0, was, is));
    }

    private void differ(Kind kind, Key key, Reading reading, String was, String is) {
        differ(kind, new Difference(kind, reading.place.id(), key.device(), key.sensor(), key.tsMicros(), was, is));
    }

    private void differ(Kind kind, Difference difference) {
        tally(kind);
        add(difference.toString());
        if (differences.size() < SHOWN_MAX) {
            differences.add(difference);
        }
    }
}
