package tributary.query.worker;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.query.wire.Argument;

/// What the worker needs of an SQL engine; the one place to put another engine in.
///
/// One instance, in memory, locked: it reads only the folder it was opened with.
interface Engine extends AutoCloseable {
    /// @return a connection of its own; sessions run side by side
    Session session();

    @Override
    void close();

    /// One connection; used by one thread, except [#interrupt].
    interface Session extends AutoCloseable {
        /// Runs a statement of ours.
        void run(String statement) throws EngineException;

        /// @return the text in that column of the first row that a statement gives
        String ask(String statement, List<Argument> arguments, int column) throws EngineException;

        /// Starts a statement; `arguments` stand for its parameters.
        Answer query(String statement, List<Argument> arguments) throws EngineException;

        /// Any thread.
        ///
        /// @return how far the running statement is, in percent, or less than 0 where that is not known
        double progress();

        /// Appends `rows` to `table` of the schema `feed`.
        void append(String table, Chunks rows) throws EngineException;

        /// Any thread: asks the running statement to stop soon.
        void interrupt();

        @Override
        void close();
    }

    /// Rows on their way out, as an Arrow stream in the IPC format.
    interface Answer extends AutoCloseable {
        /// @return the columns' names and SQL types
        List<Column> columns();

        /// @return the message that opens the stream
        byte[] head();

        /// @return the next record batch as a message, or null at the end
        @Nullable
        Batch next() throws EngineException;

        @Override
        void close();
    }

    /// @param type the SQL name
    record Column(String name, String type) {}

    /// @param message its IPC message
    record Batch(int rows, byte[] message) {}

    /// Rows on their way in, chunk by chunk, straight into the engine's vectors.
    interface Chunks {
        /// @return the type of each column
        List<Type> types();

        /// @return how many rows there are
        int rows();

        /// Fills `into` with rows `from` to `from + count - 1`.
        void fill(Vectors into, int from, int count);
    }

    /// Column types that rows coming in may have.
    enum Type {
        BOOLEAN(1),
        INTEGER(4),
        BIGINT(5),
        DOUBLE(11),
        TIMESTAMP(12),
        VARCHAR(17),
        BLOB(18);

        private final int code;

        Type(int code) {
            this.code = code;
        }

        /// @return DuckDB's number for it
        int code() {
            return code;
        }
    }

    /// The vectors of one chunk.
    interface Vectors {
        void setInt(int column, int row, int value);

        void setLong(int column, int row, long value);

        void setDouble(int column, int row, double value);

        void setBytes(int column, int row, byte[] utf8);

        /// Copies the first cells of a column of fixed width, as they stand, little-endian.
        void setAll(int column, byte[] source, int at, int bytes);

        /// Gives the first cells the texts `names[index[from]]`, `names[index[from + 1]]` and so on.
        void setNames(int column, byte[][] names, int[] index, int from, int count);

        void setFlag(int column, int row, boolean value);

        void setNull(int column, int row);

        /// Makes every cell of the column null.
        void setAllNull(int column);
    }
}
