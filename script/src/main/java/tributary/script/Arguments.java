package tributary.script;

/// What a function is called with.
///
/// @param json      its values, a JSON array
/// @param undefined the places in it that are undefined, parted by commas
/// @param nowMillis what time it is for the function
/// @param chance    what its chance begins with
public record Arguments(String json, String undefined, long nowMillis, int chance) {}
