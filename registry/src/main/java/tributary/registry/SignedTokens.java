package tributary.registry;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import tributary.model.Quote;

/// Signs tokens (JWT) for devices and says what a presented one is worth, in memory.
///
/// A token is good where a key of ours signed it in that key's own way, its times fit, its device exists and it
/// was not revoked. What of this can change is asked again each time, only the signature is remembered.
final class SignedTokens {
    /// How far a clock that issued a token may be ahead of the one that reads it.
    static final long SKEW_SECONDS = 60;

    private final KeyRing keys;
    private final DeviceTrees trees;
    private final World world;
    private final String issuer;
    /// A token whose signature was found good.
    ///
    /// @param claims what it says
    /// @param key    what signed it
    private record Verified(Claims claims, SigningKey key, Principal principal) {}

    private final Remembered<Verified> remembered;

    /// Ids of revoked tokens that have not expired, with their expiry in microseconds. Changed only by the
    /// holder of the database's write lock.
    private volatile Map<String, Long> revoked = new ConcurrentHashMap<>();

    SignedTokens(KeyRing keys, DeviceTrees trees, World world, RegistrySettings settings) {
        this.keys = keys;
        this.trees = trees;
        this.world = world;
        this.issuer = settings.issuer();
        this.remembered = new Remembered<>(settings.verifiedTokensMax());
    }

    /// Takes over what the database has.
    void load(Handle handle) {
        Map<String, Long> loaded = new ConcurrentHashMap<>();
        handle.createQuery(
                        "SELECT id, expires FROM credential WHERE kind = 'jwt' AND revoked IS NOT NULL AND expires > :now"
                                + " UNION SELECT id, expires FROM removed_token WHERE expires > :now")
                .bind("now", world.nowMicros())
                .map((row, _) -> loaded.put(row.getString(1), row.getLong(2)))
                .list();
        revoked = loaded;
        remembered.clear();
    }

    boolean revoked(String id) {
        return revoked.containsKey(id);
    }

    void revoke(String id, long expiresMicros) {
        long now = world.nowMicros();
        revoked.values().removeIf(expires -> expires <= now);
        revoked.put(id, expiresMicros);
    }

    /// @return the text of a token for `principal`, which is a device with an expiry
    String sign(Principal principal, Instant issuedAt, Instant expiresAt, Credentials.Algorithm algorithm) {
        if (principal.device() == null) {
            throw new IllegalArgumentException("tokens are signed for devices only");
        }
        SigningKey key = keys.signing(algorithm);
        Claims claims = new Claims(
                issuer,
                Set.of(Claims.AUDIENCE),
                principal.tenant(),
                principal.device(),
                principal.credential(),
                issuedAt.getEpochSecond(),
                issuedAt.getEpochSecond(),
                expiresAt.getEpochSecond(),
                principal.publish(),
                principal.subscribe());
        String header =
                "{\"alg\":\"%s\",\"typ\":\"JWT\",\"kid\":\"%s\"}".formatted(SigningKey.header(algorithm), key.id());
        String text = base64(header.getBytes(StandardCharsets.UTF_8)) + "."
                + base64(claims.write().getBytes(StandardCharsets.UTF_8));
        return text + "." + base64(keys.sign(key, text.getBytes(StandardCharsets.US_ASCII)));
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    Credentials.Verdict verify(String presented) {
        Sha256 digest = Sha256.of(presented);
        Verified known = remembered.find(digest);
        try {
            if (known == null) {
                known = look(presented);
                check(known);
                remembered.put(digest, known);
            } else {
                check(known);
            }
            return new Credentials.Verdict.Accepted(known.principal());
        } catch (RefusedToken e) {
            remembered.forget(digest);
            return e.answer();
        }
    }

    /// The part that never changes for a text: its form, its signature, what it says.
    private Verified look(String presented) throws RefusedToken {
        Jws jws = Jws.parse(presented);
        SigningKey key = keys.find(jws.keyId());
        if (key == null) {
            throw new RefusedToken(
                    Credentials.Reason.UNKNOWN, "no key '" + Quote.shorten(jws.keyId()) + "' here", null, claimed(jws));
        }
        if (!jws.algorithm().equals(SigningKey.header(key.algorithm()))) {
            throw new RefusedToken(
                    Credentials.Reason.BAD_SIGNATURE,
                    "says " + Quote.shorten(jws.algorithm()) + ", but its key signs "
                            + SigningKey.header(key.algorithm()),
                    null,
                    claimed(jws));
        }
        if (!jws.signedBy(key)) {
            throw new RefusedToken(Credentials.Reason.BAD_SIGNATURE, "its signature is wrong", null, claimed(jws));
        }
        Claims claims = Claims.parse(jws.payload());
        Principal principal = new Grant(
                        claims.tenant(),
                        claims.device(),
                        "",
                        Principal.Role.DEVICE,
                        claims.publish(),
                        claims.subscribe())
                .principal(claims.id(), Instant.ofEpochSecond(claims.expiresAt()));
        return new Verified(claims, key, principal);
    }

    /// @return whom a token that proves nothing says to be of, for the operator's log
    private static String claimed(Jws jws) {
        try {
            return Grant.subject(Claims.parse(jws.payload()).device());
        } catch (RefusedToken e) {
            return "";
        }
    }

    /// The part that time and people change.
    private void check(Verified token) throws RefusedToken {
        Claims claims = token.claims();
        long nowMicros = world.nowMicros();
        long now = Math.floorDiv(nowMicros, 1_000_000);
        if (!claims.issuer().equals(issuer) || !claims.audience().contains(Claims.AUDIENCE)) {
            throw refuse(Credentials.Reason.WRONG_AUDIENCE, "made by or for somebody else", claims);
        }
        if (now >= claims.expiresAt() || !token.key().good(nowMicros)) {
            throw refuse(Credentials.Reason.EXPIRED, "it or its key is too old", claims);
        }
        if (claims.notBefore() > now + SKEW_SECONDS || claims.issuedAt() > now + SKEW_SECONDS) {
            throw refuse(Credentials.Reason.NOT_YET_VALID, "from the future", claims);
        }
        if (trees.version(claims.tenant()) == 0) {
            throw new RefusedToken(Credentials.Reason.UNKNOWN, "its tenant does not exist", null, "");
        }
        if (revoked.containsKey(claims.id())) {
            throw refuse(Credentials.Reason.REVOKED, claims.id() + " was revoked", claims);
        }
        if (trees.find(claims.tenant(), claims.device()) == null) {
            throw refuse(Credentials.Reason.UNKNOWN, "its device '" + claims.device() + "' does not exist", claims);
        }
    }

    private static RefusedToken refuse(Credentials.Reason reason, String detail, Claims claims) {
        return new RefusedToken(reason, detail, claims.tenant(), Grant.subject(claims.device()));
    }
}
