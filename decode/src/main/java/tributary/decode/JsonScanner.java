package tributary.decode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tributary.decode.SensorPath.Known;

/// Reads JSON (RFC 8259, strictly) from bytes straight into a draft: no tree, no tokens, no strings for known names.
///
/// This is the way of nearly every message, so it is written for that: 150 bytes with nine values take about half a
/// microsecond and no allocation.
final class JsonScanner {
    /// Deeper nesting than this is refused; the recursion is as deep.
    static final int DEPTH_MAX = 16;

    private static final byte[] TRUE = "true".getBytes(ISO_8859_1);
    private static final byte[] FALSE = "false".getBytes(ISO_8859_1);
    private static final byte[] NULL = "null".getBytes(ISO_8859_1);

    private final SensorPath path;
    private final Draft draft;
    private final Decimal decimal = new Decimal();
    private final JsonText text = new JsonText();

    private byte[] in = new byte[0];
    private int pos;
    private int end;
    private int depth;

    /// Above zero while inside a value whose path is already rejected: read for its syntax only.
    private int muted;

    JsonScanner(SensorPath path, Draft draft) {
        this.path = path;
        this.draft = draft;
    }

    /// Reads a whole document.
    void read(byte[] payload) throws Unreadable {
        in = payload;
        pos = payload.length >= 3 && payload[0] == (byte) 0xef && payload[1] == (byte) 0xbb && payload[2] == (byte) 0xbf
                ? 3
                : 0;
        end = payload.length;
        depth = 0;
        muted = 0;
        space();
        switch (peek()) {
            case '{' -> element();
            case '[' -> batch();
            default -> bare();
        }
        space();
        if (pos < end) {
            throw malformed("the document ended before this");
        }
    }

    /// One object of sensors, with its own `ts`.
    private void element() throws Unreadable {
        object(true);
        draft.endElement();
    }

    /// An array at the top: objects are a batch, values are of the sensor that the topic names.
    private void batch() throws Unreadable {
        enter();
        space();
        if (peek() == ']') {
            leave();
            return;
        }
        int root = path.mark();
        for (int index = 0; ; index++) {
            draft.element(index);
            space();
            if (peek() == '{') {
                element();
            } else {
                boolean named = path.rooted() && path.down(index);
                if (!named) {
                    draft.reject(path.rooted() ? SensorPath.tooLong() : NameNeeded.IN_ARRAY);
                    muted++;
                }
                value();
                draft.endElement();
                muted -= named ? 0 : 1;
                path.back(root);
            }
            if (!more(']')) {
                return;
            }
        }
    }

    private void bare() throws Unreadable {
        if (!path.rooted()) {
            draft.reject(NameNeeded.BARE);
            muted++;
        }
        value();
        draft.endElement();
    }

    private void object(boolean timed) throws Unreadable {
        enter();
        space();
        if (peek() == '}') {
            leave();
            return;
        }
        int mark = path.mark();
        do {
            space();
            member(mark, timed);
            path.back(mark);
        } while (more('}'));
    }

    private void member(int mark, boolean timed) throws Unreadable {
        if (peek() != '"') {
            throw malformed("expected a key in quotes");
        }
        pos++;
        if (mark == 0 && muted == 0) {
            Known guess = path.guess();
            int length = guess.bytes.length;
            if (guess.key
                    && end - pos > length
                    && in[pos + length] == '"'
                    && Arrays.equals(in, pos, pos + length, guess.bytes, 0, length)) {
                pos += length + 1;
                colon();
                guessed(guess);
                return;
            }
        }
        pos = text.read(in, pos, end);
        byte[] key = text.bytes();
        int from = text.from();
        int to = text.to();
        colon();
        if (muted > 0) {
            value();
        } else if (timed && to - from == 2 && key[from] == 't' && key[from + 1] == 's') {
            time();
        } else if (to == from || text.broken() || !path.down(key, from, to)) {
            draft.reject(to == from && !text.broken() ? SensorPath.EMPTY : SensorPath.tooLong());
            muted++;
            value();
            muted--;
        } else {
            value();
        }
    }

    /// The value of a key that came as expected: a number needs no path.
    private void guessed(Known guess) throws Unreadable {
        byte c = peek();
        if (c == '-' || c >= '0' && c <= '9') {
            path.guessed(guess);
            number(guess.sensor);
        } else {
            path.down(guess.bytes, 0, guess.bytes.length);
            value();
        }
    }

    private void value() throws Unreadable {
        byte c = peek();
        switch (c) {
            case '{' -> object(false);
            case '[' -> array();
            case '"' -> text();
            case 't' -> bool(TRUE, true);
            case 'f' -> bool(FALSE, false);
            case 'n' -> literal(NULL);
            default -> {
                if (c != '-' && (c < '0' || c > '9')) {
                    throw malformed("expected a value");
                }
                number(muted == 0 ? sensor() : null);
            }
        }
    }

