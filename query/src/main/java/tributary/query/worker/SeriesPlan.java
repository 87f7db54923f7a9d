package tributary.query.worker;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tributary.query.wire.SeriesAsk;
import tributary.query.wire.Tables;

/// Which part of a read of series comes from roll-ups and which from readings.
///
/// Each day comes whole from one of them: from the roll-up with the widest slots that fit into the slices
/// that are asked for, or else from readings. A row that comes for a day of a roll-up meanwhile is of a
/// later moment than the answer. Of a day that is read from readings, single files may have roll-ups: each
/// file is read whole or its slots are.
///
/// @param origin   where the slices begin
/// @param width    how wide they are, or 0 where every reading is asked for
/// @param rolled   files of roll-ups and the time that is read from each
/// @param readings the time that is read from readings
/// @param single   files of readings that are not read, because their slots are
record SeriesPlan(long origin, long width, List<Part> rolled, List<Span> readings, Set<String> single) {
    private static final long DAY = 86_400_000_000L;
    /// Slices for a chart are made as wide as whole slots where they are so many times as wide: a few slices
    /// less, which nobody sees, and a roll-up can give them.
    private static final int ROUNDED = 4;

    /// More than 100,000 years are not told apart.
    private static final long SPAN_MAX = 4_000_000_000_000_000_000L;

    private static final List<Long> GRIDS = List.of(DAY, 3_600_000_000L, 60_000_000L);

    /// From one moment to the one before another, microseconds.
    record Span(long from, long to) {}

    /// Files with slots of one width.
    record Part(List<String> paths, List<Span> spans) {}

    /// Whether any device from one to another is asked for.
    interface Devices {
        boolean mayHold(String min, String max);
    }

    static SeriesPlan of(SeriesAsk ask, Tables tables, Devices devices) {
        List<Tables.Rolled> files = tables.rolled();
        long origin = 0;
        long width = ask.amount();
        if (ask.sampling().equals(SeriesAsk.M4)) {
            long slices = ask.amount();
            long span = ask.toMicros() - ask.fromMicros();
            width = Math.max(1, Math.ceilDiv(span < 0 || span > SPAN_MAX ? SPAN_MAX : span, slices));
            origin = ask.fromMicros();
            for (long grid : GRIDS) {
                if (width >= ROUNDED * grid && slices > 1) {
                    origin = Math.floorDiv(origin, grid) * grid;
                    width = Math.ceilDiv(width, grid) * grid;
                    break;
                }
            }
        } else if (ask.sampling().equals(SeriesAsk.RAW)) {
            return new SeriesPlan(0, 0, List.of(), List.of(new Span(ask.fromMicros(), ask.toMicros())), Set.of());
        }
        Map<Integer, Tables.Rolled> days = days(ask, origin, width, files);
        List<Part> rolled = new ArrayList<>();
        days.values().stream().map(Tables.Rolled::slotMicros).distinct().forEach(slot -> {
            Map<Integer, Tables.Rolled> ofSlot = new TreeMap<>(days);
            ofSlot.values().removeIf(file -> file.slotMicros() != slot);
            List<String> paths = ofSlot.values().stream()
                    .filter(file -> devices.mayHold(file.minDevice(), file.maxDevice()))
                    .map(Tables.Rolled::path)
                    .distinct()
                    .toList();
            if (!paths.isEmpty()) {
                rolled.add(new Part(paths, spans(ofSlot.keySet(), ask)));
            }
        });
        List<Span> rest = rest(spans(days.keySet(), ask), ask);
        Map<String, Tables.Part> single = single(new Slices(ask, origin, width), tables, days.keySet());
        single.values().stream().map(Tables.Part::slotMicros).distinct().forEach(slot -> {
            List<String> paths = tables.readings().stream()
                    .filter(file -> single.containsKey(file.path()))
                    .filter(file -> devices.mayHold(file.minDevice(), file.maxDevice()))
                    .filter(file -> rest.stream()
                            .anyMatch(span -> file.maxTsMicros() >= span.from && file.minTsMicros() < span.to))
                    .map(file -> single.get(file.path()))
                    .filter(part -> part.slotMicros() == slot)
                    .map(Tables.Part::path)
                    .toList();
            if (!paths.isEmpty()) {
                // where the first slot begins before what is asked for, no row of it does
                long from = Math.floorDiv(ask.fromMicros(), slot) * slot;
                rolled.add(new Part(paths, List.of(new Span(from, ask.toMicros()))));
            }
        });
        return new SeriesPlan(origin, width, rolled, rest, Set.copyOf(single.keySet()));
    }

