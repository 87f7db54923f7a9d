package tributary.query.wire;

/// Where the cells of hot rows stand in a frame: column after column, texts last.
///
/// @param start where the first column begins
public record HotLayout(int start, int rows) {
    public static final int HAS_VALUE = 1;
    public static final int HAS_TEXT = 2;
    public static final int LATE = 4;
    /// A row without its texts.
    public static final int ROW_BYTES = 4 + 4 + 8 + 8 + 8 + 4 + 8 + 1;

    public int device(int row) {
        return start + 4 * row;
    }

    public int sensor(int row) {
        return start + 4 * (rows + row);
    }

    public int part(int row) {
        return start + 4 * (2 * rows + row);
    }

    public int ts(int row) {
        return start + 12 * rows + 8 * row;
    }

    public int value(int row) {
        return start + 20 * rows + 8 * row;
    }

    public int received(int row) {
        return start + 28 * rows + 8 * row;
    }

    public int position(int row) {
        return start + 36 * rows + 8 * row;
    }

    public int flags(int row) {
        return start + 44 * rows + row;
    }

    /// @return where the texts begin: length and UTF-8 of each row that has one
    public int texts() {
        return start + ROW_BYTES * rows;
    }
}
