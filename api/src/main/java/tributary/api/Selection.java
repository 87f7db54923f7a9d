package tributary.api;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tributary.decode.EventFormat;
import tributary.log.Log;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.TenantId;
import tributary.model.TopicFilter;

/// Which messages of the log a caller asks for. The tenant is the caller's, always.
///
/// @param device only this device's, or null
/// @param topic  only these topics, or null for all that somebody published: events are there for who asks for them
record Selection(
        TenantId tenant,
        @Nullable DeviceId device,
        @Nullable TopicFilter topic) {
    static Selection of(Call call) {
        return new Selection(call.tenant(), call.deviceAsked().orElse(null), MessageRoutes.topic(call));
    }

    boolean includes(Message message) {
        return message.tenant().equals(tenant)
                && (device == null || device.equals(message.device()))
                && (topic == null ? !EventFormat.is(message) : topic.matches(message.topic()));
    }

    /// @return the partitions that may hold such messages: one for a device, else all
    int[] partitions(Log log) {
        if (device != null) {
            return new int[] {log.partitionOf(tenant, device, "")};
        }
        return IntStream.range(0, log.partitions()).toArray();
    }

    /// @return for each partition the first position received at `time` or later
    Positions at(Log log, Instant time) {
        Map<Integer, Long> next = new TreeMap<>();
        for (int partition : partitions(log)) {
            next.put(partition, log.positionAt(partition, time));
        }
        return Positions.of(next);
    }

    /// @return for each partition its end now
    Positions end(Log log) {
        Map<Integer, Long> next = new TreeMap<>();
        for (int partition : partitions(log)) {
            next.put(partition, log.end(partition));
        }
        return Positions.of(next);
    }
}
