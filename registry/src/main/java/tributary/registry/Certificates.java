package tributary.registry;

import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tributary.model.TenantId;
import tributary.registry.Credentials.Verdict;

/// Certificates of devices: the authorities that a tenant brought, and which certificates they took back.
///
/// A certificate is good where one of a tenant's authorities signed it, directly or through others, and it
/// names a device of that tenant.
public interface Certificates {
    /// In memory, without the database: what a chain of certificates that a client proved to own means now.
    ///
    /// @param chain the client's own first, then what it sent with it; may be anything
    Verdict verify(List<X509Certificate> chain);

    /// What the ids of credentials begin with that are certificates.
    String CREDENTIAL = "cert:";

    /// @return whether the principal proved to be it with a certificate
    static boolean proved(Principal principal) {
        return principal.credential().startsWith(CREDENTIAL);
    }

    /// In memory: whether a principal that [#verify] made would still be accepted.
    boolean good(Principal principal);

    /// Adds an authority.
    ///
    /// @param certificate PEM
    /// @param proof       PEM of a certificate that the authority signed with the common name [#proofName], or
    ///                    null; needed where there are several tenants: an authority's certificate is no secret
    /// @throws IllegalArgumentException where it is not fit to be one
    /// @throws AlreadyExistsException where its key is an authority already
    Authority add(TenantId tenant, String title, String certificate, @Nullable String proof);

    /// @return the common name of a certificate that proves that an authority is the tenant's own
    static String proofName(TenantId tenant) {
        return "tributary tenant " + tenant;
    }

    /// @return the tenant's authorities, oldest first
    List<Authority> authorities(TenantId tenant);

    /// Removes an authority: its certificates mean nothing from now on. [#onChange] listeners hear it.
    ///
    /// @return whether it existed in this tenant
    boolean remove(TenantId tenant, String authority);

    /// Makes a certificate worthless from now on, seen already or not. [#onChange] listeners hear it.
    ///
    /// @return whether the authority exists in this tenant
    boolean revoke(TenantId tenant, String authority, Mark mark);

    /// Takes the authority's list of revoked certificates in place of the one before.
    ///
    /// @param list a CRL, PEM
    /// @return how many it has, or nothing where the authority does not exist in this tenant
    /// @throws IllegalArgumentException where the authority did not sign it, or it is older than the one in use
    Optional<Integer> takeList(TenantId tenant, String authority, String list);

    /// @return what is revoked of the authority, newest first, at most 10,000; empty where it does not exist in
    ///         this tenant
    List<Revoked> revoked(TenantId tenant, String authority);

    /// Calls `listener` soon after certificates may have become worthless; doors ask [#good] for their
    /// connections.
    void onChange(Runnable listener);

    /// @param id          for removing and revoking
    /// @param subject     its name
    /// @param fingerprint SHA-256 of the certificate, hex
    /// @param notAfter    when it ends
    /// @param revoked     how many certificates of it are revoked
    record Authority(
            String id,
            String title,
            String subject,
            String fingerprint,
            Instant notAfter,
            Instant createdAt,
            int revoked) {}

    /// @param certificate `serial:` or `sha256:` and hex
    /// @param listed      whether the authority's list says so, and not an owner
    record Revoked(String certificate, boolean listed, Instant at) {}

    /// What one certificate is told by.
    sealed interface Mark {
        /// @param number of a certificate that the authority signed, directly or through others
        record Serial(BigInteger number) implements Mark {
            public Serial {
                if (number.signum() < 0 || number.bitLength() > 200) {
                    throw new IllegalArgumentException("a serial number is not negative and has at most 25 bytes");
                }
            }

            @Override
            public String toString() {
                return "serial:" + number.toString(16);
            }
        }

        /// @param sha256 of the certificate, hex
        record Fingerprint(String sha256) implements Mark {
            private static final Pattern SHAPE = Pattern.compile("[0-9a-f]{64}");

            public Fingerprint {
                Objects.requireNonNull(sha256, "sha256");
                if (!SHAPE.matcher(sha256).matches()) {
                    throw new IllegalArgumentException(
                            "a fingerprint is the SHA-256 of the certificate, 64 hex digits");
                }
            }

            @Override
            public String toString() {
                return "sha256:" + sha256;
            }
        }
    }
}
