package tributary.sinks.http;

import java.time.Duration;
import tributary.sinks.SinkType;

/// Makes the receiver of a sink when it is opened.
record HttpReceiverPlan(SinkType.Place place, Duration timeout) {
    HttpReceiver receiver() {
        return new HttpReceiver(place.guard(), timeout, place.clock());
    }
}
