package tributary.sinks;

/// One mistake in a definition.
///
/// @param where `/config/url`
/// @param what  what is wrong and what would be right
public record SinkFlaw(String where, String what) {}
