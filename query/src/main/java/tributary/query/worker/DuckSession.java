package tributary.query.worker;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tributary.query.wire.Argument;
import tributary.query.wire.Failure;

/// One connection to the instance.
final class DuckSession implements Engine.Session {
    /// Rows of a chunk, DuckDB's vector size.
    private static final int CHUNK_ROWS = 2048;

    private final Duck duck;
    private final DuckFunctions functions;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment connection = arena.allocate(ValueLayout.JAVA_LONG);

    DuckSession(Duck duck, DuckFunctions functions, long database) {
        this.duck = duck;
        this.functions = functions;
        if ((int) Duck.call(functions.connect, database, connection.address()) != Duck.SUCCESS) {
            throw new IllegalStateException("the engine gives no connection");
        }
    }

    @Override
    public void run(String statement) throws EngineException {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment prepared = prepare(scratch, statement, List.of());
            MemorySegment result = scratch.allocate(Duck.RESULT);
            try {
                start(functions.executeWhole, prepared, result);
            } finally {
                Duck.call(functions.destroyResult, result.address());
                Duck.call(functions.destroyPrepare, prepared.address());
            }
        }
    }

    @Override
    public String ask(String statement, List<Argument> arguments, int column) throws EngineException {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment prepared = prepare(scratch, statement, arguments);
            MemorySegment result = scratch.allocate(Duck.RESULT);
            try {
                start(functions.executeWhole, prepared, result);
                long text = Duck.call(functions.valueText, result.address(), column, 0);
                String value = Duck.text(text);
                Duck.call(functions.free, text);
                return value;
            } finally {
                Duck.call(functions.destroyResult, result.address());
                Duck.call(functions.destroyPrepare, prepared.address());
            }
        }
    }

    @Override
    public Engine.Answer query(String statement, List<Argument> arguments) throws EngineException {
        Arena lives = Arena.ofConfined();
        boolean started = false;
        MemorySegment result = lives.allocate(Duck.RESULT);
        try {
            MemorySegment prepared = prepare(lives, statement, arguments);
            try {
                start(functions.execute, prepared, result);
            } finally {
                Duck.call(functions.destroyPrepare, prepared.address());
            }
            Engine.Answer answer = new DuckAnswer(duck, functions, lives, result);
            started = true;
            return answer;
        } finally {
            if (!started) {
                Duck.call(functions.destroyResult, result.address());
                lives.close();
            }
        }
    }

    @Override
    public void append(String table, Engine.Chunks rows) throws EngineException {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment appender = scratch.allocate(ValueLayout.JAVA_LONG);
            int state = (int) Duck.call(
                    functions.createAppender,
                    handle(),
                    0,
                    scratch.allocateFrom("feed").address(),
                    scratch.allocateFrom(table).address(),
                    appender.address());
            try {
                if (state != Duck.SUCCESS) {
                    throw appenderFailure(appender);
                }
                appendAll(scratch, appender, rows);
            } finally {
                int closed = (int) Duck.call(functions.destroyAppender, appender.address());
                if (closed != Duck.SUCCESS && state == Duck.SUCCESS) {
                    throw new EngineException(
                            Failure.TOO_LARGE, "the newest rows do not fit into the query worker's memory");
                }
            }
        }
    }

    @Override
    public void interrupt() {
        Duck.call(functions.interrupt, handle());
    }

    @Override
    public double progress() {
        return duck.progress(handle());
    }

    @Override
    public void close() {
        Duck.call(functions.disconnect, connection.address());
        arena.close();
    }

    private void appendAll(Arena scratch, MemorySegment appender, Engine.Chunks rows) throws EngineException {
        List<Engine.Type> types = rows.types();
        MemorySegment logical = scratch.allocate(ValueLayout.JAVA_LONG, types.size());
        for (int i = 0; i < types.size(); i++) {
            logical.setAtIndex(
                    ValueLayout.JAVA_LONG,
                    i,
                    Duck.call(functions.createLogicalType, types.get(i).code()));
        }
        MemorySegment chunk = scratch.allocate(ValueLayout.JAVA_LONG);
        chunk.set(ValueLayout.JAVA_LONG, 0, Duck.call(functions.createChunk, logical.address(), types.size()));
        long chunkHandle = chunk.get(ValueLayout.JAVA_LONG, 0);
        DuckVectors vectors = new DuckVectors(duck, functions, chunkHandle, types);
        try {
            for (int from = 0; from < rows.rows(); from += CHUNK_ROWS) {
                int count = Math.min(CHUNK_ROWS, rows.rows() - from);
                Duck.call(functions.resetChunk, chunkHandle);
                vectors.renew();
                rows.fill(vectors, from, count);
                Duck.call(functions.setChunkSize, chunkHandle, count);
                long target = appender.get(ValueLayout.JAVA_LONG, 0);
                if ((int) Duck.call(functions.appendChunk, target, chunkHandle) != Duck.SUCCESS) {
                    throw appenderFailure(appender);
                }
            }
        } finally {
            vectors.close();
            Duck.call(functions.destroyChunk, chunk.address());
            for (int i = 0; i < types.size(); i++) {
                Duck.call(functions.destroyLogicalType, logical.address() + 8L * i);
            }
        }
    }

    private EngineException appenderFailure(MemorySegment appender) {
        String text = Duck.text(Duck.call(functions.appenderError, appender.get(ValueLayout.JAVA_LONG, 0)));
        return ErrorText.of(text);
    }

    private MemorySegment prepare(Arena scratch, String statement, List<Argument> arguments) throws EngineException {
        MemorySegment prepared = scratch.allocate(ValueLayout.JAVA_LONG);
        MemorySegment text = scratch.allocateFrom(statement);
        int state = (int) Duck.call(functions.prepare, handle(), text.address(), prepared.address());
        long address = prepared.get(ValueLayout.JAVA_LONG, 0);
        if (state != Duck.SUCCESS) {
            String why = Duck.text(Duck.call(functions.prepareError, address));
            Duck.call(functions.destroyPrepare, prepared.address());
            throw ErrorText.of(why);
        }
        for (Argument argument : arguments) {
            bind(scratch, address, argument);
        }
        return prepared;
    }

    private void bind(Arena scratch, long prepared, Argument argument) {
        MemorySegment index = scratch.allocate(ValueLayout.JAVA_LONG);
        long name = scratch.allocateFrom(argument.name()).address();
        if ((int) Duck.call(functions.parameterIndex, prepared, index.address(), name) != Duck.SUCCESS) {
            throw new IllegalStateException("the gate let a statement pass without parameter " + argument.name());
        }
        long at = index.get(ValueLayout.JAVA_LONG, 0);
        switch (argument.value()) {
            case null -> Duck.call(functions.bindNull, prepared, at);
            case Long whole -> Duck.call(functions.bindWhole, prepared, at, whole);
            case Double number -> duck.bindDouble(prepared, at, number);
            case Boolean flag -> Duck.call(functions.bindFlag, prepared, at, flag ? 1 : 0);
            case Object text -> {
                byte[] utf8 = text.toString().getBytes(StandardCharsets.UTF_8);
                MemorySegment bytes = scratch.allocate(Math.max(1, utf8.length));
                MemorySegment.copy(utf8, 0, bytes, ValueLayout.JAVA_BYTE, 0, utf8.length);
                Duck.call(functions.bindText, prepared, at, bytes.address(), utf8.length);
            }
        }
    }

    private void start(MethodHandle execute, MemorySegment prepared, MemorySegment result) throws EngineException {
        int state = (int) Duck.call(execute, prepared.get(ValueLayout.JAVA_LONG, 0), result.address());
        if (state != Duck.SUCCESS) {
            String why = Duck.text(Duck.call(functions.resultError, result.address()));
            throw ErrorText.of(why);
        }
    }

    private long handle() {
        return connection.get(ValueLayout.JAVA_LONG, 0);
    }
}
