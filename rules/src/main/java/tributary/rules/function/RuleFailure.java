package tributary.rules.function;

/// A rule could not take a message: a limit of its state, a pattern without end. The message is counted and
/// shown with this text; the rule goes on with the next.
public final class RuleFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    public RuleFailure(String what) {
        super(what, null, false, false);
    }

    /// @return what happened, for people
    public String what() {
        return String.valueOf(getMessage());
    }
}
