package tributary.query.wire;

/// What a frame is. The ordinal is on the wire; both ends are always of the same build.
public enum Kind {
    /// To the worker, first of all: [Setup].
    SETUP,
    /// To the worker: rows of a hot segment, answered by `APPLIED`.
    HOT,
    /// To the worker: what the tables consist of now ([Tables]), answered by `APPLIED`.
    TABLES,
    /// To the worker: rows of one of the small tables, answered by `APPLIED`.
    ROWS,
    /// To the worker: rows of a hot segment of a table beside readings, answered by `APPLIED`.
    SIDE,
    /// To the worker: the views of device types ([Views]), answered by `APPLIED`.
    VIEWS,
    /// To the worker: a tenant's statement ([SqlAsk]).
    SQL,
    /// To the worker: a read of series.
    SERIES,
    /// To the worker: its reader took one `BATCH` more.
    CREDIT,
    /// To the worker: the files that a query asked for are there.
    HAVE,
    /// To the worker: give the query up; answered by `FAILED` or `END`.
    CANCEL,
    /// To main: set up, walls stand; says which ones.
    READY,
    /// To main: a frame of data is in the tables.
    APPLIED,
    /// To main: the files that a query reads ([Needed]), where they have to be fetched; answered by `HAVE`.
    NEED,
    /// To main: names and types of the columns, then the head of an Arrow stream.
    SCHEMA,
    /// To main: record batches of the Arrow stream.
    BATCH,
    /// To main: how far a query is, in percent.
    PROGRESS,
    /// To main: the answer is complete.
    END,
    /// To main: the query failed; reason and text.
    FAILED
}
