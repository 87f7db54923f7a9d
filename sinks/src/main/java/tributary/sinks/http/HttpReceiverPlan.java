package tributary.sinks.http;

import java.time.Duration;
import tributary.sinks.SinkTls;
import tributary.sinks.SinkType;

/// Makes the receiver of a sink when it is opened.
record HttpReceiverPlan(SinkType.Place place, Duration timeout, SinkTls tls) {
    HttpReceiver receiver() {
        return new HttpReceiver(place.guard(), timeout, tls, place.clock());
    }
}
