/// The MQTT door: 3.1.1 and 5.0 on Netty's event loops with a codec of our own.
@NullMarked
package tributary.gateway.mqtt;

import org.jspecify.annotations.NullMarked;
