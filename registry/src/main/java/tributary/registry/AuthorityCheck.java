package tributary.registry;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CRLException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.model.TenantId;
import tributary.registry.CertificatePath.RefusedException;

/// Reads what an owner brings about an authority, and says in words what is wrong with it.
final class AuthorityCheck {
    private static final int CERTIFICATE_CHARS_MAX = 32 * 1024;
    private static final int LIST_CHARS_MAX = 8 * 1024 * 1024;
    private static final int LISTED_MAX = 100_000;
    private static final String DELTA = "2.5.29.27";

    private AuthorityCheck() {}

    /// @throws IllegalArgumentException where it is not fit to sign certificates of devices
    static X509Certificate authority(String pem, Instant now) {
        X509Certificate certificate = certificate(pem, "the authority");
        if (certificate.getBasicConstraints() < 0) {
            throw new IllegalArgumentException(
                    "the certificate is not an authority's (CA:FALSE); give the one that signs those of the devices");
        }
        boolean[] usage = certificate.getKeyUsage();
        if (usage != null && !usage[5]) {
            throw new IllegalArgumentException("the authority's key usage lacks keyCertSign, so it may sign nothing");
        }
        if (now.isAfter(certificate.getNotAfter().toInstant())) {
            throw new IllegalArgumentException("the authority expired at "
                    + certificate.getNotAfter().toInstant() + "; give the one that is in use");
        }
        boolean root = certificate.getIssuerX500Principal().equals(certificate.getSubjectX500Principal());
        if (CertificatePath.constrained(certificate) && !root) {
            throw new IllegalArgumentException(
                    "the authority has name constraints and is below another; give the root above it, and let devices"
                            + " send the certificates between");
        }
        try {
            CertificatePath.checkStrength(certificate);
        } catch (RefusedException e) {
            throw new IllegalArgumentException("the authority's certificate cannot be used: " + e.getMessage(), e);
        }
        return certificate;
    }

    /// @throws IllegalArgumentException where `pem` is not a certificate for this tenant that the authority
    ///         signed
    static void proof(String pem, X509Certificate authority, TenantId tenant) {
        X509Certificate proof = certificate(pem, "the proof");
        X500Principal expected = new X500Principal("CN=" + Certificates.proofName(tenant));
        if (!proof.getSubjectX500Principal().equals(expected)) {
            throw new IllegalArgumentException("the proof's subject must be exactly '" + expected.getName() + "', was '"
                    + proof.getSubjectX500Principal().getName() + "'");
        }
        try {
            proof.verify(authority.getPublicKey());
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the proof is not signed by the authority", e);
        }
    }

    /// @return the certificate as the database keeps it
    static String toStore(X509Certificate certificate) {
        try {
            return Base64.getEncoder().encodeToString(certificate.getEncoded());
        } catch (CertificateException e) {
            throw new IllegalArgumentException("a certificate without bytes", e);
        }
    }

    /// @return what [#toStore] made a text of
    static X509Certificate stored(String text) {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(
                            new ByteArrayInputStream(Base64.getDecoder().decode(text)));
        } catch (CertificateException | IllegalArgumentException e) {
            throw new PlatformException(
                    Fault.DATA_DAMAGED, "An authority's certificate in the registry is damaged; restore a backup.", e);
        }
    }

    private static X509Certificate certificate(String pem, String what) {
        if (pem.length() > CERTIFICATE_CHARS_MAX) {
            throw new IllegalArgumentException(
                    what + " is longer than any certificate: at most " + CERTIFICATE_CHARS_MAX + " characters");
        }
        try {
            Collection<? extends Certificate> all = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)));
            if (all.size() == 1 && all.iterator().next() instanceof X509Certificate one) {
                return one;
            }
            throw new IllegalArgumentException(what + " is one certificate, not " + all.size());
        } catch (CertificateException e) {
            throw new IllegalArgumentException(what + " is not a certificate in PEM (-----BEGIN CERTIFICATE-----)", e);
        }
    }

    /// What a list of revoked certificates says.
    ///
    /// @param serials of revoked certificates, hex
    record List(Instant madeAt, Set<String> serials) {}

    /// @throws IllegalArgumentException where it is not a whole list that the authority signed
    static List list(String pem, X509Certificate authority) {
        if (pem.length() > LIST_CHARS_MAX) {
            throw new IllegalArgumentException("the list has more than " + LIST_CHARS_MAX + " characters");
        }
        try {
            X509CRL list = (X509CRL) CertificateFactory.getInstance("X.509")
                    .generateCRL(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)));
            if (!list.getIssuerX500Principal().equals(authority.getSubjectX500Principal())) {
                throw new IllegalArgumentException("the list is of another authority: '"
                        + list.getIssuerX500Principal().getName() + "'");
            }
            list.verify(authority.getPublicKey());
            if (list.getExtensionValue(DELTA) != null) {
                throw new IllegalArgumentException(
                        "the list holds only what changed (a delta CRL); give the whole one");
            }
            return new List(list.getThisUpdate().toInstant(), serials(list));
        } catch (CRLException e) {
            throw new IllegalArgumentException("it is not a revocation list in PEM (-----BEGIN X509 CRL-----)", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the list is not signed by the authority", e);
        }
    }

    private static Set<String> serials(X509CRL list) {
        Set<? extends X509CRLEntry> entries = list.getRevokedCertificates();
        if (entries == null) {
            return Set.of();
        }
        if (entries.size() > LISTED_MAX) {
            throw new IllegalArgumentException("the list has more than " + LISTED_MAX + " certificates");
        }
        Set<String> serials = new HashSet<>();
        for (X509CRLEntry entry : entries) {
            if (entry.getCertificateIssuer() == null) { // else of another authority's certificate
                serials.add(entry.getSerialNumber().toString(16));
            }
        }
        return serials;
    }
}
