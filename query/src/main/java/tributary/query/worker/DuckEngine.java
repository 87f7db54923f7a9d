package tributary.query.worker;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;

/// One DuckDB instance in memory.
final class DuckEngine implements Engine {
    private final Duck duck;
    private final DuckFunctions functions;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment database = arena.allocate(ValueLayout.JAVA_LONG);

    /// @param config settings by name, fixed while it lives
    DuckEngine(Duck duck, Map<String, String> config) {
        this.duck = duck;
        this.functions = new DuckFunctions(duck);
        open(config);
    }

    @Override
    public Session session() {
        return new DuckSession(duck, functions, database.get(ValueLayout.JAVA_LONG, 0));
    }

    @Override
    public void close() {
        Duck.call(duck.function("duckdb_close", 1), database.address());
        arena.close();
    }

    private void open(Map<String, String> config) {
        MethodHandle setConfig = duck.function("duckdb_set_config", 3);
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment handle = scratch.allocate(ValueLayout.JAVA_LONG);
            Duck.call(duck.function("duckdb_create_config", 1), handle.address());
            for (Map.Entry<String, String> entry : config.entrySet()) {
                MemorySegment name = scratch.allocateFrom(entry.getKey());
                MemorySegment value = scratch.allocateFrom(entry.getValue());
                int state = (int)
                        Duck.call(setConfig, handle.get(ValueLayout.JAVA_LONG, 0), name.address(), value.address());
                if (state != Duck.SUCCESS) {
                    throw new IllegalStateException("the engine has no setting " + entry.getKey());
                }
            }
            MemorySegment error = scratch.allocate(ValueLayout.JAVA_LONG);
            int state = (int) Duck.call(
                    duck.function("duckdb_open_ext", 4),
                    scratch.allocateFrom(":memory:").address(),
                    database.address(),
                    handle.get(ValueLayout.JAVA_LONG, 0),
                    error.address());
            Duck.call(duck.function("duckdb_destroy_config", 1), handle.address());
            if (state != Duck.SUCCESS) {
                throw new IllegalStateException(
                        "the engine did not open: " + Duck.text(error.get(ValueLayout.JAVA_LONG, 0)));
            }
        }
    }
}