    private record Slices(SeriesAsk ask, long origin, long width) {
        boolean fit(long slot) {
            return origin % slot == 0 && width % slot == 0;
        }

        /// @return whether the file's slots are asked for whole or not at all
        boolean cutsNoSlot(Tables.Sealed file, long slot) {
            return (ask.fromMicros() <= file.minTsMicros() || ask.fromMicros() % slot == 0)
                    && (ask.toMicros() > file.maxTsMicros() || ask.toMicros() % slot == 0);
        }
    }

    /// @return by file of readings the widest of its roll-ups that fits
    private static Map<String, Tables.Part> single(Slices slices, Tables tables, Set<Integer> rolledDays) {
        if (tables.parts().isEmpty()) {
            return Map.of();
        }
        Map<String, Tables.Sealed> files = new HashMap<>();
        tables.readings().forEach(file -> files.put(file.path(), file));
        Map<String, Tables.Part> single = new TreeMap<>();
        for (Tables.Part part : tables.parts()) {
            Tables.Sealed file = files.get(part.of());
            if (file != null
                    && slices.fit(part.slotMicros())
                    && slices.cutsNoSlot(file, part.slotMicros())
                    && !rolledDays.contains(Math.toIntExact(Math.floorDiv(file.minTsMicros(), DAY)))) {
                single.merge(part.of(), part, (a, b) -> a.slotMicros() >= b.slotMicros() ? a : b);
            }
        }
        return single;
    }

    /// @return by day the file that it is read from
    private static Map<Integer, Tables.Rolled> days(SeriesAsk ask, long origin, long width, List<Tables.Rolled> files) {
        Map<Integer, Tables.Rolled> days = new TreeMap<>();
        List<Tables.Rolled> widestFirst = files.stream()
                .filter(file -> origin % file.slotMicros() == 0 && width % file.slotMicros() == 0)
                .sorted(Comparator.comparingLong(Tables.Rolled::slotMicros).reversed())
                .toList();
        for (Tables.Rolled file : widestFirst) {
            for (int day : file.days()) {
                long from = Math.max(ask.fromMicros(), day * DAY);
                long to = Math.min(ask.toMicros(), (day + 1) * DAY);
                if (from < to && from % file.slotMicros() == 0 && to % file.slotMicros() == 0) {
                    days.putIfAbsent(day, file);
                }
            }
        }
        return days;
    }

    /// @return the time of `days`, which are in order, that is asked for
    private static List<Span> spans(Set<Integer> days, SeriesAsk ask) {
        List<Span> spans = new ArrayList<>();
        for (int day : days) {
            long from = Math.max(ask.fromMicros(), day * DAY);
            long to = Math.min(ask.toMicros(), (day + 1) * DAY);
            if (!spans.isEmpty() && spans.getLast().to == from) {
                from = spans.removeLast().from;
            }
            spans.add(new Span(from, to));
        }
        return spans;
    }

    /// @return the time that is asked for and not in `spans`
    private static List<Span> rest(List<Span> spans, SeriesAsk ask) {
        List<Span> rest = new ArrayList<>();
        long from = ask.fromMicros();
        for (Span span : spans) {
            if (from < span.from) {
                rest.add(new Span(from, span.from));
            }
            from = span.to;
        }
        if (from < ask.toMicros()) {
            rest.add(new Span(from, ask.toMicros()));
        }
        return rest;
    }
}
