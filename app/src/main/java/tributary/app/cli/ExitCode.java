package tributary.app.cli;

/// What the process says to the shell; scripts rely on the numbers, so they never change.
public enum ExitCode {
    OK(0),
    FAILED(1),
    USAGE(2),
    NOT_FOUND(3),
    NOT_ALLOWED(4),
    CANNOT_CONNECT(5),
    CONFLICT(6),
    CHECK_FOUND_PROBLEMS(7),
    INTERRUPTED(130);

    private final int number;

    ExitCode(int number) {
        this.number = number;
    }

    /// @return the number that the shell sees
    public int number() {
        return number;
    }
}
