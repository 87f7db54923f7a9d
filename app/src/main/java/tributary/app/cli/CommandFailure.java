package tributary.app.cli;

/// A command that could not do what it was asked, with the exit code and the text for the person who typed it.
final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final ExitCode code;

    /// @param what what failed and why
    /// @param next the next command to type, or "" where there is none
    CommandFailure(ExitCode code, String what, String next) {
        super(next.isEmpty() ? what : what + "\n  " + next);
        this.code = code;
    }

    ExitCode code() {
        return code;
    }
}
