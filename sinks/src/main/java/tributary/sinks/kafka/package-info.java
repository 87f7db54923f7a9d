/// Sinks that write to Kafka.
@NullMarked
package tributary.sinks.kafka;

import org.jspecify.annotations.NullMarked;
