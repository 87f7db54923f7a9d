package tributary.query.worker;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Arrays;

/// DuckDB's C interface, as far as this worker uses it. Handles and pointers are plain addresses.
///
/// The C interface and not JDBC, because the worker must start fast, stay small and write nothing: no unpacking of
/// the library, no Java Arrow library, and vectors are filled in place. Signatures: `duckdb.h` of DuckDB 2.0.
final class Duck {
    static final int SUCCESS = 0;

    /// `duckdb_result`: six words, the last of which is the result itself.
    static final MemoryLayout RESULT = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG);

    /// `duckdb_query_progress_type`: percent, rows done, rows in all.
    private static final MemoryLayout PROGRESS =
            MemoryLayout.structLayout(ValueLayout.JAVA_DOUBLE, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG);

    private static final AddressLayout POINTER = ValueLayout.ADDRESS;

    private final Linker linker = Linker.nativeLinker();
    private final SymbolLookup library;

    private final MethodHandle vectorGetData;
    private final MethodHandle vectorGetValidity;
    private final MethodHandle assignString;
    private final MethodHandle fetchChunk;
    private final MethodHandle bindDouble;
    private final MethodHandle queryProgress;

    /// @param file the library
    Duck(Path file) {
        this.library = SymbolLookup.libraryLookup(file, Arena.global());
        this.vectorGetData = find("duckdb_vector_get_data", words(1));
        this.vectorGetValidity = find("duckdb_vector_get_validity", words(1));
        this.assignString = find("duckdb_vector_assign_string_element_len", words(4));
        this.fetchChunk = find("duckdb_fetch_chunk", FunctionDescriptor.of(ValueLayout.JAVA_LONG, RESULT));
        this.bindDouble = find(
                "duckdb_bind_double",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_DOUBLE));
        this.queryProgress = find("duckdb_query_progress", FunctionDescriptor.of(PROGRESS, ValueLayout.JAVA_LONG));
    }

    /// @return a function of `arguments` words that gives a word; whoever asks for a function that gives an `int`
    ///         takes the lower half
    MethodHandle function(String name, int arguments) {
        return find(name, words(arguments));
    }

    long vectorData(long vector) {
        try {
            return (long) vectorGetData.invokeExact(vector);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /// @return the validity mask, writable
    long vectorValidity(long vector) {
        try {
            return (long) vectorGetValidity.invokeExact(vector);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    void assignString(long vector, long row, long text, long bytes) {
        try {
            long _ = (long) assignString.invokeExact(vector, row, text, bytes);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /// @return the next chunk of rows, or 0 at the end or after an error
    long fetchChunk(MemorySegment result) {
        try {
            return (long) fetchChunk.invokeExact(result);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    void bindDouble(long prepared, long index, double value) {
        try {
            long _ = (long) bindDouble.invokeExact(prepared, index, value);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /// @return how far the connection's statement is, in percent, or less than 0
    double progress(long connection) {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment answer = (MemorySegment) queryProgress.invokeExact((SegmentAllocator) scratch, connection);
            return answer.get(ValueLayout.JAVA_DOUBLE, 0);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /// Calls a function whose arguments and result are words.
    static long call(MethodHandle function, long... arguments) {
        try {
            return switch (arguments.length) {
                case 0 -> (long) function.invokeExact();
                case 1 -> (long) function.invokeExact(arguments[0]);
                case 2 -> (long) function.invokeExact(arguments[0], arguments[1]);
                case 3 -> (long) function.invokeExact(arguments[0], arguments[1], arguments[2]);
                case 4 -> (long) function.invokeExact(arguments[0], arguments[1], arguments[2], arguments[3]);
                case 5 ->
                    (long) function.invokeExact(arguments[0], arguments[1], arguments[2], arguments[3], arguments[4]);
                default -> throw new IllegalArgumentException("no function has " + arguments.length + " arguments");
            };
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /// Calls a function pointer of C that takes one pointer and gives nothing, such as `release`.
    void release(long function, long argument) {
        MethodHandle release =
                linker.downcallHandle(MemorySegment.ofAddress(function), FunctionDescriptor.ofVoid(POINTER));
        try {
            release.invokeExact(MemorySegment.ofAddress(argument));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /// @return the text at `address`, or "" where there is none
    static String text(long address) {
        return address == 0 ? "" : at(address, Long.MAX_VALUE).getString(0);
    }

    /// @return the memory from `address` on
    static MemorySegment at(long address, long bytes) {
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }

    private MethodHandle find(String name, FunctionDescriptor signature) {
        MemorySegment address = library.find(name)
                .orElseThrow(() -> new IllegalStateException("the engine's library has no function " + name));
        return linker.downcallHandle(address, signature);
    }

    private static FunctionDescriptor words(int arguments) {
        ValueLayout[] layouts = new ValueLayout[arguments];
        Arrays.fill(layouts, ValueLayout.JAVA_LONG);
        return FunctionDescriptor.of(ValueLayout.JAVA_LONG, layouts);
    }

    /// A downcall throws only where its handle was made or called wrongly: a bug.
    private static IllegalStateException broken(Throwable cause) {
        return new IllegalStateException("a call of the engine's library failed: " + cause, cause);
    }
}
