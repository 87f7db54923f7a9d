package tributary.registry;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/// The public half of a key that signs or signed tokens, and everything that may be believed about it. What a token
/// says of its algorithm is compared with this and otherwise ignored.
final class SigningKey {
    /// The key signs, or tokens of it are good until their own end.
    static final long NOT_RETIRED = Long.MAX_VALUE;

    private static final int RSA_BITS = 2_048;
    private static final int ED25519_BYTES = 32;

    private final String id;
    private final Credentials.Algorithm algorithm;
    private final PublicKey publicKey;

    /// From when on no token of it is good, microseconds since 1970. Written by the holder of the database's write
    /// lock; volatile, because every verification reads it.
    private volatile long retiredMicros;

    SigningKey(String id, Credentials.Algorithm algorithm, PublicKey publicKey, long retiredMicros) {
        this.id = Objects.requireNonNull(id, "id");
        this.algorithm = Objects.requireNonNull(algorithm, "algorithm");
        this.publicKey = Objects.requireNonNull(publicKey, "publicKey");
        this.retiredMicros = retiredMicros;
    }

    /// @param publicText the SubjectPublicKeyInfo in base64
    static SigningKey parse(String id, Credentials.Algorithm algorithm, String publicText, long retiredMicros)
            throws GeneralSecurityException {
        X509EncodedKeySpec spec = new X509EncodedKeySpec(Base64.getDecoder().decode(publicText));
        return new SigningKey(
                id, algorithm, KeyFactory.getInstance(family(algorithm)).generatePublic(spec), retiredMicros);
    }

    static KeyPair generate(Credentials.Algorithm algorithm, SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(family(algorithm));
            if (algorithm == Credentials.Algorithm.RS256) {
                generator.initialize(RSA_BITS, random);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot make a key for " + algorithm, e);
        }
    }

    /// @return the name of the kind of key in Java
    static String family(Credentials.Algorithm algorithm) {
        return switch (algorithm) {
            case RS256 -> "RSA";
            case EDDSA -> "Ed25519";
        };
    }

    /// @return the name of the algorithm in a token's header
    static String header(Credentials.Algorithm algorithm) {
        return switch (algorithm) {
            case RS256 -> "RS256";
            case EDDSA -> "EdDSA";
        };
    }

    static byte[] sign(Credentials.Algorithm algorithm, PrivateKey key, byte[] text) throws GeneralSecurityException {
        Signature signature = signature(algorithm);
        signature.initSign(key);
        signature.update(text);
        return signature.sign();
    }

    /// @return whether `signature` is this key's over `text`
    boolean signed(byte[] text, byte[] signature) {
        try {
            Signature verifier = signature(algorithm);
            verifier.initVerify(publicKey);
            verifier.update(text);
            return verifier.verify(signature);
        } catch (SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot verify " + algorithm + " with key " + id, e);
        }
    }

    private static Signature signature(Credentials.Algorithm algorithm) throws GeneralSecurityException {
        return Signature.getInstance(
                switch (algorithm) {
                    case RS256 -> "SHA256withRSA";
                    case EDDSA -> "Ed25519";
                });
    }

    String id() {
        return id;
    }

    Credentials.Algorithm algorithm() {
        return algorithm;
    }

    boolean signing() {
        return retiredMicros == NOT_RETIRED;
    }

    boolean good(long nowMicros) {
        return nowMicros < retiredMicros;
    }

    void retire(long atMicros) {
        retiredMicros = atMicros;
    }

    /// @return the SubjectPublicKeyInfo in base64
    String publicText() {
        return Base64.getEncoder().encodeToString(publicKey.getEncoded());
    }

    Sha256 fingerprint() {
        return Sha256.of(publicKey.getEncoded());
    }

    /// @return the key as the members of a JSON Web Key
    Map<String, String> jwk() {
        Map<String, String> jwk = new LinkedHashMap<>();
        jwk.put("kid", id);
        jwk.put("use", "sig");
        jwk.put("alg", header(algorithm));
        if (publicKey instanceof RSAPublicKey rsa) {
            jwk.put("kty", "RSA");
            jwk.put("n", unsigned(rsa.getModulus()));
            jwk.put("e", unsigned(rsa.getPublicExponent()));
        } else {
            byte[] encoded = publicKey.getEncoded();
            jwk.put("kty", "OKP");
            jwk.put("crv", "Ed25519");
            jwk.put("x", base64(Arrays.copyOfRange(encoded, encoded.length - ED25519_BYTES, encoded.length)));
        }
        return jwk;
    }

    private static String unsigned(BigInteger number) {
        byte[] bytes = number.toByteArray();
        return base64(bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes);
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    @Override
    public String toString() {
        return "SigningKey[" + id + " " + algorithm + "]";
    }
}
