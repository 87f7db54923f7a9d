package tributary.app.score;

import java.nio.charset.StandardCharsets;
import java.util.NavigableSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.zip.CRC32C;

/// A device of the ledger: every number below [#next] was given to its door, those in [#acknowledged] were promised.
///
/// Its payloads can be told from anybody else's, and say whether a byte of them is another.
final class Device {
    enum Door {
        MQTT_1,
        MQTT_2,
        HTTP,
        WEB_SOCKET
    }

    private static final long BASE_MILLIS = 1_790_000_000_000L;

    final String tenant;
    final String id;
    final Door door;
    final String token;
    final NavigableSet<Long> acknowledged = new ConcurrentSkipListSet<>();
    private volatile long next;

    Device(String tenant, String id, Door door, String token) {
        this.tenant = tenant;
        this.id = id;
        this.door = door;
        this.token = token;
    }

    /// By the one thread that speaks for it.
    @SuppressWarnings("NonAtomicOperationOnVolatileField")
    long take() {
        return next++;
    }

    long next() {
        return next;
    }

    /// A word that no message of another tenant may have.
    static String canary(String tenant) {
        return "canary-of-" + tenant + "-7f3a";
    }

    String payload(long number) {
        String start = "{\"seq\":%d,\"ts\":%d,\"of\":\"%s\",\"device\":\"%s\""
                .formatted(number, BASE_MILLIS + number, canary(tenant), id);
        CRC32C sum = new CRC32C();
        sum.update(start.getBytes(StandardCharsets.UTF_8));
        return start + ",\"sum\":" + sum.getValue() + "}";
    }
}
