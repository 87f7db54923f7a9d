/// Sinks that publish to another MQTT broker.
@NullMarked
package tributary.sinks.mqtt;

import org.jspecify.annotations.NullMarked;
