package tributary.lake;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// A file of a roll-up, and which files of readings each of its days was made of.
///
/// A part is a roll-up of one file of a day, for days that are not over: of its rows that no late row of
/// another file replaces. It is right where the file is there still, and the same others may replace rows of
/// it.
///
/// The rows of a day that readers see follow from the day's files and from nothing else: each file has rows
/// of one day, files never change, and a row that replaces another has its time and so its day. A day of a
/// roll-up therefore is right exactly where the day has the same files still, and no row of it is in memory.
///
/// @param file   the file as Iceberg knows it
/// @param span   what it spans, as [RollupStep#span] says
/// @param sources by day: what names its files of readings
record Rollup(RollupStep step, Snapshot.DataFile file, int span, Map<Integer, String> sources) {
    /// The files' own metadata has the days under this name.
    static final String KEY = "tributary_days";
    /// Another number makes every roll-up anew.
    private static final String VERSION = "1";

    private static final int SOURCE_DIGITS = 32;

    Rollup {
        sources = Map.copyOf(sources);
    }

    Path path() {
        return file.path();
    }

    /// @return the sources as the file's metadata has them
    static String text(Map<Integer, String> sources) {
        return new TreeMap<>(sources)
                .entrySet().stream()
                        .map(day -> day.getKey() + ":" + day.getValue())
                        .collect(Collectors.joining(","));
    }

    /// @return what [#text] wrote
    static Map<Integer, String> sources(String text) {
        Map<Integer, String> sources = new TreeMap<>();
        for (String day : text.split(",")) {
            int colon = day.indexOf(':');
            if (colon > 0) {
                sources.put(Integer.parseInt(day, 0, colon, 10), day.substring(colon + 1));
            }
        }
        return sources;
    }

    /// @return the files of readings by day
    static Map<Integer, List<Snapshot.DataFile>> byDay(List<Snapshot.DataFile> readings) {
        Map<Integer, List<Snapshot.DataFile>> days = new TreeMap<>();
        for (Snapshot.DataFile file : readings) {
            if (file.minTsMicros() != Long.MIN_VALUE) {
                days.computeIfAbsent(MergePlan.day(file), _ -> new ArrayList<>())
                        .add(file);
            }
        }
        return days;
    }

    /// @return what names the files of each day: the same for the same files only
    static Map<Integer, String> sources(Map<Integer, List<Snapshot.DataFile>> days) {
        Map<Integer, String> sources = new TreeMap<>();
        days.forEach((day, files) -> sources.put(day, source(files)));
        return sources;
    }

    /// @param ofDay all files of a day
    /// @return each of them by what names the rows of it that count
    static Map<String, Snapshot.DataFile> parts(List<Snapshot.DataFile> ofDay) {
        Map<String, Snapshot.DataFile> parts = new TreeMap<>();
        ofDay.forEach(file -> parts.put(source(file, replacing(file, ofDay)), file));
        return parts;
    }

    /// @return the other files of the day that may hold rows which replace rows of `file`
    static List<Snapshot.DataFile> replacing(Snapshot.DataFile file, List<Snapshot.DataFile> ofDay) {
        return ofDay.stream()
                .filter(other -> other.hasLate()
                        && !other.path().equals(file.path())
                        && other.minTsMicros() <= file.maxTsMicros()
                        && file.minTsMicros() <= other.maxTsMicros()
                        && MergePlan.overlap(file, other.minDevice(), other.maxDevice()))
                .toList();
    }

    /// @return what names the rows of a file that count: the same for the same file and the same files that
    /// replace
    static String source(Snapshot.DataFile file, List<Snapshot.DataFile> replacing) {
        return digest("part/" + file.path().getFileName(), replacing);
    }

    private static String source(List<Snapshot.DataFile> files) {
        return digest("", files);
    }

    private static String digest(String first, List<Snapshot.DataFile> files) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update((VERSION + first).getBytes(StandardCharsets.UTF_8));
            files.stream()
                    .map(file -> file.path().getFileName().toString())
                    .sorted()
                    .forEach(name -> digest.update(("/" + name).getBytes(StandardCharsets.UTF_8)));
            return HexFormat.of().formatHex(digest.digest()).substring(0, SOURCE_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
