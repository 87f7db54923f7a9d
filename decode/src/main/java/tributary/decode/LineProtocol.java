package tributary.decode;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Reads InfluxDB line protocol: `measurement,tag=value field=1,other=2 time`.
///
/// Measurement and field are the sensor: `cpu.usage_idle`. Tags tell series apart, so they are part of it, in order
/// of their names: `cpu[cpu=cpu0].usage_idle`; only a tag `device` or `host` that is the message's device is left
/// out. A line with anything wrong is rejected whole, as InfluxDB does; the others are kept.
final class LineProtocol {
    private final SensorPath path;
    private final Draft draft;
    private final Decimal decimal = new Decimal();
    private final List<String> tags = new ArrayList<>();

    private byte[] in = new byte[0];
    private int pos;
    private int to;

    /// The unit of times without fraction, in nanoseconds.
    private long unitNanos = 1;

    LineProtocol(SensorPath path, Draft draft) {
        this.path = path;
        this.draft = draft;
    }

    /// @param device      whose lines these are, or "" where unknown
    /// @param contentType may say `precision=s`
    void read(byte[] payload, String device, String contentType) throws Unreadable {
        unitNanos = unit(contentType);
        in = payload;
        LineCursor lines = new LineCursor(payload);
        int root = path.mark();
        boolean any = false;
        while (lines.next()) {
            any = true;
            draft.element(lines.index());
            String fault = line(lines.from(), lines.to(), device);
            if (fault != null) {
                draft.dropElement();
                draft.reject(fault);
            }
            draft.endElement();
            path.back(root);
        }
        if (!any) {
            throw new Unreadable("there is no line; send: temperature value=21.5");
        }
    }

    private static long unit(String contentType) throws Unreadable {
        int at = contentType.indexOf("precision=");
        if (at < 0) {
            return 1;
        }
        int start = at + "precision=".length();
        int end = contentType.indexOf(';', start);
        String precision = (end < 0 ? contentType.substring(start) : contentType.substring(start, end)).strip();
        return switch (precision.toLowerCase(Locale.ROOT)) {
            case "ns", "n", "" -> 1;
            case "us", "u" -> 1_000;
            case "ms" -> 1_000_000;
            case "s" -> 1_000_000_000;
            case "m" -> 60_000_000_000L;
            case "h" -> 3_600_000_000_000L;
            default -> throw new Unreadable("precision is one of ns, us, ms, s; was '" + precision + "'");
        };
    }

    /// @return what is wrong with the line, or null
    private @Nullable String line(int from, int end, String device) throws Unreadable {
        pos = from;
        to = end;
        if (!Utf8.wellFormed(in, from, to)) {
            return "the line is not UTF-8";
        }
        int spaced = LineCursor.unescaped(in, from, to, ' ');
        int comma = LineCursor.unescaped(in, from, spaced, ',');
        if (comma == from) {
            return "the measurement is missing; a line is: measurement field=1";
        }
        if (spaced == to) {
            return "the fields are missing; a line is: measurement field=1";
        }
        String fault = tags(comma, spaced, device);
        if (fault != null) {
            return fault;
        }
        if (!path.down(LineCursor.unescape(in, from, comma) + shownTags())) {
            return SensorPath.tooLong();
        }
        pos = spaced;
        space();
        fault = fields();
        return fault == null ? time() : fault;
    }

    private @Nullable String tags(int from, int end, String device) {
        tags.clear();
        int at = from;
        while (at < end) {
            int next = LineCursor.unescaped(in, at + 1, end, ',');
            int equals = LineCursor.unescaped(in, at + 1, next, '=');
            if (equals == at + 1 || equals >= next - 1) {
                return "a tag is name=value, was '" + new String(in, at + 1, next - at - 1, UTF_8) + "'";
            }
            String name = LineCursor.unescape(in, at + 1, equals);
            String value = LineCursor.unescape(in, equals + 1, next);
            if (!(name.equals("device") || name.equals("host")) || !value.equals(device)) {
                tags.add(name + "=" + value);
            }
            at = next;
        }
        return null;
    }

    private String shownTags() {
        if (tags.isEmpty()) {
            return "";
        }
        Collections.sort(tags);
        return "[" + String.join(",", tags) + "]";
    }

    private @Nullable String fields() throws Unreadable {
        int mark = path.mark();
        while (true) {
            int equals = LineCursor.unescaped(in, pos, to, '=');
            if (equals == to || equals == pos) {
                return "a field is name=value, was '" + shown(pos) + "'";
            }
            String name = LineCursor.unescape(in, pos, equals);
            if (!path.down(name)) {
                return SensorPath.tooLong();
            }
            String sensor = path.sensor();
            if (sensor == null) {
                return path.fault();
            }
            pos = equals + 1;
            String fault = value(sensor, name);
            if (fault != null) {
                return fault;
            }
            path.back(mark);
            if (pos == to || in[pos] == ' ') {
                return null;
            }
            if (in[pos] != ',') {
                return "behind the field '" + name + "' comes ',' or a space, was '" + shown(pos) + "'";
            }
            pos++;
        }
    }

