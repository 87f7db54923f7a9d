package tributary.gateway.mqtt;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import tributary.broker.Broker;
import tributary.gateway.Intake;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Certificates;
import tributary.registry.Credentials;
import tributary.registry.Principal;

/// What every connection of the door works with.
record Services(
        MqttSettings settings,
        Intake intake,
        Broker broker,
        Credentials credentials,
        Certificates certificates,
        InstantSource clock) {
    Services {
        Objects.requireNonNull(settings, "settings");
        Objects.requireNonNull(intake, "intake");
        Objects.requireNonNull(broker, "broker");
        Objects.requireNonNull(credentials, "credentials");
        Objects.requireNonNull(certificates, "certificates");
        Objects.requireNonNull(clock, "clock");
    }

    /// @return how long a session may outlive its connection
    Duration sessionExpiryMax() {
        return broker.settings().sessionExpiryMax();
    }

    /// @return whether tenants are told their own figures
    boolean tellsFigures() {
        return !broker.settings().sysInterval().isZero();
    }

    long devicesVersion(TenantId tenant) {
        return intake.devices().version(tenant);
    }

    boolean exists(TenantId tenant, DeviceId device) {
        return intake.devices().exists(tenant, device);
    }

    /// @return whether what somebody proved to be with is worth nothing any more
    boolean disowned(Principal principal) {
        return Certificates.proved(principal)
                ? !certificates.good(principal)
                : credentials.revoked(principal.credential());
    }

    long nowMicros() {
        return clock.millis() * 1000;
    }
}
