package tributary.sinks;

import java.time.Duration;
import java.util.Objects;

/// What became of a batch. Reasons are for people and hold no secret.
public sealed interface Outcome {
    Outcome DONE = new Done();

    /// All of it is with the receiver.
    record Done() implements Outcome {}

    /// The receiver cannot be reached, is not ready or asks for a pause: nobody's parcel is to blame, all wait.
    ///
    /// @param done      how many of the first are with the receiver
    /// @param notBefore how long it wants to be left alone, or zero
    record Away(int done, String reason, Duration notBefore) implements Outcome {
        public Away {
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(notBefore, "notBefore");
        }
    }

    /// The receiver answered with an error that may pass. After as many attempts as set, the parcel is put aside.
    ///
    /// @param done how many of the first are with the receiver
    record Failed(int done, String reason) implements Outcome {}

    /// The receiver will never take it: one of the parcels behind the first `done` is to blame.
    ///
    /// @param done how many of the first are with the receiver
    record Refused(int done, String reason) implements Outcome {}

    /// The sink lost what it held and was not safe: it has to be given all since the last safe position again.
    record Lost(String reason) implements Outcome {}

    /// @return the same of what follows the first `count`, which are with the receiver
    default Outcome after(int count) {
        return switch (this) {
            case Done done -> done;
            case Away(int done, String reason, Duration notBefore) -> new Away(count + done, reason, notBefore);
            case Failed(int done, String reason) -> new Failed(count + done, reason);
            case Refused(int done, String reason) -> new Refused(count + done, reason);
            case Lost lost -> lost;
        };
    }

    static Away away(String reason) {
        return new Away(0, reason, Duration.ZERO);
    }
}