    private @Nullable String value(String sensor, String name) throws Unreadable {
        if (pos == to) {
            return "the field '" + name + "' has no value";
        }
        if (in[pos] == '"') {
            return text(sensor, name);
        }
        int end = pos;
        while (end < to && in[end] != ',' && in[end] != ' ') {
            end++;
        }
        String word = new String(in, pos, end - pos, UTF_8);
        switch (word) {
            case "t", "T", "true", "True", "TRUE" -> draft.bool(sensor, true);
            case "f", "F", "false", "False", "FALSE" -> draft.bool(sensor, false);
            default -> {
                double number = number(end);
                if (!Double.isFinite(number)) {
                    return "the field '" + name + "' is no number, boolean or \"text\": " + word;
                }
                if (Whole.mayDiffer(number) && word.matches("[+-]?\\d+[iu]?")) {
                    draft.whole(sensor, number, Whole.digits(word.replaceAll("[iu]", ""), number));
                } else {
                    draft.number(sensor, number);
                }
            }
        }
        pos = end;
        return null;
    }

    /// Floats as JSON writes them and also `1.`, `.5` and `+1`; integers end with `i` or `u`.
    private double number(int end) {
        byte last = in[end - 1];
        boolean integer = last == 'i' || last == 'u';
        double value = decimal.read(in, pos, integer ? end - 1 : end);
        if (!Double.isNaN(value) && decimal.end() == (integer ? end - 1 : end)) {
            return value;
        }
        String word = new String(in, pos, end - pos, UTF_8);
        return !integer && word.matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?")
                ? Double.parseDouble(word)
                : Double.NaN;
    }

    private @Nullable String text(String sensor, String name) throws Unreadable {
        byte[] plain = new byte[to - pos];
        int length = 0;
        for (int i = pos + 1; i < to; i++) {
            if (in[i] == '"') {
                if (length > Draft.TEXT_BYTES_MAX) {
                    return "the text of '" + name + "' has more than " + Draft.TEXT_BYTES_MAX + " bytes";
                }
                pos = i + 1;
                draft.text(sensor, new String(plain, 0, length, UTF_8));
                return null;
            }
            boolean escape = in[i] == '\\' && i + 1 < to && (in[i + 1] == '"' || in[i + 1] == '\\');
            plain[length++] = escape ? in[++i] : in[i];
        }
        return "the text of the field '" + name + "' has no closing quote";
    }

    private @Nullable String time() {
        space();
        int end = to;
        while (end > pos && in[end - 1] == ' ') {
            end--;
        }
        if (pos == end) {
            return null;
        }
        String word = new String(in, pos, end - pos, UTF_8);
        if (!word.matches("-?\\d{1,19}")) {
            return "the time is a whole number, was '" + word + "'";
        }
        double value = Double.parseDouble(word);
        String guess = coarser(value);
        double micros = value * unitNanos / 1000;
        if (guess != null || !(micros >= 0 && micros < 7.3e15) || !Timestamps.plausible(micros(word))) {
            return "the time " + word + " in " + unitName() + " is not before 2200 and after 1970"
                    + (guess == null ? "" : "; that looks like " + guess + ", say precision=" + guess);
        }
        draft.measuredAt(micros(word));
        return null;
    }

    private long micros(String word) {
        long count = Long.parseLong(word);
        return unitNanos >= 1000 ? count * (unitNanos / 1000) : count / 1000;
    }

    /// @return the unit that the time was more likely meant in, or null
    private @Nullable String coarser(double value) {
        boolean seconds = value >= 1e9 && value < 7.3e9;
        boolean millis = value >= 1e12 && value < 7.3e12;
        boolean micros = value >= 1e15 && value < 7.3e15;
        if (unitNanos <= 1_000_000 && seconds) {
            return "s";
        }
        if (unitNanos <= 1_000 && millis) {
            return "ms";
        }
        return unitNanos == 1 && micros ? "us" : null;
    }

    private String unitName() {
        return unitNanos == 1 ? "nanoseconds" : unitNanos / 1e9 + " s";
    }

    private void space() {
        while (pos < to && in[pos] == ' ') {
            pos++;
        }
    }

    private String shown(int from) {
        return new String(in, from, Math.min(40, to - from), UTF_8);
    }
}
