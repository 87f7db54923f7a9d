package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.PKCS8EncodedKeySpec;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.model.DeviceId;
import tributary.model.PlatformException;
import tributary.model.TenantId;
import tributary.registry.Credentials.Algorithm;
import tributary.registry.Credentials.Reason;

/// What attackers do to tokens; the number in a name is the expectation of the hardening list that it covers.
/// The forger here even has the platform's own private keys where a test needs to get past the signature.
final class TokenAttackTest {
    private static final DeviceId PUMP = new DeviceId("pump-1");

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock();
    private SqlRegistry registry;
    private Credentials credentials;
    private Map<Algorithm, JWK> jwks;

    @BeforeEach
    void open() throws ParseException {
        registry = SqlRegistry.open(
                RegistrySettings.DEFAULTS, folder, new World(clock, new SecureRandom(), new ReadyKeys()));
        credentials = registry.credentials();
        registry.devices().add(new Device(TenantId.MAIN, PUMP, null, "", Map.of(), "{}", clock.instant()));
        jwks = JWKSet.parse(credentials.jwks()).getKeys().stream()
                .collect(Collectors.toMap(
                        key -> key.getAlgorithm().getName().equals("RS256") ? Algorithm.RS256 : Algorithm.EDDSA,
                        key -> key));
    }

    @AfterEach
    void close() {
        registry.close();
    }

    private String issued(Algorithm algorithm) {
        return credentials
                .issueJwt(TenantId.MAIN, PUMP, Duration.ofHours(1), algorithm, Set.of(), Set.of())
                .secret();
    }

    private Reason refused(String token) {
        Credentials.Verdict verdict = credentials.verify(token);
        assertThat(verdict)
                .as(token.length() > 500 ? token.substring(0, 500) : token)
                .isInstanceOf(Credentials.Verdict.Refused.class);
        return ((Credentials.Verdict.Refused) verdict).reason();
    }

