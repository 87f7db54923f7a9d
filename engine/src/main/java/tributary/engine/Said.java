package tributary.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.engine.Parcel.AlertChange;
import tributary.engine.Parcel.Destination;
import tributary.model.TenantId;

/// One output of a rule with all that it goes to: what a [StepRecord] holds.
record Said(
        TenantId tenant,
        String rule,
        int version,
        String device,
        long atMillis,
        byte[] payload,
        @Nullable AlertChange alert,
        int depth,
        List<Destination> destinations) {
    private static final int TOPIC = 0;
    private static final int SINK = 1;
    private static final int ALERTS = 2;

    Said {
        destinations = List.copyOf(destinations);
    }

    /// @return roughly how many bytes it takes
    int weight() {
        return 64 + payload.length + 32 * destinations.size();
    }

    /// Adds its parcels.
    ///
    /// @param position that of the first
    void parcels(long position, List<Parcel> into) {
        for (int i = 0; i < destinations.size(); i++) {
            into.add(new Parcel(
                    position + i, tenant, rule, version, destinations.get(i), device, atMillis, payload, alert, depth));
        }
    }

    void write(BytesOut out) {
        out.text(tenant.value()).text(rule).number(version).text(device).number(atMillis);
        out.blob(payload).number(depth).flag(alert != null);
        if (alert != null) {
            out.text(alert.name()).text(alert.key()).text(alert.state());
            out.text(alert.severity()).number(alert.raisedMillis());
        }
        out.number(destinations.size());
        for (Destination destination : destinations) {
            switch (destination) {
                case Destination.ToTopic(String topic) -> out.number(TOPIC).text(topic);
                case Destination.ToSink(String sink) -> out.number(SINK).text(sink);
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
        AlertChange alert = in.flag() ? new AlertChange(in.text(), in.text(), in.text(), in.text(), in.number()) : null;
        List<Destination> destinations = new ArrayList<>();
        int count = in.count();
        for (int i = 0; i < count; i++) {
            int kind = (int) in.number();
            destinations.add(
                    kind == TOPIC
                            ? new Destination.ToTopic(in.text())
                            : kind == SINK ? new Destination.ToSink(in.text()) : new Destination.ToAlerts());
        }
        return new Said(tenant, rule, version, device, at, payload, alert, depth, destinations);
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
                && depth == s.depth
                && destinations.equals(s.destinations);
    }

    @Override
    public int hashCode() {
        return Objects.hash(tenant, rule, device, atMillis, Arrays.hashCode(payload));
    }
}
