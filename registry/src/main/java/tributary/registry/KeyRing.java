package tributary.registry;

import java.io.IOException;
import java.io.StringWriter;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tributary.model.Fault;
import tributary.model.Micros;
import tributary.model.PlatformException;

/// The signing keys: the public halves in the database and in memory, the private ones in files.
///
/// Missing keys are made by a thread of its own right after the start, because an RSA key may take most of a second;
/// only who signs or asks for the public keys waits for them.
final class KeyRing implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeyRing.class);
    private static final JsonFactory FACTORY = new JsonFactory();

    private final Database database;
    private final KeyFolder folder;
    private final World world;
    private final Map<String, PrivateKey> secrets = new ConcurrentHashMap<>();

    /// Done when every algorithm has a key that signs. Replaced where it failed.
    private volatile FutureTask<Boolean> complete = new FutureTask<>(this::makeMissing);

    /// By id. Replaced as a whole by the holder of the database's write lock.
    private volatile Map<String, SigningKey> keys = Map.of();

    KeyRing(Database database, KeyFolder folder, World world) {
        this.database = database;
        this.folder = folder;
        this.world = world;
    }

    /// A key that was just made; its private half is in its file already.
    private record Made(SigningKey key, PrivateKey secret) {}

    /// Takes over what the database has.
    void load(Handle handle) {
        Map<String, SigningKey> loaded = new HashMap<>();
        handle.createQuery("SELECT id, algorithm, public, retired FROM signing_key")
                .map((row, _) -> key(row))
                .forEach(key -> loaded.put(key.id(), key));
        keys = Map.copyOf(loaded);
    }

    private static SigningKey key(ResultSet row) throws SQLException {
        Long retired = Columns.number(row, "retired");
        SigningKey key;
        try {
            key = SigningKey.parse(
                    row.getString("id"),
                    Credentials.Algorithm.valueOf(row.getString("algorithm")),
                    row.getString("public"),
                    retired == null ? SigningKey.NOT_RETIRED : retired);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new PlatformException(
                    Fault.DATA_DAMAGED,
                    "The signing key %s in the registry cannot be read: %s. Restore the registry from a backup."
                            .formatted(row.getString("id"), e.getMessage()),
                    e);
        }
        SampleKeys.refuse(key);
        return key;
    }

    /// Makes what is missing, without waiting for it.
    void start() {
        Thread.ofPlatform().name("registry-keys").daemon(true).start(complete);
    }

    @Nullable
    SigningKey find(String id) {
        return keys.get(id);
    }

    /// @return the key of `algorithm` that signs now
    SigningKey signing(Credentials.Algorithm algorithm) {
        awaitComplete();
        return keys.values().stream()
                .filter(key -> key.signing() && key.algorithm() == algorithm)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no key signs " + algorithm));
    }

    byte[] sign(SigningKey key, byte[] text) {
        PrivateKey secret = secrets.computeIfAbsent(key.id(), _ -> folder.read(key));
        try {
            return SigningKey.sign(key.algorithm(), secret, text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot sign with " + key, e);
        }
    }

    /// Replaces the keys that sign.
    ///
    /// @param overlap how long tokens of the old keys stay good
    void rotate(Duration overlap) {
        awaitComplete();
        List<Made> made = new ArrayList<>();
        for (Credentials.Algorithm algorithm : Credentials.Algorithm.values()) {
            made.add(make(algorithm));
        }
        List<SigningKey> old =
                keys.values().stream().filter(SigningKey::signing).toList();
        replace(old, made, overlap);
        for (SigningKey key : old) {
            secrets.remove(key.id());
            try {
                folder.delete(key.id());
            } catch (IOException e) {
                LOG.warn("The file of the retired signing key {} could not be deleted: {}", key.id(), e.toString());
            }
        }
    }

    /// @return the public keys as a JWKS document, the newest that sign first
    String jwks() {
        awaitComplete();
        long now = world.nowMicros();
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeArrayPropertyStart("keys");
            keys.values().stream()
                    .filter(key -> key.good(now))
                    .sorted(Comparator.comparing((SigningKey key) -> !key.signing())
                            .thenComparing(SigningKey::id))
                    .forEach(key -> {
                        json.writeStartObject();
                        key.jwk().forEach(json::writeStringProperty);
                        json.writeEndObject();
                    });
            json.writeEndArray();
            json.writeEndObject();
        }
        return text.toString();
    }

    /// Runs on the thread `registry-keys`. The quick kind of key comes first.
    private boolean makeMissing() {
        for (Credentials.Algorithm algorithm : List.of(Credentials.Algorithm.EDDSA, Credentials.Algorithm.RS256)) {
            List<SigningKey> signing = keys.values().stream()
                    .filter(key -> key.signing() && key.algorithm() == algorithm)
                    .toList();
            if (signing.isEmpty() || !folder.has(signing.getFirst().id())) {
                signing.forEach(key -> LOG.warn(
                        "The private half of signing key {} is gone; a new key is made, tokens of the old one stay good",
                        key.id()));
                replace(signing, List.of(make(algorithm)), SqlCredentials.VALID_MAX);
            }
        }
        return true;
    }

    private Made make(Credentials.Algorithm algorithm) {
        KeyPair pair = world.keys().make(algorithm);
        String id = Secret.randomText(SqlCredentials.ID_CHARS, world.random());
        folder.write(id, pair.getPrivate());
        return new Made(new SigningKey(id, algorithm, pair.getPublic(), SigningKey.NOT_RETIRED), pair.getPrivate());
    }

    private void replace(List<SigningKey> old, List<Made> made, Duration overlap) {
        database.write(handle -> {
            long now = world.nowMicros();
            long retired = Micros.of(world.now().plus(overlap));
            handle.createUpdate("DELETE FROM signing_key WHERE retired <= :now")
                    .bind("now", now)
                    .execute();
            for (SigningKey key : old) {
                handle.createUpdate("UPDATE signing_key SET retired = :retired WHERE id = :id")
                        .bind("retired", retired)
                        .bind("id", key.id())
                        .execute();
            }
            for (Made one : made) {
                handle.createUpdate(
                                "INSERT INTO signing_key (id, algorithm, public, created) VALUES (:id, :algorithm, :public, :now)")
                        .bind("id", one.key().id())
                        .bind("algorithm", one.key().algorithm().name())
                        .bind("public", one.key().publicText())
                        .bind("now", now)
                        .execute();
            }
            return new Database.Written<>(true, () -> {
                Map<String, SigningKey> next = new HashMap<>(keys);
                next.values().removeIf(key -> !key.good(now));
                for (Made one : made) {
                    next.put(one.key().id(), one.key());
                    secrets.put(one.key().id(), one.secret());
                }
                old.forEach(key -> key.retire(retired));
                keys = Map.copyOf(next);
            });
        });
    }

    /// Waits until every algorithm has a key that signs. Where making them failed, because the database or the disk
    /// did not answer, whoever comes next tries again.
    private void awaitComplete() {
        FutureTask<Boolean> making = complete;
        if (making.state() == Future.State.FAILED) {
            making = again();
            making.run();
        }
        try {
            making.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PlatformException(Fault.STOPPING, "Interrupted while the signing keys were made.", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PlatformException failure) {
                throw failure;
            }
            throw new IllegalStateException("the signing keys could not be made", e.getCause());
        }
    }

    /// @return what replaces a failed task, the same for all who come at once
    private synchronized FutureTask<Boolean> again() {
        if (complete.state() == Future.State.FAILED) {
            complete = new FutureTask<>(this::makeMissing);
        }
        return complete;
    }

    /// Waits for keys that are being made, so that nothing writes once this returns.
    @Override
    public void close() {
        try {
            complete.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            LOG.warn("The signing keys were not made; the next start tries again", e);
        }
    }
}
