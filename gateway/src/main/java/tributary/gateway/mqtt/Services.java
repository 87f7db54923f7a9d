package tributary.gateway.mqtt;

import java.time.InstantSource;
import java.util.Objects;
import tributary.broker.Broker;
import tributary.gateway.Intake;
import tributary.registry.Credentials;

/// What every connection of the door works with.
record Services(MqttSettings settings, Intake intake, Broker broker, Credentials credentials, InstantSource clock) {
    Services {
        Objects.requireNonNull(settings, "settings");
        Objects.requireNonNull(intake, "intake");
        Objects.requireNonNull(broker, "broker");
        Objects.requireNonNull(credentials, "credentials");
        Objects.requireNonNull(clock, "clock");
    }

    long nowMicros() {
        return clock.millis() * 1000;
    }
}
