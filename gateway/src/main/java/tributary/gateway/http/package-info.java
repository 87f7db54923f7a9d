/// The door for HTTP: telemetry, raw messages and InfluxDB line protocol.
@NullMarked
package tributary.gateway.http;

import org.jspecify.annotations.NullMarked;
