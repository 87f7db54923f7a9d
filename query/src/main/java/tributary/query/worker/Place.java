package tributary.query.worker;

import org.jspecify.annotations.Nullable;

/// A character of a statement.
///
/// @param line   from 1; 0 where it is not known
/// @param column from 1
record Place(int line, int column) {
    static final Place NONE = new Place(0, 0);

    /// @param offset in bytes of UTF-8, as the engine counts; as text, or null
    static Place at(String statement, @Nullable Object offset) {
        if (offset == null) {
            return NONE;
        }
        long wanted;
        try {
            wanted = Long.parseLong(offset.toString());
        } catch (NumberFormatException e) {
            return NONE;
        }
        int line = 1;
        int column = 1;
        long bytes = 0;
        for (int i = 0; i < statement.length() && bytes < wanted; ) {
            int c = statement.codePointAt(i);
            i += Character.charCount(c);
            bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
            column = c == '\n' ? 1 : column + 1;
            line += c == '\n' ? 1 : 0;
        }
        return new Place(line, column);
    }

    /// @return ` (line 1, column 8)`, or nothing where it is not known
    @Override
    public String toString() {
        return line == 0 ? "" : " (line " + line + ", column " + column + ")";
    }
}
