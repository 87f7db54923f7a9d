package tributary.gateway;

/// What became of events since start.
///
/// @param written  durable in the log
/// @param failed   refused by the log
/// @param dropped  not taken, because too many waited
/// @param withheld refusals that have no event of their own, because their tenant has too many
/// @param waiting  not in the log yet
public record EventCounts(long written, long failed, long dropped, long withheld, long waiting) {}
