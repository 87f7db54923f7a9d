package tributary.sinks;

import java.time.Duration;
import java.util.Objects;
import tributary.model.MessageProperties;
import tributary.model.TenantId;

/// Where messages go that a sink brings in from elsewhere: the one intake that all doors share.
///
/// In memory and without blocking: what is taken is told to be on the disk later.
public interface Inlet {
    /// One that takes nothing, where there are no doors.
    Inlet NONE = new Inlet() {
        @Override
        public Answer take(Incoming message, Receipt receipt) {
            return new Answer.Refused("messages from elsewhere are not taken here");
        }

        @Override
        public void astray(Stray stray) {}
    };

    /// Decides about a message; what is refused is noted in the attempts log.
    ///
    /// @param receipt hears what became of it, once, where it was taken
    Answer take(Incoming message, Receipt receipt);

    /// Notes in the attempts log that a message came which has no topic here.
    void astray(Stray stray);

    /// @param tenant whose sink brought it
    /// @param sink   name of the sink
    /// @param from   the address that it came from
    /// @param why    what is wrong and what to do about it, one sentence for people
    record Stray(TenantId tenant, String sink, String from, String why) {
        public Stray {
            Objects.requireNonNull(tenant, "tenant");
            Objects.requireNonNull(sink, "sink");
            Objects.requireNonNull(from, "from");
            Objects.requireNonNull(why, "why");
        }
    }

    /// @param tenant     whose it becomes: that of the sink, whatever the message says
    /// @param sink       name of the sink that brings it
    /// @param below      the beginning of all topics that the sink may publish to, ending in `/`; "" for all
    /// @param from       the address that it came from, for the attempts log
    /// @param topic      inside the tenant
    /// @param payload    owned: nobody writes to it again
    record Incoming(
            TenantId tenant,
            String sink,
            String below,
            String from,
            String topic,
            byte[] payload,
            int qos,
            boolean retain,
            MessageProperties properties) {
        public Incoming {
            Objects.requireNonNull(tenant, "tenant");
            Objects.requireNonNull(sink, "sink");
            Objects.requireNonNull(below, "below");
            Objects.requireNonNull(from, "from");
            Objects.requireNonNull(topic, "topic");
            Objects.requireNonNull(payload, "payload");
            Objects.requireNonNull(properties, "properties");
        }
    }

    /// What was decided.
    sealed interface Answer {
        /// It is on its way to the disk.
        record Taken() implements Answer {}

        /// It never will be taken.
        record Refused(String why) implements Answer {}

        /// Not now: nothing was done, and it is to be asked again, before any message behind it.
        record Later(Duration after, String why) implements Answer {}
    }

    /// Hears of a message that was taken. On any thread: hand the work on and return.
    interface Receipt {
        /// It is on a disk that reported a successful flush.
        void stored();

        /// It is not stored and never will be.
        void failed(String why);
    }
}