    private void array() throws Unreadable {
        enter();
        space();
        if (peek() == ']') {
            leave();
            return;
        }
        int mark = path.mark();
        int index = 0;
        do {
            space();
            if (muted == 0 && !path.down(index)) {
                draft.reject(SensorPath.tooLong());
                muted++;
                value();
                muted--;
            } else {
                value();
            }
            path.back(mark);
            index++;
        } while (more(']'));
    }

    private void number(@Nullable String sensor) throws Unreadable {
        int from = pos;
        double value = decimal();
        if (sensor == null) {
            return;
        }
        if (Double.isInfinite(value)) {
            draft.reject("the number of '" + sensor + "' is too large; the largest is about 1.8e308");
        } else if (Whole.mayDiffer(value) && decimal.whole()) {
            draft.whole(sensor, value, Whole.digits(new String(in, from, pos - from, ISO_8859_1), value));
        } else {
            draft.number(sensor, value);
        }
    }

    private double decimal() throws Unreadable {
        double value = decimal.read(in, pos, end);
        if (Double.isNaN(value)) {
            throw malformed("this is not a number");
        }
        pos = decimal.end();
        return value;
    }

    private void text() throws Unreadable {
        pos = text.read(in, pos + 1, end);
        String sensor = muted == 0 ? sensor() : null;
        if (sensor == null) {
            return;
        }
        if (text.tooLong()) {
            draft.rejectLongText(sensor);
        } else if (text.unpaired()) {
            draft.reject("the text of '" + sensor + "' has half of a surrogate pair; send the whole character");
        } else {
            draft.text(sensor, text.string());
        }
    }

    private void bool(byte[] word, boolean value) throws Unreadable {
        literal(word);
        String sensor = muted == 0 ? sensor() : null;
        if (sensor != null) {
            draft.bool(sensor, value);
        }
    }

    private void literal(byte[] word) throws Unreadable {
        if (end - pos < word.length || !Arrays.equals(in, pos, pos + word.length, word, 0, word.length)) {
            throw malformed("expected a value");
        }
        pos += word.length;
    }

    private void time() throws Unreadable {
        byte c = peek();
        if (c == '"') {
            pos = text.read(in, pos + 1, end);
            long micros = text.broken() ? Timestamps.NONE : Timestamps.ofIso(text.bytes(), text.from(), text.to());
            if (micros == Timestamps.NONE) {
                draft.measuredWrong(Timestamps.isoFault());
            } else {
                draft.measuredAt(micros);
            }
        } else if (c == '-' || c >= '0' && c <= '9') {
            double millis = decimal();
            long micros = Timestamps.ofMillis(millis);
            if (micros == Timestamps.NONE) {
                draft.measuredWrong(Timestamps.millisFault(millis));
            } else {
                draft.measuredAt(micros);
            }
        } else {
            if (c != 'n') {
                draft.measuredWrong(Timestamps.isoFault());
            }
            muted++;
            value();
            muted--;
        }
    }

    /// @return the sensor at the present path, or null after rejecting it
    private @Nullable String sensor() throws Unreadable {
        String sensor = path.sensor();
        if (sensor == null) {
            draft.reject(path.fault());
        }
        return sensor;
    }

    private void enter() throws Unreadable {
        pos++;
        if (++depth > DEPTH_MAX) {
            throw new Unreadable("nested deeper than " + DEPTH_MAX + " levels; flatten the payload");
        }
    }

    private void leave() {
        pos++;
        depth--;
    }

    /// Steps over `,`, or over the closing bracket.
    ///
    /// @return whether another element follows
    private boolean more(char close) throws Unreadable {
        space();
        byte c = peek();
        if (c == ',') {
            pos++;
            return true;
        }
        if (c == close) {
            leave();
            return false;
        }
        throw malformed("expected ',' or '" + close + "'");
    }

    private void colon() throws Unreadable {
        space();
        if (peek() != ':') {
            throw malformed("expected ':' after a key");
        }
        pos++;
        space();
    }

    private void space() {
        while (pos < end) {
            byte c = in[pos];
            if (c > ' ' || c < 0 || c != ' ' && c != '\n' && c != '\r' && c != '\t') {
                return;
            }
            pos++;
        }
    }

    private byte peek() throws Unreadable {
        if (pos >= end) {
            throw new Unreadable("the payload is not JSON: it ends at byte " + end + " in the middle");
        }
        return in[pos];
    }

    private Unreadable malformed(String why) {
        return JsonText.malformed(in, pos, end, why);
    }
}
