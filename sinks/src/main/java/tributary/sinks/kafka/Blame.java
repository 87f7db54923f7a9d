package tributary.sinks.kafka;

import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/// What is to blame for a record that was not taken.
enum Blame {
    /// It will never be taken.
    RECORD,
    /// Its topic is not there, or not ours to write.
    TOPIC,
    /// Nothing that lasts: the record was not given to a broker yet.
    MOMENT,
    /// The producer, which has to begin anew.
    PRODUCER;

    static Blame of(Throwable cause) {
        return switch (cause) {
            case RecordTooLargeException _,
                    RecordBatchTooLargeException _,
                    InvalidTopicException _,
                    InvalidTimestampException _,
                    PolicyViolationException _,
                    SerializationException _ -> RECORD;
            case TopicAuthorizationException _, UnknownTopicOrPartitionException _ -> TOPIC;
            case TimeoutException e when e.getCause() instanceof UnknownTopicOrPartitionException -> TOPIC;
            case TimeoutException _ -> MOMENT;
            default -> PRODUCER;
        };
    }
}
