package tributary.engine;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tributary.engine.Parcel.AlertChange;
import tributary.engine.Parcel.Destination.ToAlerts;
import tributary.registry.Alerts;
import tributary.registry.Silences;

/// Brings what rules say of alerts into the table of alerts: each change once, because how far it has come is
/// written with it. Without a thread: whoever owns it calls [#turn] again and again, from one thread.
final class AlertKeeper implements Errand.Work {
    static final String NAME = "alerts";

    private static final Duration KEEP = Duration.ofDays(30);
    private static final Duration FORGET_EVERY = Duration.ofHours(1);

    /// How often is written down how far it is where nothing was said of alerts.
    private static final Duration COMMIT_EVERY = Duration.ofSeconds(1);

    private final Alerts alerts;
    private final Silences silences;
    private final OutboxReader reader;
    private final InstantSource clock;
    private Instant forgotten = Instant.EPOCH;
    private Instant committed = Instant.EPOCH;
    private long committedAt;

    AlertKeeper(Alerts alerts, Silences silences, Outbox outbox, InstantSource clock) {
        this.alerts = alerts;
        this.silences = silences;
        this.clock = clock;
        this.reader = outbox.reader(NAME);
        this.committedAt = reader.position();
        boolean opened = false;
        try {
            Optional<Long> known = alerts.position();
            if (known.isPresent() && known.get() <= outbox.end()) {
                reader.seek(known.get());
            } else if (known.isPresent()) {
                // the registry is of another data folder: its positions mean nothing here
                alerts.apply(List.of(), reader.position());
            }
            opened = true;
        } finally {
            if (!opened) {
                reader.close(); // whoever tries again opens it anew
            }
        }
    }

    /// Takes the next changes.
    ///
    /// @return whether there was anything
    @Override
    public boolean turn(Duration wait) {
        List<Parcel> parcels = reader.poll(wait);
        List<Alerts.Change> changes = new ArrayList<>();
        for (Parcel parcel : parcels) {
            AlertChange alert = parcel.alert();
            if (parcel.destination() instanceof ToAlerts && alert != null) {
                Instant at = Instant.ofEpochMilli(parcel.atMillis());
                changes.add(new Alerts.Change(
                        parcel.position(),
                        new Alerts.Key(parcel.tenant(), parcel.rule(), alert.name(), alert.key()),
                        parcel.version(),
                        alert.state(),
                        alert.severity(),
                        parcel.device(),
                        RuleFigures.excerpt(parcel.payload()),
                        at,
                        silences.covers(parcel.tenant(), parcel.device(), at)));
            }
        }
        if (!changes.isEmpty()) {
            alerts.apply(changes, reader.position());
        }
        Instant now = clock.instant();
        // records without a parcel count, too: what is before them is not to wait for the next alert
        boolean moved = reader.position() > committedAt;
        if (!parcels.isEmpty() || moved && Duration.between(committed, now).compareTo(COMMIT_EVERY) >= 0) {
            reader.commit(reader.position());
            committedAt = reader.position();
            committed = now;
        }
        if (Duration.between(forgotten, now).compareTo(FORGET_EVERY) > 0) {
            forgotten = now;
            alerts.forget(now.minus(KEEP));
        }
        return !parcels.isEmpty();
    }

    @Override
    public void close() {
        reader.close();
    }
}
