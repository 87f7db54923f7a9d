package tributary.sinks;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// Whom a sink trusts by TLS, and as whom it shows itself. All of it is text, as drivers want it.
///
/// @param ca          certificates of authorities in PEM, which alone are trusted then; or "" for those that Java knows
/// @param certificate our own with those above it in PEM, or ""
/// @param key         of our certificate, PKCS#8 in PEM, or ""
public record SinkTls(String ca, String certificate, String key) {
    /// The authorities that Java knows, and no certificate of our own.
    public static final SinkTls USUAL = new SinkTls("", "", "");

    private static final String CA = "ca";
    private static final String CERTIFICATE = "certificate";
    private static final String KEY = "private-key";
    private static final int CHARS_MAX = 32 << 10;
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";

    /// Reads the fields `ca` and `certificate` and the secret `private-key`.
    ///
    /// @param off why there is no TLS, such as `tls is off`; or ""
    public static SinkTls read(SinkFields fields, String off) {
        SinkTls tls = new SinkTls(
                fields.text(CA, "").strip(),
                fields.text(CERTIFICATE, "").strip(),
                fields.secret(KEY).strip());
        if (!off.isEmpty() && !tls.equals(USUAL)) {
            fields.problem(CA, "ca, certificate and private-key are for TLS, and " + off);
            return USUAL;
        }
        boolean good = certificates(fields, CA, tls.ca) && certificates(fields, CERTIFICATE, tls.certificate);
        if (tls.certificate.isEmpty() != tls.key.isEmpty()) {
            fields.problem(CERTIFICATE, "certificate and the secret private-key belong together");
            good = false;
        } else if (good && !tls.key.isEmpty()) {
            String flaw = keyFlaw(tls);
            if (!flaw.isEmpty()) {
                fields.secretProblem(KEY, flaw);
                good = false;
            }
        }
        return good ? tls : USUAL;
    }

    private static boolean certificates(SinkFields fields, String name, String pem) {
        try {
            if (pem.length() <= CHARS_MAX
                    && (pem.isEmpty() || !certificates(pem).isEmpty())) {
                return true;
            }
        } catch (CertificateException e) {
            // it is said below
        }
        fields.problem(
                name,
                name + " is certificates in PEM (-----BEGIN CERTIFICATE-----), at most 32 KB: the text, not a name");
        return false;
    }

    /// What it says does not hold the key.
    private static String keyFlaw(SinkTls tls) {
        if (!tls.key.startsWith(BEGIN) || !tls.key.endsWith(END)) {
            return "private-key is PKCS#8 in PEM without a password (" + BEGIN
                    + "); openssl pkcs8 -topk8 -nodes makes it of another kind";
        }
        try {
            PublicKey known = certificates(tls.certificate).getFirst().getPublicKey();
            return fits(tls.privateKey(), known) ? "" : "private-key is not that of the certificate";
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return "private-key cannot be read, or is not that of the certificate";
        }
    }

    private static boolean fits(PrivateKey key, PublicKey known) throws GeneralSecurityException {
        String algorithm = switch (known.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> known.getAlgorithm();
        };
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        byte[] signed = signature.sign();
        signature.initVerify(known);
        return signature.verify(signed);
    }

    private static List<X509Certificate> certificates(String pem) throws CertificateException {
        List<X509Certificate> all = new ArrayList<>();
        for (Certificate one : CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)))) {
            all.add((X509Certificate) one);
        }
        return all;
    }

    private PrivateKey privateKey() throws GeneralSecurityException {
        String text = key.substring(BEGIN.length(), key.length() - END.length());
        byte[] bytes = Base64.getMimeDecoder().decode(text);
        String algorithm = certificates(certificate).getFirst().getPublicKey().getAlgorithm();
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(bytes));
    }

    /// @return who is trusted, or null for those that Java knows
    public @Nullable TrustManagerFactory trusted() throws GeneralSecurityException {
        if (ca.isEmpty()) {
            return null;
        }
        KeyStore store = store();
        int number = 0;
        for (X509Certificate one : certificates(ca)) {
            store.setCertificateEntry("ca-" + number++, one);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }

    /// @return who we are, or null where nobody asks
    public @Nullable KeyManagerFactory own() throws GeneralSecurityException {
        if (key.isEmpty()) {
            return null;
        }
        KeyStore store = store();
        char[] none = new char[0];
        store.setKeyEntry("own", privateKey(), none, certificates(certificate).toArray(new Certificate[0]));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, none);
        return factory;
    }

    private static KeyStore store() throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new GeneralSecurityException(e);
        }
        return store;
    }

    public SSLContext context() throws GeneralSecurityException {
        if (equals(USUAL)) {
            return SSLContext.getDefault();
        }
        TrustManagerFactory trusted = trusted();
        KeyManagerFactory own = own();
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                own == null ? null : own.getKeyManagers(), trusted == null ? null : trusted.getTrustManagers(), null);
        return context;
    }

    @Override
    public String toString() {
        return "SinkTls" + (ca.isEmpty() ? "" : " ca") + (key.isEmpty() ? "" : " certificate");
    }
}
