/// Payload to readings: JSON, CBOR, SenML, InfluxDB line protocol.
@NullMarked
package tributary.decode;

import org.jspecify.annotations.NullMarked;
