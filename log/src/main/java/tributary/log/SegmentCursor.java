package tributary.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import tributary.model.DiskFile;

/// Walks the records of one segment file through a window of it, and tells sound records from anything else.
///
/// For one thread at a time.
final class SegmentCursor implements AutoCloseable {
    private static final int WINDOW_BYTES = 256 * 1024;

    /// Longer than any record that is ever written; a length field above it is damage.
    static final int RECORD_BYTES_MAX = 64 << 20;

    private final DiskFile file;
    private final long key;
    private final boolean checked;

    private byte[] window;
    private long windowOffset;
    private int windowLength;
    private int at;

    // The record that the last good look found.
    private int length;
    private long word;

    /// @param checked whether checks are compared; always true but for a planted flaw
    SegmentCursor(DiskFile file, long key, boolean checked) throws IOException {
        this.window = new byte[(int) Math.max(SegmentHeader.BYTES, Math.min(WINDOW_BYTES, file.size()))];
        this.file = file;
        this.key = key;
        this.checked = checked;
    }

    /// Goes to `offset` and forgets what was read, which may have been written since.
    void moveTo(long offset) {
        windowOffset = offset;
        windowLength = 0;
        at = 0;
    }

    /// @return the offset of the record that is looked at
    long offset() {
        return windowOffset + at;
    }

    /// Looks whether a sound record begins here whose position is from `least` to `most`.
    boolean look(long least, long most) throws IOException {
        return look(least, most, 0);
    }

    /// Looks whether a sound marker is here.
    boolean lookForMarker() throws IOException {
        return look(0, RecordFormat.POSITION_MASK, RecordFormat.MARKER);
    }

    /// @param kind [RecordFormat#MARKER] or 0 for a message
    private boolean look(long least, long most, long kind) throws IOException {
        if (!have(RecordFormat.HEADER_BYTES)) {
            return false;
        }
        int candidate = RecordFormat.intAt(window, at);
        if (candidate < RecordFormat.HEADER_BYTES || candidate > RECORD_BYTES_MAX) {
            return false;
        }
        long candidateWord = RecordFormat.longAt(window, at + RecordFormat.WORD_AT);
        long position = candidateWord & RecordFormat.POSITION_MASK;
        long flags = candidateWord & ~RecordFormat.POSITION_MASK;
        boolean bare = candidate == RecordFormat.HEADER_BYTES;
        long kindFound = flags & ~RecordFormat.GROUP_START;
        if (position < least
                || position > most
                || kindFound != kind
                || bare != (kind == RecordFormat.MARKER)
                || !have(candidate)) {
            return false;
        }
        int sound = RecordFormat.bodyCheck(window, at, candidate) ^ RecordFormat.seal(key, candidateWord, candidate);
        if (checked && RecordFormat.intAt(window, at + RecordFormat.CHECK_AT) != sound) {
            return false;
        }
        length = candidate;
        word = candidateWord;
        return true;
    }

    /// Looks from the next byte on for a sound record whose position is from `least` to `most`.
    boolean search(long least, long most) throws IOException {
        while (have(RecordFormat.HEADER_BYTES + 1)) {
            at++;
            if (look(least, most)) {
                return true;
            }
        }
        return false;
    }

    /// Steps over the record that was found.
    void next() {
        at += length;
    }

    long position() {
        return word & RecordFormat.POSITION_MASK;
    }

    boolean startsGroup() {
        return (word & RecordFormat.GROUP_START) != 0;
    }

    long receivedMicros() {
        return MessageDecoder.receivedMicros(window, at);
    }

    /// @return the window that the record found lies in, at [#index]; lent until the next call
    byte[] bytes() {
        return window;
    }

    int index() {
        return at;
    }

    int length() {
        return length;
    }

    /// @return whether the record at the cursor, should one be there, is in memory already
    boolean near() {
        int left = windowLength - at;
        if (left < RecordFormat.HEADER_BYTES) {
            return false;
        }
        int candidate = RecordFormat.intAt(window, at);
        return candidate >= RecordFormat.HEADER_BYTES && candidate <= left;
    }

    /// Brings `count` bytes from the cursor on into the window; false where the file ends before.
    private boolean have(int count) throws IOException {
        if (windowLength - at >= count) {
            return true;
        }
        System.arraycopy(window, at, window, 0, windowLength - at);
        windowOffset += at;
        windowLength -= at;
        at = 0;
        if (window.length < count) {
            window = Arrays.copyOf(window, Math.max(count, window.length * 2));
        }
        ByteBuffer free = ByteBuffer.wrap(window);
        while (windowLength < count) {
            free.limit(window.length).position(windowLength);
            int read = file.read(free, windowOffset + windowLength);
            if (read < 0) {
                return false;
            }
            windowLength += read;
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
