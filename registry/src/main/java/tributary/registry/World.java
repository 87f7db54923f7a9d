package tributary.registry;

import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import tributary.model.Micros;

/// Where time, chance and new keys come from.
record World(InstantSource clock, SecureRandom random, KeyMaker keys) {
    /// Makes key pairs. Tests have some ready, because making an RSA key takes long.
    @FunctionalInterface
    interface KeyMaker {
        KeyPair make(Credentials.Algorithm algorithm);
    }

    World {
        Objects.requireNonNull(clock, "clock");
        Objects.requireNonNull(random, "random");
        Objects.requireNonNull(keys, "keys");
    }

    /// The real one: each key is made when it is asked for.
    static World of(InstantSource clock, SecureRandom random) {
        return new World(clock, random, algorithm -> SigningKey.generate(algorithm, random));
    }

    /// @return the time, as exact as the database keeps it
    Instant now() {
        return Micros.rounded(clock.instant());
    }

    long nowMicros() {
        return Micros.of(clock.instant());
    }
}
