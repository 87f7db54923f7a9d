package tributary.engine;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.model.TenantId;

/// One output of a rule on its way to one destination.
///
/// @param position    its place in the [Outbox]: later parcels have greater ones, and no two have the same
/// @param rule        the rule's name
/// @param version     which version of the rule said it
/// @param destination where it goes
/// @param device      the device that it is about, "" where it is about none
/// @param atMillis    when, by the clock of the stream
/// @param payload     JSON, or the bytes themselves where the rule made bytes
/// @param alert       the change of an alert that it is, or null
/// @param source      the message that brought it about, where the destination wants it and there is one
/// @param depth       how many rules one after the other it took to make it: 1 where the messages came from outside
public record Parcel(
        long position,
        TenantId tenant,
        String rule,
        int version,
        Destination destination,
        String device,
        long atMillis,
        byte[] payload,
        @Nullable AlertChange alert,
        @Nullable Source source,
        int depth) {
    /// Where a parcel goes.
    public sealed interface Destination {
        /// Into the log as a message of the tenant.
        record ToTopic(String topic) implements Destination {}

        /// To a sink of the tenant.
        ///
        /// @param raw whether with the message that brought the output about
        record ToSink(String sink, boolean raw) implements Destination {
            public ToSink(String sink) {
                this(sink, false);
            }
        }

        /// Into the table of alerts; every change of an alert goes there.
        record ToAlerts() implements Destination {}
    }

    /// A change in the life of an alert.
    ///
    /// @param key      what it is about, as JSON
    /// @param state    `raised`, `escalated`, `repeated` or `cleared`
    /// @param severity as the rule says it, as text; "" where it says none
    public record AlertChange(String name, String key, String state, String severity, long raisedMillis) {
        public AlertChange {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(state, "state");
            Objects.requireNonNull(severity, "severity");
        }
    }

    /// A message that brought an output about, as it came.
    ///
    /// @param id       names it in the log
    /// @param atMillis when it arrived
    public record Source(String id, String topic, long atMillis, byte[] payload) {
        public Source {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(topic, "topic");
            Objects.requireNonNull(payload, "payload");
        }

        /// Equal content, bytes included.
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Source s
                    && id.equals(s.id)
                    && topic.equals(s.topic)
                    && atMillis == s.atMillis
                    && Arrays.equals(payload, s.payload);
        }

        @Override
        public int hashCode() {
            return Objects.hash(id, topic, atMillis, Arrays.hashCode(payload));
        }
    }

    public Parcel {
        Objects.requireNonNull(tenant, "tenant");
        Objects.requireNonNull(rule, "rule");
        Objects.requireNonNull(destination, "destination");
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(payload, "payload");
    }

    /// Equal content, payload bytes included.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Parcel p
                && position == p.position
                && tenant.equals(p.tenant)
                && rule.equals(p.rule)
                && version == p.version
                && destination.equals(p.destination)
                && device.equals(p.device)
                && atMillis == p.atMillis
                && Arrays.equals(payload, p.payload)
                && Objects.equals(alert, p.alert)
                && Objects.equals(source, p.source)
                && depth == p.depth;
    }

    @Override
    public int hashCode() {
        return Objects.hash(position, tenant, rule);
    }

    /// Names the parcel without its payload, fit for a log line.
    @Override
    public String toString() {
        return "Parcel[%d %s %s -> %s, %d bytes]".formatted(position, tenant, rule, destination, payload.length);
    }
}
