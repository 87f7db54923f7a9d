package tributary.broker;

import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;

/// Whose a session is and on what terms: its subject, how long it outlives its connection, since when its client is
/// away. Guarded by the session's lock.
///
/// A client that comes changes the terms before it is let in. Where it cannot be let in, those before count again.
final class Tenure {
    private String subject;
    private @Nullable DeviceId device;
    private long expirySeconds;
    private int connection;

    /// Microseconds since 1970 at which the client left, or 0.
    private long leftAt;

    /// Whether the client that came last was let in; else what the terms were for the last one that was.
    private boolean admitted;

    private String subjectBefore;
    private long expirySecondsBefore;
    private long leftAtBefore;

    Tenure(String subject) {
        this.subject = subject;
        this.subjectBefore = subject;
    }

    String subject() {
        return subject;
    }

    @Nullable
    DeviceId device() {
        return device;
    }

    /// @return the device for the journal: "" where there is none
    String deviceName() {
        return device == null ? "" : device.value();
    }

    long expirySeconds() {
        return expirySeconds;
    }

    /// @return number of the connection, the latest
    int connection() {
        return connection;
    }

    long leftAt() {
        return leftAt;
    }

    boolean admitted() {
        return admitted;
    }

    /// A client comes.
    ///
    /// @param expires    seconds for which the session is to outlive its connection
    /// @param leftMicros when the one before it left
    void begin(Arrival arrival, long expires, long leftMicros) {
        if (admitted) {
            subjectBefore = subject;
            expirySecondsBefore = expirySeconds;
            leftAtBefore = leftMicros;
        }
        admitted = false;
        subject = arrival.principal().subject();
        device = arrival.principal().device();
        expirySeconds = expires;
        connection++;
        leftAt = 0;
    }

    /// The client is let in.
    void admit() {
        admitted = true;
    }

    /// The client cannot be let in: it is as if it had not come.
    ///
    /// @return when the one before it left
    long takeBack() {
        admitted = true;
        subject = subjectBefore;
        expirySeconds = expirySecondsBefore;
        return leftAtBefore;
    }

    /// The client leaves.
    ///
    /// @param expires how long the session lives on, or -1 for as long as it was to
    void end(long expires, long atMicros) {
        expirySeconds = expires < 0 ? expirySeconds : expires;
        leftAt = atMicros;
    }

    /// Puts back what the journal has.
    ///
    /// @param nowMicros when a client that was connected has left
    void restore(Remembered remembered, long nowMicros) {
        subject = remembered.subject();
        device = remembered.device();
        expirySeconds = remembered.expirySeconds();
        connection = remembered.connection();
        leftAt = remembered.connected() ? nowMicros : remembered.detachedAt();
        admitted = true;
    }
}
