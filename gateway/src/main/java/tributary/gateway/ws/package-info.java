/// The door for WebSocket: a stream of telemetry, acknowledged in batches by sequence number.
@NullMarked
package tributary.gateway.ws;

import org.jspecify.annotations.NullMarked;
