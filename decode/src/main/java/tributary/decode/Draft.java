package tributary.decode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The readings of one message, held back until the whole payload is read: `ts` may come after the values that it
/// belongs to, and a payload that breaks off in the middle gives nothing.
///
/// Columns that are used again and again; nothing is allocated once they have grown to the usual message.
final class Draft {
    /// More readings than this in one message are refused.
    static final int READINGS_MAX = 10_000;

    /// Longest text value, bytes in UTF-8.
    static final int TEXT_BYTES_MAX = 4096;

    private static final byte NUMBER = 0;
    private static final byte TRUE = 1;
    private static final byte FALSE = 2;
    private static final byte TEXT = 3;
    private static final byte WHOLE = 4;

    /// What could not be read, with the element that it was in.
    private record Rejection(int index, String reason) {}

    private String[] sensors = new String[64];
    private long[] tsMicros = new long[64];
    private double[] numbers = new double[64];
    private @Nullable String[] texts = new @Nullable String[64];
    private byte[] kinds = new byte[64];
    private int size;
    private final List<Rejection> rejections = new ArrayList<>();

    private long arrivalMicros;
    private int elementIndex;
    private int elementStart;
    private long elementMicros;
    private @Nullable String elementFault;

    /// Begins a message.
    void begin(long receivedMicros) {
        arrivalMicros = receivedMicros;
        clear();
    }

    /// Forgets everything read so far.
    void clear() {
        Arrays.fill(texts, 0, size, null);
        size = 0;
        rejections.clear();
        element(0);
    }

    long arrivalMicros() {
        return arrivalMicros;
    }

    /// Begins the next element: an object of a batch, a record, a line. Its readings are measured at arrival until
    /// [#measuredAt] says otherwise.
    void element(int index) {
        elementIndex = index;
        elementStart = size;
        elementMicros = arrivalMicros;
        elementFault = null;
    }

    void measuredAt(long micros) {
        elementMicros = micros;
        elementFault = null;
    }

    /// Says that the element's time cannot be read: it is rejected as a whole when it ends.
    void measuredWrong(String reason) {
        elementFault = reason;
    }

    void endElement() throws Unreadable {
        if (elementFault != null) {
            dropElement();
            reject(elementFault);
            elementFault = null;
        }
        Arrays.fill(tsMicros, elementStart, size, elementMicros);
        elementStart = size;
    }

    /// Takes back the readings of the element so far.
    void dropElement() {
        Arrays.fill(texts, elementStart, size, null);
        size = elementStart;
    }

    void number(String sensor, double value) throws Unreadable {
        if (Double.isFinite(value)) {
            int at = next(sensor, NUMBER);
            numbers[at] = value;
        } else {
            reject("'" + sensor + "' is not a finite number; leave it out or send null");
        }
    }

    /// @param value  the double that is nearest
    /// @param digits of the whole number that it is, or null where `value` is the number itself
    void whole(String sensor, double value, @Nullable String digits) throws Unreadable {
        if (digits == null) {
            number(sensor, value);
        } else {
            int at = next(sensor, WHOLE);
            numbers[at] = value;
            texts[at] = digits;
        }
    }

    void bool(String sensor, boolean value) throws Unreadable {
        next(sensor, value ? TRUE : FALSE);
    }

    void text(String sensor, String value) throws Unreadable {
        if (value.indexOf('\0') >= 0) {
            reject("the text of '" + sensor + "' has a NUL character; leave it out");
        } else {
            int at = next(sensor, TEXT);
            texts[at] = value;
        }
    }

    /// Notes a part of the current element that cannot be a reading.
    void reject(String reason) throws Unreadable {
        if (rejections.size() + size >= READINGS_MAX) {
            throw tooMany();
        }
        rejections.add(new Rejection(elementIndex, reason));
    }

    void rejectLongText(String sensor) throws Unreadable {
        reject("the text of '" + sensor + "' has more than " + TEXT_BYTES_MAX + " bytes; send a shorter one");
    }

    private int next(String sensor, byte kind) throws Unreadable {
        if (size + rejections.size() >= READINGS_MAX) {
            throw tooMany();
        }
        if (size == sensors.length) {
            grow();
        }
        sensors[size] = sensor;
        kinds[size] = kind;
        return size++;
    }

    private static Unreadable tooMany() {
        return new Unreadable("more than 10,000 readings in one message; send them as several messages");
    }

    private void grow() {
        int length = sensors.length * 2;
        sensors = Arrays.copyOf(sensors, length);
        tsMicros = Arrays.copyOf(tsMicros, length);
        numbers = Arrays.copyOf(numbers, length);
        texts = Arrays.copyOf(texts, length);
        kinds = Arrays.copyOf(kinds, length);
    }

    /// Tells the sink everything, readings first.
    void deliver(ReadingSink sink) {
        for (int i = 0; i < size; i++) {
            switch (kinds[i]) {
                case NUMBER -> sink.number(sensors[i], tsMicros[i], numbers[i]);
                case TRUE -> sink.bool(sensors[i], tsMicros[i], true);
                case FALSE -> sink.bool(sensors[i], tsMicros[i], false);
                case TEXT -> sink.text(sensors[i], tsMicros[i], String.valueOf(texts[i]));
                case WHOLE -> sink.whole(sensors[i], tsMicros[i], numbers[i], String.valueOf(texts[i]));
                default -> throw new IllegalStateException("no kind " + kinds[i]);
            }
        }
        for (Rejection rejection : rejections) {
            sink.rejected(rejection.index(), rejection.reason());
        }
    }
}
