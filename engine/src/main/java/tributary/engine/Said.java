package tributary.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.engine.Parcel.AlertChange;
import tributary.engine.Parcel.Destination;
import tributary.engine.Parcel.Source;
import tributary.model.TenantId;

/// One output of a rule with all that it goes to: what a [StepRecord] holds.
///
/// @param source the message that brought it about, where one of the destinations wants it
record Said(
        TenantId tenant,
        String rule,
        int version,
        String device,
        long atMillis,
        byte[] payload,
        @Nullable AlertChange alert,
        @Nullable Source source,
        int depth,
        List<Destination> destinations) {
    private static final int TOPIC = 0;
    private static final int SINK = 1;
    private static final int ALERTS = 2;
    private static final int SINK_WITH_RAW = 3;

    /// What follows behind the depth; records of old have one of the first two.
    private static final int ALERT = 1;

    private static final int SOURCE = 2;

    Said {
        destinations = List.copyOf(destinations);
    }

    /// @return roughly how many bytes it takes
    int weight() {
        return 64 + payload.length + (source == null ? 0 : source.payload().length) + 32 * destinations.size();
    }

    /// Adds its parcels.
    ///
    /// @param position that of the first
    void parcels(long position, List<Parcel> into) {
        for (int i = 0; i < destinations.size(); i++) {
            Destination to = destinations.get(i);
            Source along = to instanceof Destination.ToSink(String _, boolean raw) && raw ? source : null;
            into.add(new Parcel(
                    position + i, tenant, rule, version, to, device, atMillis, payload, alert, along, depth));
        }
    }

    void write(BytesOut out) {
        out.text(tenant.value()).text(rule).number(version).text(device).number(atMillis);
        out.blob(payload).number(depth).number((alert == null ? 0 : ALERT) + (source == null ? 0 : SOURCE));
        if (alert != null) {
            out.text(alert.name()).text(alert.key()).text(alert.state());
            out.text(alert.severity()).number(alert.raisedMillis());
        }
        if (source != null) {
            out.text(source.id()).text(source.topic()).number(source.atMillis()).blob(source.payload());
        }
        out.number(destinations.size());
        for (Destination destination : destinations) {
            switch (destination) {
                case Destination.ToTopic(String topic) -> out.number(TOPIC).text(topic);
                case Destination.ToSink(String sink, boolean raw) ->
                    out.number(raw ? SINK_WITH_RAW : SINK).text(sink);
                case Destination.ToAlerts() -> out.number(ALERTS);
            }
        }
    }

    static Said read(BytesIn in) {
        TenantId tenant = new TenantId(in.text());
        String rule = in.text();
        int version = (int) in.number();
        String device = in.text();
        long at = in.number();
        byte[] payload = in.blob();
        int depth = (int) in.number();
        long follows = in.number();
        AlertChange alert = (follows & ALERT) == 0
                ? null
                : new AlertChange(in.text(), in.text(), in.text(), in.text(), in.number());
        Source source = (follows & SOURCE) == 0 ? null : new Source(in.text(), in.text(), in.number(), in.blob());
        List<Destination> destinations = new ArrayList<>();
        int count = in.count();
        for (int i = 0; i < count; i++) {
            destinations.add(
                    switch ((int) in.number()) {
                        case TOPIC -> new Destination.ToTopic(in.text());
                        case SINK -> new Destination.ToSink(in.text());
                        case SINK_WITH_RAW -> new Destination.ToSink(in.text(), true);
                        default -> new Destination.ToAlerts();
                    });
        }
        return new Said(tenant, rule, version, device, at, payload, alert, source, depth, destinations);
    }

    /// Equal content, payload bytes included.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Said s
                && tenant.equals(s.tenant)
                && rule.equals(s.rule)
                && version == s.version
                && device.equals(s.device)
                && atMillis == s.atMillis
                && Arrays.equals(payload, s.payload)
                && Objects.equals(alert, s.alert)
                && Objects.equals(source, s.source)
                && depth == s.depth
                && destinations.equals(s.destinations);
    }

    @Override
    public int hashCode() {
        return Objects.hash(tenant, rule, device, atMillis, Arrays.hashCode(payload));
    }
}
