package tributary.gateway.tls;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;

/// A private key and the certificate that belongs to it, as two PEM files hold them.
///
/// @param chain the server's own certificate first
record KeyMaterial(PrivateKey key, List<X509Certificate> chain) {
    private static final int FILE_BYTES_MAX = 1024 * 1024;

    KeyMaterial {
        chain = List.copyOf(chain);
    }

    /// What is wrong with the files, in words for the operator.
    static final class UnfitException extends Exception {
        private static final long serialVersionUID = 1;

        UnfitException(String detail) {
            super(detail);
        }
    }

    /// Reads both files and holds them against each other and the clock.
    static KeyMaterial read(Path certificate, Path key, Instant now) throws UnfitException {
        List<X509Certificate> chain = chain(certificate);
        PrivateKey secret = secret(key);
        X509Certificate own = chain.getFirst();
        if (now.isAfter(own.getNotAfter().toInstant())) {
            throw new UnfitException("the certificate in " + certificate + " expired at "
                    + own.getNotAfter().toInstant() + "; put a new one there");
        }
        if (!belong(secret, own.getPublicKey())) {
            throw new UnfitException("the key in " + key + " is not the one of the certificate in " + certificate
                    + "; put the pair there that was made together");
        }
        return new KeyMaterial(secret, chain);
    }

    X509Certificate own() {
        return chain.getFirst();
    }

    /// @return DNS names and addresses that the certificate is for, in lower case
    Set<String> names() {
        Set<String> names = new TreeSet<>();
        try {
            Collection<List<?>> alternatives = own().getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> name : alternatives) {
                    if (name.get(1) instanceof String text) {
                        names.add(text.toLowerCase(Locale.ROOT));
                    }
                }
            }
        } catch (CertificateException e) {
            return Set.of();
        }
        return names;
    }

    private static List<X509Certificate> chain(Path file) throws UnfitException {
        List<X509Certificate> chain = new ArrayList<>();
        JcaX509CertificateConverter converter = new JcaX509CertificateConverter();
        try (PEMParser parser = new PEMParser(new StringReader(text(file)))) {
            for (Object next = parser.readObject(); next != null; next = parser.readObject()) {
                if (next instanceof X509CertificateHolder holder) {
                    chain.add(converter.getCertificate(holder));
                }
            }
        } catch (IOException | CertificateException e) {
            throw new UnfitException(file + " is not a PEM file with certificates: " + e.getMessage());
        }
        if (chain.isEmpty()) {
            throw new UnfitException("there is no certificate in " + file
                    + "; it must be PEM, the server's own certificate first and the ones that lead to its authority"
                    + " behind it");
        }
        return chain;
    }

    private static PrivateKey secret(Path file) throws UnfitException {
        JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
        try (PEMParser parser = new PEMParser(new StringReader(text(file)))) {
            for (Object next = parser.readObject(); next != null; next = parser.readObject()) {
                switch (next) {
                    case PrivateKeyInfo info -> {
                        return converter.getPrivateKey(info);
                    }
                    case PEMKeyPair pair -> {
                        KeyPair both = converter.getKeyPair(pair);
                        return both.getPrivate();
                    }
                    case PKCS8EncryptedPrivateKeyInfo _, PEMEncryptedKeyPair _ ->
                        throw new UnfitException("the key in " + file
                                + " is encrypted; write it without a password, readable by the server's user only:"
                                + " openssl pkey -in " + file + " -out server-key.pem");
                    default -> {
                        // parameters of a curve and certificates may stand before the key
                    }
                }
            }
        } catch (PEMException e) {
            throw new UnfitException("the key in " + file + " cannot be read; it is of no kind that is known here");
        } catch (IOException e) {
            throw new UnfitException(file + " is not a PEM file with a private key");
        }
        throw new UnfitException("there is no private key in " + file + "; it must be PEM");
    }

    private static String text(Path file) throws UnfitException {
        try {
            if (Files.size(file) > FILE_BYTES_MAX) {
                throw new UnfitException(file + " has more than " + FILE_BYTES_MAX + " bytes, so it is something else");
            }
            String text = Files.readString(file);
            if (text.isBlank()) {
                throw new UnfitException(file + " is empty");
            }
            return text;
        } catch (IOException e) {
            throw new UnfitException("cannot read " + file + " (" + e + ")");
        }
    }

    private static boolean belong(PrivateKey secret, PublicKey open) {
        String algorithm = switch (open.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> open.getAlgorithm();
        };
        byte[] probe = new byte[32];
        try {
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(secret, new SecureRandom());
            signing.update(probe);
            byte[] signed = signing.sign();
            Signature checking = Signature.getInstance(algorithm);
            checking.initVerify(open);
            checking.update(probe);
            return checking.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /// @return whether the key is of the kind that costs a server several times the processor time of an EC key
    boolean slow() {
        return key instanceof RSAKey;
    }
}