    private static String base64(String text) {
        return base64(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private String kid(Algorithm algorithm) {
        return jwks.get(algorithm).getKeyID();
    }

    /// Signs anything with the platform's own key.
    private String forge(Algorithm algorithm, String header, String payload) {
        try {
            String pem = Files.readString(folder.resolve("keys").resolve(kid(algorithm) + ".pem"));
            byte[] encoded = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
            PrivateKey key = KeyFactory.getInstance(SigningKey.family(algorithm))
                    .generatePrivate(new PKCS8EncodedKeySpec(encoded));
            String text = base64(header) + "." + base64(payload);
            return text + "." + base64(SigningKey.sign(algorithm, key, text.getBytes(StandardCharsets.US_ASCII)));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private String header() {
        return "{\"alg\":\"RS256\",\"kid\":\"%s\"}".formatted(kid(Algorithm.RS256));
    }

    /// Claims that are accepted as they are, with some changed: a value is JSON text, "" takes the claim away.
    private String claims(String... changes) {
        long now = clock.instant().getEpochSecond();
        Map<String, String> claims = new LinkedHashMap<>();
        claims.put("iss", "\"tributary\"");
        claims.put("aud", "\"tributary\"");
        claims.put("sub", "\"pump-1\"");
        claims.put("tenant", "\"main\"");
        claims.put("iat", Long.toString(now));
        claims.put("nbf", Long.toString(now));
        claims.put("exp", Long.toString(now + 3_600));
        claims.put("jti", "\"forged\"");
        for (int i = 0; i < changes.length; i += 2) {
            claims.put(changes[i], changes[i + 1]);
        }
        claims.values().removeIf(String::isEmpty);
        return claims.entrySet().stream()
                .map(claim -> "\"" + claim.getKey() + "\":" + claim.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }

    @Test
    void forgerReachesTheDoorSoThatTheRefusalsMeanSomething() {
        assertThat(credentials.verify(forge(Algorithm.RS256, header(), claims())))
                .isInstanceOf(Credentials.Verdict.Accepted.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"none\"",
                "\"None\"",
                "\"NONE\"",
                "\"nOnE\"",
                "null",
                "0",
                "1e3",
                "[]",
                "{}",
                "true",
                "\"\"",
                "\"rs256\"",
                "\"RS512\"",
                "\"PS256\"",
                "\"ES256\"",
                "\"HS256\"",
                "\"EdDSA\"",
                "\"RS256 \""
            })
    void expectation1AlgorithmIsWhatTheKeySaysAndNeverNone(String algorithm) {
        String header = "{\"alg\":%s,\"kid\":\"%s\"}".formatted(algorithm, kid(Algorithm.RS256));

        assertThat(refused(forge(Algorithm.RS256, header, claims()))).isIn(Reason.MALFORMED, Reason.BAD_SIGNATURE);
        assertThat(refused(base64(header) + "." + base64(claims()) + ".")).isEqualTo(Reason.MALFORMED);
        assertThat(refused(base64(header) + "." + base64(claims()) + ".AA"))
                .isIn(Reason.MALFORMED, Reason.BAD_SIGNATURE);
    }

    @Test
    void expectation1AlgorithmThatIsMissingIsRefused() {
        String header = "{\"kid\":\"%s\"}".formatted(kid(Algorithm.RS256));

        assertThat(refused(forge(Algorithm.RS256, header, claims()))).isEqualTo(Reason.MALFORMED);
    }

    @Test
    void expectation2PublicKeyIsNoSecretForHmac() throws Exception {
        byte[] der = jwks.get(Algorithm.RS256).toRSAKey().toRSAPublicKey().getEncoded();
        String pem = "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END PUBLIC KEY-----";
        List<byte[]> secrets = List.of(
                der,
                pem.getBytes(StandardCharsets.US_ASCII),
                (pem + "\n").getBytes(StandardCharsets.US_ASCII),
                jwks.get(Algorithm.RS256).toJSONString().getBytes(StandardCharsets.UTF_8),
                credentials.jwks().getBytes(StandardCharsets.UTF_8));
        for (byte[] secret : secrets) {
            SignedJWT token = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.HS256)
                            .keyID(kid(Algorithm.RS256))
                            .build(),
                    JWTClaimsSet.parse(claims()));
            token.sign(new MACSigner(secret));

            assertThat(refused(token.serialize())).isEqualTo(Reason.BAD_SIGNATURE);
        }
    }

    @Test
    void expectation2KeyOfOneAlgorithmDoesNotVerifyTheOther() {
        String header = "{\"alg\":\"EdDSA\",\"kid\":\"%s\"}".formatted(kid(Algorithm.RS256));
        String swapped = "{\"alg\":\"RS256\",\"kid\":\"%s\"}".formatted(kid(Algorithm.EDDSA));

        assertThat(refused(forge(Algorithm.EDDSA, header, claims()))).isEqualTo(Reason.BAD_SIGNATURE);
        assertThat(refused(forge(Algorithm.RS256, swapped, claims()))).isEqualTo(Reason.BAD_SIGNATURE);
        assertThat(refused(forge(Algorithm.EDDSA, header(), claims()))).isEqualTo(Reason.BAD_SIGNATURE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../dev/null",
                "' OR 1=1 --",
                "https://evil.example/key",
                "/etc/passwd",
                "",
                "unknown",
                "\\u0000"
            })
    void expectation3KeyIdIsOnlyEverLookedUp(String kid) {
        String header = "{\"alg\":\"RS256\",\"kid\":\"%s\"}".formatted(kid);
        registry.close();

        assertThat(refused(forge(Algorithm.RS256, header, claims())))
                .as("answered with the database closed, so nothing was asked there")
                .isIn(Reason.UNKNOWN, Reason.MALFORMED);
        reopen();
    }

    private void reopen() {
        registry = SqlRegistry.open(
                RegistrySettings.DEFAULTS, folder, new World(clock, new SecureRandom(), new ReadyKeys()));
    }

    @Test
    void expectation3And9HugeTokenIsRefusedBeforeItIsDecoded() {
        String header = "{\"alg\":\"RS256\",\"kid\":\"%s\"}".formatted("x".repeat(1 << 20));

        assertThat(refused(forge(Algorithm.RS256, header, claims()))).isEqualTo(Reason.MALFORMED);
        assertThat(credentials.verify("x".repeat(8_193)))
                .isInstanceOfSatisfying(
                        Credentials.Verdict.Refused.class,
                        refused -> assertThat(refused.detail()).contains("longer than 8192"));
        assertThat(credentials.verify("trd_" + "x".repeat(1 << 20))).isInstanceOf(Credentials.Verdict.Refused.class);
    }

    @Test
    void expectation4KeysInsideATokenAreIgnored() throws Exception {
        com.nimbusds.jose.jwk.RSAKey own = new com.nimbusds.jose.jwk.gen.RSAKeyGenerator(2048).generate();
        for (String where : List.of(
                "\"jwk\":" + own.toPublicJWK().toJSONString(),
                "\"jku\":\"http://127.0.0.1:1/jwks\"",
                "\"x5u\":\"http://127.0.0.1:1/x\"",
                "\"x5c\":[\"AAAA\"]")) {
            String header = "{\"alg\":\"RS256\",\"kid\":\"%s\",%s}".formatted(kid(Algorithm.RS256), where);
            String text = base64(header) + "." + base64(claims());
            String forged = text + "."
                    + base64(SigningKey.sign(
                            Algorithm.RS256, own.toPrivateKey(), text.getBytes(StandardCharsets.US_ASCII)));

            assertThat(refused(forged)).isEqualTo(Reason.BAD_SIGNATURE);
            assertThat(credentials.verify(forge(Algorithm.RS256, header, claims())))
                    .as("ours with such a header is judged by our key alone")
                    .isInstanceOf(Credentials.Verdict.Accepted.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void expectation5SignatureOfZerosIsWrong(Algorithm algorithm) {
        String token = issued(algorithm);
        String text = token.substring(0, token.lastIndexOf('.'));
        for (int bytes : new int[] {1, 63, 64, 65, 255, 256, 257, 512}) {
            assertThat(refused(text + "." + base64(new byte[bytes]))).isEqualTo(Reason.BAD_SIGNATURE);
            byte[] ones = new byte[bytes];
            Arrays.fill(ones, (byte) 0xff);
            assertThat(refused(text + "." + base64(ones))).isEqualTo(Reason.BAD_SIGNATURE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void expectation5EveryFlippedBitOfTheSignatureBreaksIt(Algorithm algorithm) {
        String token = issued(algorithm);
        String text = token.substring(0, token.lastIndexOf('.') + 1);
        byte[] signature = Base64.getUrlDecoder().decode(token.substring(text.length()));
        for (int i = 0; i < signature.length; i += 7) {
            byte[] flipped = signature.clone();
            flipped[i] ^= (byte) (1 << i % 8);
            assertThat(refused(text + base64(flipped))).isEqualTo(Reason.BAD_SIGNATURE);
        }
    }

    @Test
    void expectation6OtherSpellingsOfAGoodTokenAreRefused() {
        String good = issued(Algorithm.EDDSA);
        String[] parts = good.split("\\.");
        char last = good.charAt(good.length() - 1);
        List<String> others = List.of(
                parts[0] + "." + parts[1],
                parts[0] + "." + parts[1] + ".",
                "." + parts[1] + "." + parts[2],
                parts[0] + ".." + parts[2],
                good + ".",
                good + "." + parts[2],
                good + "." + parts[2] + "." + parts[2],
                " " + good,
                good + " ",
                good + "\n",
                good.replace(".", ".\n"),
                good + "=",
                good + "==",
                parts[0] + "=." + parts[1] + "." + parts[2],
                good.substring(0, good.length() - 1) + (char) (last + 1),
                good.replace('_', '/').replace('-', '+') + "/",
                good + "é",
                "",
                ".",
                "..",
                "...");

        assertThat(credentials.verify(good)).isInstanceOf(Credentials.Verdict.Accepted.class);
        for (String other : others) {
            assertThat(refused(other)).isIn(Reason.MALFORMED, Reason.BAD_SIGNATURE);
        }
    }

    @Test
    void expectation6HeadersAndClaimsThatCanBeReadTwoWaysAreRefused() {
        String kid = kid(Algorithm.RS256);
        for (String header : List.of(
                "{\"alg\":\"RS256\",\"alg\":\"RS256\",\"kid\":\"" + kid + "\"}",
                "{\"alg\":\"none\",\"kid\":\"" + kid + "\",\"alg\":\"RS256\"}",
                "{\"alg\":\"RS256\",\"\\u0061lg\":\"none\",\"kid\":\"" + kid + "\"}",
                "{\"alg\":\"RS256\",\"kid\":\"" + kid + "\",\"x\":{\"a\":1,\"a\":2}}",
                "{\"alg\":\"RS256\",\"kid\":\"" + kid + "\"}{}",
                "{\"alg\":\"RS256\",\"kid\":\"" + kid + "\"",
                "{alg:\"RS256\",\"kid\":\"" + kid + "\"}",
                "[\"alg\"]",
                "\"alg\"",
                "{\"alg\":\"RS256\",\"kid\":[\"" + kid + "\"]}",
                "{\"alg\":\"RS256\",\"kid\":\"" + kid + "\",\"x\":" + "[".repeat(100) + "]".repeat(100) + "}",
                "{\"alg\":\"RS256\",\"kid\":\"" + kid + "\",\"typ\":\"JWE\"}")) {
            assertThat(refused(forge(Algorithm.RS256, header, claims()))).isEqualTo(Reason.MALFORMED);
        }
        String claims = claims();
        for (String payload : List.of(
                "{\"sub\":\"pump-1\"," + claims.substring(1), claims + "{}", claims + " x", "[]", "null", "{}", "7")) {
            assertThat(refused(forge(Algorithm.RS256, header(), payload))).isEqualTo(Reason.MALFORMED);
        }
    }

    @Test
    void expectation7TimesThatAreOffAreRefused() {
        long now = clock.instant().getEpochSecond();

        assertThat(refused(forge(Algorithm.RS256, header(), claims("exp", "" + now))))
                .isEqualTo(Reason.EXPIRED);
        assertThat(refused(forge(Algorithm.RS256, header(), claims("exp", "" + (now - 1)))))
                .isEqualTo(Reason.EXPIRED);
        assertThat(refused(forge(Algorithm.RS256, header(), claims("nbf", "" + (now + 61)))))
                .isEqualTo(Reason.NOT_YET_VALID);
        assertThat(refused(forge(Algorithm.RS256, header(), claims("iat", "" + (now + 61)))))
                .isEqualTo(Reason.NOT_YET_VALID);
        assertThat(credentials.verify(
                        forge(Algorithm.RS256, header(), claims("iat", "" + (now + 60), "nbf", "" + (now + 60)))))
                .isInstanceOf(Credentials.Verdict.Accepted.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"exp", "nbf", "iat"})
    void expectation7TimesThatAreNoTimesAreRefused(String claim) {
        for (String value : List.of(
                "",
                "\"1772366400\"",
                "1e99",
                "1772366400.0",
                "-1",
                "null",
                "true",
                "[]",
                "{}",
                "99999999999999",
                "9223372036854775808",
                "1" + "0".repeat(40),
                "0x10",
                "NaN")) {
            assertThat(refused(forge(Algorithm.RS256, header(), claims(claim, value))))
                    .isEqualTo(Reason.MALFORMED);
        }
    }

    @Test
    void expectation8TokensOfOrForSomebodyElseAreRefused() {
        for (String[] change : new String[][] {
            {"aud", "\"other\""},
            {"aud", "[]"},
            {"aud", ""},
            {"aud", "[\"a\",\"b\"]"},
            {"iss", "\"other\""},
            {"iss", ""},
            {"iss", "\"TRIBUTARY\""}
        }) {
            assertThat(refused(forge(Algorithm.RS256, header(), claims(change))))
                    .isEqualTo(Reason.WRONG_AUDIENCE);
        }
        assertThat(refused(forge(Algorithm.RS256, header(), claims("tenant", "\"other\""))))
                .isEqualTo(Reason.UNKNOWN);
        assertThat(refused(forge(Algorithm.RS256, header(), claims("sub", "\"pump-2\""))))
                .isEqualTo(Reason.UNKNOWN);
        for (String[] change : new String[][] {
            {"aud", "7"},
            {"iss", "7"},
            {"tenant", ""},
            {"tenant", "\"../x\""},
            {"sub", ""},
            {"sub", "\"#\""},
            {"sub", "\"me\""},
            {"jti", ""},
            {"jti", "7"},
            {"scopes", "[]"},
            {"scopes", "{\"pub\":\"#\"}"},
            {"scopes", "{\"pub\":[\"a#\"]}"},
            {"scopes", "{\"admin\":[]}"}
        }) {
            assertThat(refused(forge(Algorithm.RS256, header(), claims(change))))
                    .isEqualTo(Reason.MALFORMED);
        }
    }

    @Test
    void expectation8TokenOfOneTenantMeansNothingInAnother() {
        TenantId other = new TenantId("other");
        registry.tenants().add(other, "Other");
        registry.devices().add(new Device(other, PUMP, null, "", Map.of(), "{}", clock.instant()));

        Credentials.Verdict verdict = credentials.verify(issued(Algorithm.RS256));

        assertThat(verdict)
                .isInstanceOfSatisfying(
                        Credentials.Verdict.Accepted.class,
                        accepted -> assertThat(accepted.principal().tenant()).isEqualTo(TenantId.MAIN));
    }

    @Test
    void expectation9EncryptedNestedAndZippedTokensAreRefused() {
        String kid = kid(Algorithm.RS256);
        for (String extra : List.of(
                "\"enc\":\"A256GCM\"", "\"zip\":\"DEF\"", "\"cty\":\"JWT\"", "\"crit\":[\"exp\"]", "\"b64\":false")) {
            String header = "{\"alg\":\"RS256\",\"kid\":\"%s\",%s}".formatted(kid, extra);
            assertThat(refused(forge(Algorithm.RS256, header, claims()))).isEqualTo(Reason.MALFORMED);
        }
        assertThat(refused("a.b.c.d.e")).isEqualTo(Reason.MALFORMED);
    }

    @Test
    void expectation11FreshInstallMakesKeysOfItsOwnAndRefusesPublishedOnes(@TempDir Path second) throws Exception {
        try (SqlRegistry fresh = SqlRegistry.open(RegistrySettings.DEFAULTS, second, clock, new SecureRandom())) {
            assertThat(JWKSet.parse(fresh.credentials().jwks()).getKeys())
                    .hasSize(2)
                    .noneMatch(key -> jwks.containsValue(key))
                    .noneMatch(JWK::isPrivate);
        }
        byte[] x = Base64.getUrlDecoder().decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwAaaPJHURo");
        byte[] prefix = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
        byte[] encoded = Arrays.copyOf(prefix, prefix.length + x.length);
        System.arraycopy(x, 0, encoded, prefix.length, x.length);
        replacePublicKeys(second, Base64.getEncoder().encodeToString(encoded));

        assertThatThrownBy(() -> SqlRegistry.open(RegistrySettings.DEFAULTS, second, clock, new SecureRandom()))
                .isInstanceOf(PlatformException.class)
                .hasMessageContaining("published sample key");
    }

    private static void replacePublicKeys(Path data, String key) throws Exception {
        try (java.sql.Connection connection =
                        java.sql.DriverManager.getConnection("jdbc:sqlite:" + data.resolve("registry.db"));
                java.sql.PreparedStatement update =
                        connection.prepareStatement("UPDATE signing_key SET public = ? WHERE algorithm = 'EDDSA'")) {
            update.setString(1, key);
            assertThat(update.executeUpdate()).isEqualTo(1);
        }
    }

    @Test
    void signedTokenIsReadByAnotherLibraryAsItWasMeant() throws Exception {
        Credentials.Issued issued = credentials.issueJwt(
                TenantId.MAIN,
                PUMP,
                Duration.ofHours(1),
                Algorithm.RS256,
                Set.of(new tributary.model.TopicFilter("a/#")),
                Set.of());

        SignedJWT read = SignedJWT.parse(issued.secret());

        assertThat(read.verify(new RSASSAVerifier(jwks.get(Algorithm.RS256).toRSAKey())))
                .isTrue();
        JWTClaimsSet claims = read.getJWTClaimsSet();
        Instant second = Instant.ofEpochSecond(clock.instant().getEpochSecond());
        assertThat(claims.getIssuer()).isEqualTo("tributary");
        assertThat(claims.getAudience()).containsExactly("tributary");
        assertThat(claims.getSubject()).isEqualTo("pump-1");
        assertThat(claims.getStringClaim("tenant")).isEqualTo("main");
        assertThat(claims.getJWTID()).isEqualTo(issued.credential());
        assertThat(claims.getIssueTime().toInstant()).isEqualTo(second);
        assertThat(claims.getNotBeforeTime().toInstant()).isEqualTo(second);
        assertThat(claims.getExpirationTime().toInstant()).isEqualTo(issued.expiresAt());
        assertThat(claims.getJSONObjectClaim("scopes")).isEqualTo(Map.of("pub", List.of("a/#"), "sub", List.of()));
    }
}
