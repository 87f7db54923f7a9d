package tributary.gateway;

import io.helidon.webserver.CloseConnectionException;

/// Ends the reading of a request whose bytes come too slowly, in one piece that is too large, or in pieces that
/// cannot be told apart. Whoever catches it
/// answers, and the connection closes: what follows on it is the rest of that request. Without a stack trace: what a
/// client sends is no fault of the code.
public final class CutOff extends CloseConnectionException {
    private static final long serialVersionUID = 1;

    /// What was wrong.
    public enum Why {
        TOO_SLOW,
        UNREADABLE,
        TOO_LARGE
    }

    private final Why why;

    CutOff(Why why, String sentence) {
        super(sentence);
        this.why = why;
    }

    public Why why() {
        return why;
    }

    /// @return the sentence for whoever sent it
    public String sentence() {
        return String.valueOf(getMessage());
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
