/// Sinks that send to queues and event hubs by AMQP 1.0.
@NullMarked
package tributary.sinks.amqp;

import org.jspecify.annotations.NullMarked;
