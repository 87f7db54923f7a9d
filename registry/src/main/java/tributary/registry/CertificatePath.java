package tributary.registry;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.RSAKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;
import tributary.registry.Credentials.Reason;

/// Follows a client's certificate up to an authority, and checks every step: pure, from what it is given.
final class CertificatePath {
    /// Certificates between a client's own and the authority, its own included.
    static final int LENGTH_MAX = 5;

    private static final int RSA_BITS_MIN = 2048;
    private static final int EC_BITS_MIN = 256;
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    private static final String ANY_USAGE = "2.5.29.37.0";
    private static final String NAME_CONSTRAINTS = "2.5.29.30";

    private CertificatePath() {}

    /// Why a chain is refused.
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;

        private final Reason reason;

        RefusedException(Reason reason, String detail) {
            super(detail);
            this.reason = reason;
        }

        Reason reason() {
            return reason;
        }
    }

    /// @param certificates from the client's own up to the one that the authority signed
    record Found<A>(A authority, List<X509Certificate> certificates) {}

    /// Finds the way from the first certificate of `chain` to one of the authorities, by names and signatures.
    ///
    /// @param bySubject authorities of a name
    /// @param key       an authority's public key
    static <A> Found<A> find(
            List<X509Certificate> chain, Function<X500Principal, List<A>> bySubject, Function<A, PublicKey> key)
            throws RefusedException {
        List<X509Certificate> path = new ArrayList<>();
        X509Certificate at = chain.getFirst();
        while (path.size() < LENGTH_MAX) {
            path.add(at);
            for (A authority : bySubject.apply(at.getIssuerX500Principal())) {
                if (signed(at, key.apply(authority))) {
                    return new Found<>(authority, path);
                }
            }
            X509Certificate next = above(at, chain, path);
            if (next == null) {
                boolean self = at.getIssuerX500Principal().equals(at.getSubjectX500Principal());
                throw new RefusedException(
                        Reason.UNKNOWN,
                        (self && path.size() == 1 ? "it is self-signed" : "nobody here knows its authority") + "; add"
                                + " the authority to the tenant: tributary ca add FILE");
            }
            at = next;
        }
        throw new RefusedException(Reason.MALFORMED, "there are more than " + LENGTH_MAX + " certificates on the way");
    }

    private static @Nullable X509Certificate above(
            X509Certificate below, List<X509Certificate> chain, List<X509Certificate> path) {
        for (X509Certificate candidate : chain) {
            if (candidate.getSubjectX500Principal().equals(below.getIssuerX500Principal())
                    && !path.contains(candidate)) {
                return candidate;
            }
        }
        return null;
    }

    private static boolean signed(X509Certificate certificate, PublicKey key) {
        try {
            certificate.verify(key);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /// Checks a path that [#find] found: times, strength, purpose, and everything that RFC 5280 asks of a path.
    static void check(List<X509Certificate> path, X509Certificate authority, Instant now) throws RefusedException {
        for (X509Certificate certificate : path) {
            checkTime(certificate, certificate.equals(path.getFirst()) ? "it" : "a certificate above it", now);
            checkStrength(certificate);
        }
        checkTime(authority, "its authority", now);
        X509Certificate own = path.getFirst();
        if (own.getBasicConstraints() >= 0) {
            throw new RefusedException(Reason.MALFORMED, "it is an authority's certificate and not a device's");
        }
        boolean[] usage = own.getKeyUsage();
        if (usage != null && !usage[0]) {
            throw new RefusedException(Reason.WRONG_AUDIENCE, "its key usage lacks digitalSignature");
        }
        checkPurpose(own);
        checkPkix(path, authority, now);
    }

    private static void checkTime(X509Certificate certificate, String what, Instant now) throws RefusedException {
        Instant from = certificate.getNotBefore().toInstant();
        Instant until = certificate.getNotAfter().toInstant();
        if (now.isBefore(from)) {
            throw new RefusedException(
                    Reason.NOT_YET_VALID, what + " is valid from " + from + " on only; is a clock wrong?");
        }
        if (now.isAfter(until)) {
            throw new RefusedException(Reason.EXPIRED, what + " expired at " + until + "; issue a new one");
        }
    }

    /// @throws RefusedException where its signature or its key can be forged with the means of today
    static void checkStrength(X509Certificate certificate) throws RefusedException {
        String signature = certificate.getSigAlgName().toUpperCase(Locale.ROOT).replace("-", "");
        if (signature.startsWith("SHA1") || signature.startsWith("MD")) {
            throw new RefusedException(
                    Reason.BAD_SIGNATURE,
                    "it is signed with " + certificate.getSigAlgName() + ", which can be forged; sign with SHA-256");
        }
        PublicKey key = certificate.getPublicKey();
        boolean strong = switch (key) {
            case RSAKey rsa -> rsa.getModulus().bitLength() >= RSA_BITS_MIN;
            case ECKey ec -> ec.getParams().getOrder().bitLength() >= EC_BITS_MIN;
            case EdECKey _ -> true;
            default -> false;
        };
        if (!strong) {
            throw new RefusedException(
                    Reason.BAD_SIGNATURE,
                    "its key is too weak (" + key.getAlgorithm() + "); use EC P-256, or RSA of " + RSA_BITS_MIN
                            + " bits at least");
        }
    }

    private static void checkPurpose(X509Certificate own) throws RefusedException {
        try {
            List<String> purposes = own.getExtendedKeyUsage();
            if (purposes != null && !purposes.contains(CLIENT_AUTH) && !purposes.contains(ANY_USAGE)) {
                throw new RefusedException(
                        Reason.WRONG_AUDIENCE, "its extended key usage is not for clients; issue one with clientAuth");
            }
        } catch (CertificateException e) {
            throw new RefusedException(Reason.MALFORMED, "its extended key usage cannot be read");
        }
    }

    private static void checkPkix(List<X509Certificate> path, X509Certificate authority, Instant now)
            throws RefusedException {
        List<X509Certificate> steps = new ArrayList<>(path);
        TrustAnchor anchor = new TrustAnchor(authority, null);
        if (constrained(authority)) {
            // the validator takes no constraints from an anchor: it signed itself, so it can be a step of the way, too
            steps.add(authority);
            anchor = new TrustAnchor(authority.getSubjectX500Principal(), authority.getPublicKey(), null);
        }
        try {
            PKIXParameters parameters = new PKIXParameters(Set.of(anchor));
            parameters.setRevocationEnabled(false); // the registry knows what is revoked
            parameters.setDate(Date.from(now));
            CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(steps), parameters);
        } catch (CertPathValidatorException e) {
            throw new RefusedException(Reason.BAD_SIGNATURE, words(e));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new RefusedException(Reason.MALFORMED, "its path cannot be checked: " + e.getMessage());
        }
    }

    private static String words(CertPathValidatorException e) {
        return switch (String.valueOf(e.getReason())) {
            case "NOT_CA_CERT" -> "a certificate above it may not sign others (CA:FALSE)";
            case "PATH_TOO_LONG" -> "there are more certificates on the way than its authority allows";
            case "INVALID_NAME" -> "its name is none that its authority may give (name constraints)";
            case "INVALID_KEY_USAGE" -> "a certificate above it may not sign others (key usage)";
            case "ALGORITHM_CONSTRAINED" -> "it is signed in a way that can be forged: " + e.getMessage();
            case "INVALID_SIGNATURE" -> "a signature on the way is wrong";
            default -> "its path is not valid: " + e.getMessage();
        };
    }

    /// @return whether it may give only some names
    static boolean constrained(X509Certificate authority) {
        return authority.getExtensionValue(NAME_CONSTRAINTS) != null;
    }
}
