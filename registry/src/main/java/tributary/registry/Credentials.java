package tributary.registry;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.model.TopicFilter;

/// What proves who somebody is: static device tokens, API keys and signed tokens (JWT).
///
/// Secrets are shown once and stored hashed; signing keys are made at first start and rotate with overlap.
public interface Credentials extends Holders {
    /// In memory, without the database: what a presented secret means now.
    ///
    /// @param presented a static token, an API key or a JWT, as the client sent it; may be anything
    Verdict verify(String presented);

    /// The answer to a presented secret.
    sealed interface Verdict {
        record Accepted(Principal principal) implements Verdict {}

        /// @param reason  countable
        /// @param detail  for the owner's log; a client hears only that it is refused
        /// @param tenant  whose credential it was, or null where that cannot be known
        /// @param subject whom it was issued to, `device:pump-1`, or ""; without a tenant only what it says
        record Refused(
                Reason reason, String detail, @Nullable TenantId tenant, String subject) implements Verdict {
            /// Of somebody whose name is not known.
            public Refused(Reason reason, String detail, @Nullable TenantId tenant) {
                this(reason, detail, tenant, "");
            }
        }
    }

    /// Why a secret was refused.
    enum Reason {
        MALFORMED,
        UNKNOWN,
        BAD_SIGNATURE,
        EXPIRED,
        NOT_YET_VALID,
        REVOKED,
        WRONG_AUDIENCE
    }

    /// Makes a static token for a device.
    Issued issueToken(TenantId tenant, DeviceId device, @Nullable Duration validFor);

    /// Makes a signed token (JWT) for a device.
    ///
    /// @param algorithm how it is signed
    /// @param publish   topic filters that it may publish to beyond the device's own part
    /// @param subscribe topic filters that it may subscribe to beyond the device's own part
    Issued issueJwt(
            TenantId tenant,
            DeviceId device,
            Duration validFor,
            Algorithm algorithm,
            Set<TopicFilter> publish,
            Set<TopicFilter> subscribe);

    /// Makes an API key for an application.
    Issued issueKey(
            TenantId tenant,
            String title,
            Principal.Role role,
            Set<TopicFilter> publish,
            Set<TopicFilter> subscribe,
            @Nullable Duration validFor);

    /// @return what was issued to the device (static tokens and JWTs still valid), or to applications where null
    List<Issue> issued(TenantId tenant, @Nullable DeviceId device);

    /// Makes a credential like another: of the same kind, for the same holder, with the same rights, good for
    /// as long as that one was from its beginning (a JWT is signed with RS256). The other one stays as it is.
    ///
    /// @param device the holder, or null for an application's
    /// @return nothing where the holder has no such credential, or it was revoked
    Optional<Issued> replace(TenantId tenant, @Nullable DeviceId device, String credential);

    /// Makes the credential worthless from now on. Durable when it returns; [#onRevoked] listeners hear it.
    ///
    /// @return whether it existed in this tenant
    boolean revoke(TenantId tenant, String credential);

    /// In memory: whether the credential was revoked, for what was set up with it and happens later.
    boolean revoked(String credential);

    /// Replaces the signing keys; tokens signed with the old ones stay good for `overlap`.
    void rotateKeys(Duration overlap);

    /// @return the public signing keys as a JWKS document (JSON)
    String jwks();

    /// @param credential id, for listing and revoking
    /// @param secret     shown this once
    /// @param expiresAt  or null for ever
    record Issued(
            String credential, String secret, @Nullable Instant expiresAt) {
        /// Without the secret, fit for a log line.
        @Override
        public String toString() {
            return "Issued[" + credential + (expiresAt == null ? "" : " until " + expiresAt) + "]";
        }
    }

    /// What is known of an issued credential; never the secret.
    ///
    /// @param kind       `token`, `jwt` or `key`
    /// @param lastUsedAt when it was last accepted, exact to a second, or null; a crash costs the last minute
    record Issue(
            String credential,
            String kind,
            String title,
            Principal.Role role,
            Instant issuedAt,
            @Nullable Instant expiresAt,
            @Nullable Instant lastUsedAt,
            boolean revoked) {}

    /// How a JWT is signed. The algorithm comes from the key's record, never from the token's header.
    enum Algorithm {
        RS256,
        EDDSA
    }
}
