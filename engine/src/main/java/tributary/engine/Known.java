package tributary.engine;

/// Somebody knows of an alert.
///
/// @param atMillis since when
record Known(long atMillis, Step.Change.Acknowledged alert) {}
