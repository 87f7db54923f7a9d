package tributary.query.worker;

import java.lang.invoke.MethodHandle;

/// The functions of the C interface that sessions and answers call, found once.
final class DuckFunctions {
    final MethodHandle connect;
    final MethodHandle disconnect;
    final MethodHandle interrupt;
    final MethodHandle prepare;
    final MethodHandle prepareError;
    final MethodHandle destroyPrepare;
    final MethodHandle bindText;
    final MethodHandle execute;
    final MethodHandle executeWhole;
    final MethodHandle resultError;
    final MethodHandle destroyResult;
    final MethodHandle valueText;
    final MethodHandle free;
    final MethodHandle columnCount;
    final MethodHandle columnName;
    final MethodHandle columnType;
    final MethodHandle columnLogicalType;
    final MethodHandle destroyLogicalType;
    final MethodHandle createLogicalType;
    final MethodHandle arrowOptions;
    final MethodHandle destroyArrowOptions;
    final MethodHandle toArrowSchema;
    final MethodHandle toArrow;
    final MethodHandle errorMessage;
    final MethodHandle errorHas;
    final MethodHandle destroyError;
    final MethodHandle createChunk;
    final MethodHandle destroyChunk;
    final MethodHandle resetChunk;
    final MethodHandle chunkVector;
    final MethodHandle chunkSize;
    final MethodHandle setChunkSize;
    final MethodHandle validityWritable;
    final MethodHandle createAppender;
    final MethodHandle appendChunk;
    final MethodHandle destroyAppender;
    final MethodHandle appenderError;

    DuckFunctions(Duck duck) {
        connect = duck.function("duckdb_connect", 2);
        disconnect = duck.function("duckdb_disconnect", 1);
        interrupt = duck.function("duckdb_interrupt", 1);
        prepare = duck.function("duckdb_prepare", 3);
        prepareError = duck.function("duckdb_prepare_error", 1);
        destroyPrepare = duck.function("duckdb_destroy_prepare", 1);
        bindText = duck.function("duckdb_bind_varchar_length", 4);
        execute = duck.function("duckdb_execute_prepared_streaming", 2);
        executeWhole = duck.function("duckdb_execute_prepared", 2);
        resultError = duck.function("duckdb_result_error", 1);
        destroyResult = duck.function("duckdb_destroy_result", 1);
        valueText = duck.function("duckdb_value_varchar", 3);
        free = duck.function("duckdb_free", 1);
        columnCount = duck.function("duckdb_column_count", 1);
        columnName = duck.function("duckdb_column_name", 2);
        columnType = duck.function("duckdb_column_type", 2);
        columnLogicalType = duck.function("duckdb_column_logical_type", 2);
        destroyLogicalType = duck.function("duckdb_destroy_logical_type", 1);
        createLogicalType = duck.function("duckdb_create_logical_type", 1);
        arrowOptions = duck.function("duckdb_result_get_arrow_options", 1);
        destroyArrowOptions = duck.function("duckdb_destroy_arrow_options", 1);
        toArrowSchema = duck.function("duckdb_to_arrow_schema", 5);
        toArrow = duck.function("duckdb_data_chunk_to_arrow", 3);
        errorMessage = duck.function("duckdb_error_data_message", 1);
        errorHas = duck.function("duckdb_error_data_has_error", 1);
        destroyError = duck.function("duckdb_destroy_error_data", 1);
        createChunk = duck.function("duckdb_create_data_chunk", 2);
        destroyChunk = duck.function("duckdb_destroy_data_chunk", 1);
        resetChunk = duck.function("duckdb_data_chunk_reset", 1);
        chunkVector = duck.function("duckdb_data_chunk_get_vector", 2);
        chunkSize = duck.function("duckdb_data_chunk_get_size", 1);
        setChunkSize = duck.function("duckdb_data_chunk_set_size", 2);
        validityWritable = duck.function("duckdb_vector_ensure_validity_writable", 1);
        createAppender = duck.function("duckdb_appender_create_ext", 5);
        appendChunk = duck.function("duckdb_append_data_chunk", 2);
        destroyAppender = duck.function("duckdb_appender_destroy", 1);
        appenderError = duck.function("duckdb_appender_error", 1);
    }
}
