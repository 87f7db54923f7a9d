package tributary.gateway;

import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import tributary.gateway.Admission.Accepted;
import tributary.gateway.Admission.Reason;
import tributary.gateway.Admission.Refused;
import tributary.gateway.Admission.Throttled;
import tributary.log.Log;
import tributary.log.Receipt;
import tributary.model.Message;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.registry.Devices;
import tributary.registry.Principal;
import tributary.registry.TenantLimits;

/// The one [Intake] of a process: asks the registry's memory for rights, counts, stamps, and appends to the log.
public final class Checkpoint implements Intake {
    private final IntakeSettings settings;
    private final Devices devices;
    private final Log log;
    private final Notes notes;
    private final InstantSource clock;
    private final Rights rights;
    private final Quotas quotas;
    private volatile Keeper keeper = (_, _, _) -> null;

    private final LongAdder accepted = new LongAdder();
    private final Map<Reason, LongAdder> refused = new EnumMap<>(Reason.class);

    /// What is taken down beside messages.
    public record Notes(Attempts attempts, Presence presence) {
        public Notes {
            Objects.requireNonNull(attempts, "attempts");
            Objects.requireNonNull(presence, "presence");
        }
    }

    /// Who keeps retained messages.
    @FunctionalInterface
    public interface Keeper {
        /// @return why a message of so many bytes cannot be kept now, or null where it can
        @Nullable
        String refuses(TenantId tenant, Topic topic, int bytes);
    }

    /// One that does not ask who is connected.
    public Checkpoint(IntakeSettings settings, Devices devices, Log log, Attempts attempts, InstantSource clock) {
        this(settings, devices, log, new Notes(attempts, Presence.NONE), clock);
    }

    public Checkpoint(IntakeSettings settings, Devices devices, Log log, Notes notes, InstantSource clock) {
        this.settings = Objects.requireNonNull(settings, "settings");
        this.devices = Objects.requireNonNull(devices, "devices");
        this.log = Objects.requireNonNull(log, "log");
        this.notes = Objects.requireNonNull(notes, "notes");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.rights = new Rights(devices);
        this.quotas = new Quotas(settings);
        for (Reason reason : Reason.values()) {
            refused.put(reason, new LongAdder());
        }
    }

    /// Takes the rates of tenants that have some of their own from here, now and with each change.
    ///
    /// @return this
    public Checkpoint heldTo(TenantLimits limits) {
        limits.onChange(() -> quotas.hold(limits));
        quotas.hold(limits);
        return this;
    }

    /// Asks from now on whether there is room for a message before it is taken to be retained.
    ///
    /// @return this
    public Checkpoint keptBy(Keeper newKeeper) {
        keeper = newKeeper;
        return this;
    }

    @Override
    public Route route(Principal principal, String topic) {
        return rights.route(principal, topic);
    }

    @Override
    public Route fresh(Route route) {
        long version = switch (route) {
            case Route.Open open -> open.version();
            case Route.Closed closed -> closed.version();
        };
        return version == devices.version(route.principal().tenant())
                ? route
                : rights.route(route.principal(), route.typed());
    }

    @Override
    public Hearing hear(Principal principal, String filter, Caller caller) {
        Hearing hearing = rights.hear(principal, filter);
        if (hearing instanceof Hearing.Denied denied) {
            notes.attempts().note(caller, Grounds.of(principal, Cause.of(denied.reason()), denied.detail()));
        }
        return hearing;
    }

    @Override
    public Devices devices() {
        return devices;
    }

    @Override
    public String resolved(Principal principal, String filter) {
        return rights.resolved(principal, filter);
    }

    @Override
    public int partition(Message message) {
        return log.partitionOf(message.tenant(), message.device(), message.publisher());
    }

    @Override
    public Admission admit(Publish publish) {
        return admit(new Routed(
                rights.route(publish.principal(), publish.topic()),
                publish.payload(),
                publish.origin(),
                publish.publisher(),
                publish.qos(),
                publish.retain(),
                publish.properties(),
                publish.caller()));
    }

    @Override
    public Admission admit(Routed publish) {
        return count(publish, decide(publish));
    }

    private Admission decide(Routed publish) {
        Principal principal = publish.route().principal();
        Instant now = clock.instant();
        Instant expiresAt = principal.expiresAt();
        if (expiresAt != null && !now.isBefore(expiresAt)) {
            return new Refused(
                    Reason.EXPIRED_CREDENTIAL,
                    "the credential expired at " + expiresAt + "; issue a new one and connect with it");
        }
        if (publish.payload().length > settings.payloadBytesMax()) {
            return new Refused(
                    Reason.TOO_LARGE,
                    "the payload has " + publish.payload().length + " bytes and at most " + settings.payloadBytesMax()
                            + " are allowed (intake.payload-bytes-max); send it in parts");
        }
        long nowMicros = now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
        return switch (fresh(publish.route())) {
            case Route.Closed closed -> closed.refusal();
            case Route.Open open -> {
                String full = cannotRetain(publish, open);
                if (full != null) {
                    yield new Refused(Reason.RETAINED_FULL, full);
                }
                Throttled throttled = quotas.take(publish, open, nowMicros);
                yield throttled != null ? throttled : new Accepted(stamp(publish, open, nowMicros));
            }
        };
    }

    private @Nullable String cannotRetain(Routed publish, Route.Open open) {
        int bytes = publish.payload().length;
        String full =
                publish.retain() && bytes > 0 ? keeper.refuses(open.principal().tenant(), open.topic(), bytes) : null;
        return full == null
                ? null
                : full + ": publish without the retain flag, publish empty payloads to topics that are not used any"
                        + " more, or raise the limit";
    }

    private static Message stamp(Routed publish, Route.Open open, long nowMicros) {
        return new Message(
                open.principal().tenant(),
                open.device(),
                open.topic(),
                publish.payload(),
                nowMicros,
                publish.origin(),
                publish.publisher(),
                publish.qos(),
                publish.retain(),
                publish.properties());
    }

    private Admission count(Routed publish, Admission admission) {
        switch (admission) {
            case Accepted _ -> accepted.increment();
            case Refused refusal -> {
                Objects.requireNonNull(refused.get(refusal.reason())).increment();
                note(publish, Cause.of(refusal.reason()), refusal.detail());
            }
            case Throttled throttled ->
                note(
                        publish,
                        Cause.OVER_RATE,
                        "over the limit " + throttled.limit() + ": send less often, or raise the limit");
        }
        return admission;
    }

    private void note(Routed publish, Cause cause, String sentence) {
        notes.attempts().note(publish.caller(), Grounds.of(publish.route().principal(), cause, sentence));
    }

    @Override
    public Attempts attempts() {
        return notes.attempts();
    }

    @Override
    public Presence presence() {
        return notes.presence();
    }

    @Override
    public void append(Message message, Receipt receipt) {
        log.append(message, receipt);
    }

    @Override
    public boolean congested() {
        return log.congested();
    }

    @Override
    public void whenRelieved(Runnable action) {
        log.whenRelieved(action);
    }

    @Override
    public IntakeCounts counts() {
        Map<Reason, Long> byReason = new EnumMap<>(Reason.class);
        refused.forEach((reason, count) -> byReason.put(reason, count.sum()));
        return new IntakeCounts(
                accepted.sum(), byReason, quotas.ofDevices.sum(), quotas.ofAddresses.sum(), quotas.ofTenants.sum());
    }
}
