package tributary.decode;

/// The payload as a whole cannot be read. Ends a decoding early and becomes one [ReadingSink#rejected].
///
/// Without a stack trace: what a device sent wrong is no fault of the code, and a flood of it must stay cheap.
final class Unreadable extends Exception {
    private static final long serialVersionUID = 1;

    /// @param reason what is wrong and what would be right, one sentence for people
    Unreadable(String reason) {
        super(reason, null, false, false);
    }

    String reason() {
        String reason = getMessage();
        return reason == null ? "" : reason;
    }
}
