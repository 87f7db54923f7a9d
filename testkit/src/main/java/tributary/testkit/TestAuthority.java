package tributary.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaMiscPEMGenerator;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemWriter;

/// Signs certificates of every kind, good ones and such as nobody should accept.
public final class TestAuthority {
    /// Of every store.
    public static final String STORE_PASSWORD = "canary-store-password";

    private static long serials = 1_000;

    private final Issued own;
    private final Instant now;

    /// A certificate, its key, and what has to be sent with it.
    ///
    /// @param chain the certificate first, then those between it and the root
    public record Issued(PrivateKey key, List<X509Certificate> chain) {
        public X509Certificate certificate() {
            return chain.getFirst();
        }

        public String pem() {
            return TestAuthority.pem(certificate());
        }

        /// @return the key in PKCS#8
        public String keyPem() {
            return "-----BEGIN PRIVATE KEY-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
                    + "\n-----END PRIVATE KEY-----\n";
        }

        /// @return the certificate and its key, under [#STORE_PASSWORD]
        public KeyStore store() {
            try {
                KeyStore store = KeyStore.getInstance("PKCS12");
                store.load(null, null);
                store.setKeyEntry("own", key, STORE_PASSWORD.toCharArray(), chain.toArray(new X509Certificate[0]));
                return store;
            } catch (IOException | GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        /// Writes [#store] into a file.
        ///
        /// @return the file
        public Path store(Path file) {
            try (OutputStream out = Files.newOutputStream(file)) {
                store().store(out, STORE_PASSWORD.toCharArray());
                return file;
            } catch (IOException | GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /// What a certificate is to be like.
    ///
    /// @param purposes     extended key usage; empty for none
    /// @param alternatives alternative names
    /// @param allowed      where it is an authority: the only DNS names that it may give, or empty
    /// @param algorithm    of its key: `EC`, `RSA1024`, `RSA2048`, `Ed25519`
    /// @param hash         of the signature on it: `SHA256`, `SHA1`
    public record Wish(
            X500Name subject,
            Instant from,
            Instant until,
            boolean authority,
            List<KeyPurposeId> purposes,
            List<GeneralName> alternatives,
            List<String> allowed,
            String algorithm,
            String hash) {
        public Wish named(X500Name newSubject) {
            return new Wish(newSubject, from, until, authority, purposes, alternatives, allowed, algorithm, hash);
        }

        public Wish valid(Instant newFrom, Instant newUntil) {
            return new Wish(subject, newFrom, newUntil, authority, purposes, alternatives, allowed, algorithm, hash);
        }

        public Wish authority(boolean may) {
            return new Wish(subject, from, until, may, List.of(), alternatives, allowed, algorithm, hash);
        }

        public Wish purposes(KeyPurposeId... all) {
            return new Wish(subject, from, until, authority, List.of(all), alternatives, allowed, algorithm, hash);
        }

        public Wish alternatives(GeneralName... all) {
            return new Wish(subject, from, until, authority, purposes, List.of(all), allowed, algorithm, hash);
        }

        public Wish allowing(String... hosts) {
            return new Wish(subject, from, until, authority, purposes, alternatives, List.of(hosts), algorithm, hash);
        }

        public Wish key(String newAlgorithm) {
            return new Wish(subject, from, until, authority, purposes, alternatives, allowed, newAlgorithm, hash);
        }

        public Wish signedWith(String newHash) {
            return new Wish(subject, from, until, authority, purposes, alternatives, allowed, algorithm, newHash);
        }
    }

    private TestAuthority(Issued own, Instant now) {
        this.own = own;
        this.now = now;
    }

    /// A root.
    ///
    /// @param now the middle of what is valid by default
    public static TestAuthority root(String name, Instant now) {
        return root(name, now, UnaryOperator.identity());
    }

    public static TestAuthority root(String name, Instant now, UnaryOperator<Wish> how) {
        Wish wish = how.apply(wish(name, now).authority(true));
        KeyPair pair = pair(wish.algorithm());
        X509Certificate certificate = sign(wish, pair, wish.subject(), pair.getPrivate());
        return new TestAuthority(new Issued(pair.getPrivate(), List.of(certificate)), now);
    }

    /// @return an authority below this one
    public TestAuthority below(String name, UnaryOperator<Wish> how) {
        return new TestAuthority(issue(name, wish -> how.apply(wish.authority(true))), now);
    }

    public X509Certificate certificate() {
        return own.certificate();
    }

    public String pem() {
        return own.pem();
    }

    /// @return a client certificate with this common name
    public Issued issue(String commonName) {
        return issue(commonName, UnaryOperator.identity());
    }

    /// @return a certificate of a server, for these names and addresses
    public Issued server(String... names) {
        GeneralName[] all = Stream.of(names)
                .map(name ->
                        new GeneralName(name.matches("[0-9.]+") ? GeneralName.iPAddress : GeneralName.dNSName, name))
                .toArray(GeneralName[]::new);
        return issue(
                names[0],
                wish -> wish.purposes(KeyPurposeId.id_kp_serverAuth)
                        .alternatives(all)
                        .key("RSA2048"));
    }

    public Issued issue(String commonName, UnaryOperator<Wish> how) {
        Wish wish = how.apply(wish(commonName, now));
        KeyPair pair = pair(wish.algorithm());
        X509Certificate certificate = sign(wish, pair, subject(own.certificate()), own.key());
        List<X509Certificate> chain = new ArrayList<>(List.of(certificate));
        boolean root = own.certificate()
                .getIssuerX500Principal()
                .equals(own.certificate().getSubjectX500Principal());
        if (!root) {
            chain.addAll(own.chain());
        }
        return new Issued(pair.getPrivate(), List.copyOf(chain));
    }

    /// @return a certificate that signed itself
    public static Issued selfSigned(String commonName, Instant now) {
        Wish wish = wish(commonName, now);
        KeyPair pair = pair(wish.algorithm());
        return new Issued(pair.getPrivate(), List.of(sign(wish, pair, wish.subject(), pair.getPrivate())));
    }

    /// @return the list of what is revoked, PEM
    public String list(Instant madeAt, Set<BigInteger> serials) {
        try {
            JcaX509v2CRLBuilder builder = new JcaX509v2CRLBuilder(own.certificate(), Date.from(madeAt));
            serials.forEach(serial -> builder.addCRLEntry(serial, Date.from(madeAt), CRLReason.keyCompromise));
            X509CRL list = new JcaX509CRLConverter().getCRL(builder.build(signer("SHA256", own.key())));
            return pem(list);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Wish wish(String commonName, Instant now) {
        return new Wish(
                new X500Name("CN=" + commonName),
                now.minus(Duration.ofDays(30)),
                now.plus(Duration.ofDays(30)),
                false,
                List.of(KeyPurposeId.id_kp_clientAuth),
                List.of(),
                List.of(),
                "EC",
                "SHA256");
    }

    private static synchronized BigInteger serial() {
        return BigInteger.valueOf(serials++);
    }

    private static X500Name subject(X509Certificate certificate) {
        return X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
    }

    private static X509Certificate sign(Wish wish, KeyPair pair, X500Name issuer, PrivateKey key) {
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                issuer, serial(), Date.from(wish.from()), Date.from(wish.until()), wish.subject(), pair.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(wish.authority()));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(
                            wish.authority() ? KeyUsage.keyCertSign | KeyUsage.cRLSign : KeyUsage.digitalSignature));
            if (!wish.purposes().isEmpty()) {
                builder.addExtension(
                        Extension.extendedKeyUsage,
                        false,
                        new ExtendedKeyUsage(wish.purposes().toArray(new KeyPurposeId[0])));
            }
            if (!wish.alternatives().isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(wish.alternatives().toArray(new GeneralName[0])));
            }
            if (!wish.allowed().isEmpty()) {
                GeneralSubtree[] permitted = wish.allowed().stream()
                        .map(host -> new GeneralSubtree(new GeneralName(GeneralName.dNSName, host)))
                        .toArray(GeneralSubtree[]::new);
                builder.addExtension(Extension.nameConstraints, true, new NameConstraints(permitted, null));
            }
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer(wish.hash(), key)));
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ContentSigner signer(String hash, PrivateKey key) throws OperatorCreationException {
        String name = switch (key.getAlgorithm()) {
            case "EC" -> hash + "withECDSA";
            case "RSA" -> hash + "withRSA";
            default -> "Ed25519";
        };
        return new JcaContentSignerBuilder(name).build(key);
    }

    private static KeyPair pair(String algorithm) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm.startsWith("RSA") ? "RSA" : algorithm);
            if (algorithm.equals("EC")) {
                generator.initialize(new ECGenParameterSpec("secp256r1"));
            } else if (algorithm.startsWith("RSA")) {
                generator.initialize(Integer.parseInt(algorithm.substring(3)));
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(Object object) {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new JcaMiscPEMGenerator(object));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return text.toString();
    }
}
