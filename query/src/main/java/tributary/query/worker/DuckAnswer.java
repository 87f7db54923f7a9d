package tributary.query.worker;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.query.wire.Failure;

/// A streaming result of DuckDB, turned into Arrow chunk by chunk.
final class DuckAnswer implements Engine.Answer {
    private static final long ARROW_SCHEMA_BYTES = 72;
    private static final long ARROW_ARRAY_BYTES = 80;
    private static final long ARROW_SCHEMA_RELEASE = 56;
    private static final long ARROW_ARRAY_RELEASE = 64;

    /// Types whose SQL name does not follow from their Arrow form.
    private static final Map<Integer, String> NAMES =
            Map.of(16, "HUGEINT", 20, "TIMESTAMP_S", 21, "TIMESTAMP_MS", 22, "TIMESTAMP_NS", 23, "ENUM", 27, "UUID");
    /// Types that have no faithful form in every output: UNION, BIT, TIME_TZ, UHUGEINT, BIGNUM and the like.
    private static final Set<Integer> WITHOUT_FORM = Set.of(28, 29, 30, 32, 35, 39, 40, 41, 42);

    private final Duck duck;
    private final DuckFunctions functions;
    private final Arena arena;
    private final MemorySegment result;
    private final MemorySegment options;
    private final List<Engine.Column> columns;
    private final ArrowSchema schema;
    private boolean closed;

    /// @param arena  given away, closed with this
    /// @param result given away, destroyed with this
    DuckAnswer(Duck duck, DuckFunctions functions, Arena arena, MemorySegment result) throws EngineException {
        this.duck = duck;
        this.functions = functions;
        this.arena = arena;
        this.result = result;
        this.options = arena.allocate(ValueLayout.JAVA_LONG);
        options.set(ValueLayout.JAVA_LONG, 0, Duck.call(functions.arrowOptions, result.address()));
        this.schema = readSchema();
        this.columns = name(schema);
    }

    @Override
    public List<Engine.Column> columns() {
        return columns;
    }

    @Override
    public byte[] head() {
        return schema.message();
    }

    @Override
    public Engine.@Nullable Batch next() throws EngineException {
        long chunk = duck.fetchChunk(result);
        if (chunk == 0) {
            String why = Duck.text(Duck.call(functions.resultError, result.address()));
            if (!why.isEmpty()) {
                throw ErrorText.of(why);
            }
            return null;
        }
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment handle = scratch.allocate(ValueLayout.JAVA_LONG);
            handle.set(ValueLayout.JAVA_LONG, 0, chunk);
            try {
                int rows = (int) Duck.call(functions.chunkSize, chunk);
                if (rows == 0) {
                    return null;
                }
                MemorySegment array = scratch.allocate(ARROW_ARRAY_BYTES);
                check(Duck.call(functions.toArrow, options.get(ValueLayout.JAVA_LONG, 0), chunk, array.address()));
                byte[] message = new ArrowBatch(schema).message(array);
                duck.release(array.get(ValueLayout.JAVA_LONG, ARROW_ARRAY_RELEASE), array.address());
                return new Engine.Batch(rows, message);
            } finally {
                Duck.call(functions.destroyChunk, handle.address());
            }
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Duck.call(functions.destroyArrowOptions, options.address());
            Duck.call(functions.destroyResult, result.address());
            arena.close();
        }
    }

    private ArrowSchema readSchema() throws EngineException {
        int count = (int) Duck.call(functions.columnCount, result.address());
        MemorySegment types = arena.allocate(ValueLayout.JAVA_LONG, count);
        MemorySegment names = arena.allocate(ValueLayout.JAVA_LONG, count);
        for (int i = 0; i < count; i++) {
            names.setAtIndex(ValueLayout.JAVA_LONG, i, Duck.call(functions.columnName, result.address(), i));
            types.setAtIndex(ValueLayout.JAVA_LONG, i, Duck.call(functions.columnLogicalType, result.address(), i));
        }
        MemorySegment struct = arena.allocate(ARROW_SCHEMA_BYTES);
        try {
            check(Duck.call(
                    functions.toArrowSchema,
                    options.get(ValueLayout.JAVA_LONG, 0),
                    types.address(),
                    names.address(),
                    count,
                    struct.address()));
        } finally {
            for (int i = 0; i < count; i++) {
                Duck.call(functions.destroyLogicalType, types.address() + 8L * i);
            }
        }
        ArrowSchema read = ArrowSchema.read(struct);
        duck.release(struct.get(ValueLayout.JAVA_LONG, ARROW_SCHEMA_RELEASE), struct.address());
        return read;
    }

    private List<Engine.Column> name(ArrowSchema read) throws EngineException {
        List<Engine.Column> named = new ArrayList<>();
        for (int i = 0; i < read.fields().size(); i++) {
            ArrowSchema.Item field = read.fields().get(i);
            int type = (int) Duck.call(functions.columnType, result.address(), i);
            if (WITHOUT_FORM.contains(type)) {
                throw new EngineException(
                        Failure.WRONG,
                        "column \"" + field.name() + "\" has a type that not every output can carry: cast it, "
                                + "CAST(... AS VARCHAR)");
            }
            named.add(new Engine.Column(field.name(), NAMES.getOrDefault(type, field.sqlType())));
        }
        return List.copyOf(named);
    }

    private void check(long error) throws EngineException {
        if (error == 0) {
            return;
        }
        try (Arena scratch = Arena.ofConfined()) {
            boolean failed = (Duck.call(functions.errorHas, error) & 1) == 1;
            String why = Duck.text(Duck.call(functions.errorMessage, error));
            MemorySegment handle = scratch.allocate(ValueLayout.JAVA_LONG);
            handle.set(ValueLayout.JAVA_LONG, 0, error);
            Duck.call(functions.destroyError, handle.address());
            if (failed) {
                throw ErrorText.of(why);
            }
        }
    }
}
