package tributary.sinks;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.model.TenantId;

/// One output of a rule on its way to a sink.
///
/// @param position place in the outbox; negative for a test message, which is in no outbox
/// @param tenant   whose it is
/// @param rule     name of the rule that said it
/// @param version  of that rule
/// @param sink     name of the sink that it is for
/// @param device   the device that it is about, "" where it is about none
/// @param atMillis when, by the clock of the stream
/// @param payload  JSON
/// @param alert    the change of an alert that it is, or null
/// @param raw      the message that brought it about, where the rule sends it along, or null
public record Parcel(
        long position,
        TenantId tenant,
        String rule,
        long version,
        String sink,
        String device,
        long atMillis,
        String payload,
        @Nullable Alert alert,
        @Nullable Raw raw) {
    /// A change in the life of an alert.
    ///
    /// @param state `raised`, `escalated`, `repeated` or `cleared`
    public record Alert(String name, String key, String state, String severity, long raisedMillis) {}

    public Parcel {
        Objects.requireNonNull(tenant, "tenant");
        Objects.requireNonNull(rule, "rule");
        Objects.requireNonNull(sink, "sink");
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(payload, "payload");
    }

    /// One without the message that brought it about.
    public Parcel(
            long position,
            TenantId tenant,
            String rule,
            long version,
            String sink,
            String device,
            long atMillis,
            String payload,
            @Nullable Alert alert) {
        this(position, tenant, rule, version, sink, device, atMillis, payload, alert, null);
    }

    /// @return the same with another payload
    Parcel saying(String other) {
        return new Parcel(position, tenant, rule, version, sink, device, atMillis, other, alert, raw);
    }

    /// @return the bytes that it has at least, in a request or a file
    public int bytes() {
        return payload.getBytes(StandardCharsets.UTF_8).length + (raw == null ? 0 : raw.payload().length);
    }

    /// @return the same parcel is the same text wherever it is delivered again: receivers tell duplicates by it
    public String id() {
        return tenant + "/" + sink + "/" + position;
    }
}
