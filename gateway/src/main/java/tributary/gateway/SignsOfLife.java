package tributary.gateway;

/// How the system asks clients that say nothing for a sign of life: of one that lost its power, and that no protocol
/// asks, nobody would hear otherwise. It is gone after four minutes.
public final class SignsOfLife {
    /// Silence before the first question.
    public static final int AFTER_SECONDS = 120;

    /// Between questions that nobody answers.
    public static final int EVERY_SECONDS = 30;

    /// Questions without an answer that end the connection.
    public static final int TIMES = 4;

    private SignsOfLife() {}
}
