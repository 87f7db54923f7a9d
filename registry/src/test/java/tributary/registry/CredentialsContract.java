package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.model.TopicFilter;

/// What a registry promises about tokens and keys.
abstract class CredentialsContract extends RegistryContract {
    private static final Set<TopicFilter> COMMANDS = Set.of(new TopicFilter("commands/+/\"x\""));
    private static final Set<TopicFilter> NEWS = Set.of(new TopicFilter("news/#"), new TopicFilter("site/+/state"));

    private final List<String> heard = new ArrayList<>();

    @BeforeEach
    void addPump() {
        add("pump-1");
        credentials().onRevoked(heard::add);
    }

    @Test
    void staticTokenStandsForItsDeviceOverARestart() {
        Credentials.Issued issued = credentials().issueToken(MAIN, PUMP, null);

        reopen();

        assertThat(issued.secret()).matches("trd_[0-9a-z]{36}");
        assertThat(accepted(issued.secret()))
                .isEqualTo(new Principal(
                        MAIN,
                        "device:pump-1",
                        Principal.Kind.DEVICE,
                        PUMP,
                        Principal.Role.DEVICE,
                        Set.of(),
                        Set.of(),
                        null,
                        issued.credential()));
    }

    @Test
    void everyStaticTokenIsAnother() {
        assertThat(credentials().issueToken(MAIN, PUMP, null).secret())
                .isNotEqualTo(credentials().issueToken(MAIN, PUMP, null).secret());
    }

    @Test
    void mistypedStaticTokenIsToldFromAnUnknownOne() {
        String secret = credentials().issueToken(MAIN, PUMP, null).secret();
        char last = secret.charAt(secret.length() - 1);
        String mistyped = secret.substring(0, secret.length() - 1) + (last == 'a' ? 'b' : 'a');

        assertThat(refused(mistyped)).isEqualTo(Credentials.Reason.MALFORMED);
        assertThat(refused(secret.substring(0, 20))).isEqualTo(Credentials.Reason.MALFORMED);
        assertThat(refused("trd_" + secret)).isEqualTo(Credentials.Reason.MALFORMED);
        assertThat(refused(Secret.random(Secret.DEVICE_TOKEN, new java.security.SecureRandom())))
                .isEqualTo(Credentials.Reason.UNKNOWN);
    }

    @Test
    void staticTokenExpires() {
        String secret = credentials().issueToken(MAIN, PUMP, HOUR).secret();

        clock.advance(HOUR.minusMillis(1));
        accepted(secret);
        clock.advance(Duration.ofMillis(1));

        assertThat(refused(secret)).isEqualTo(Credentials.Reason.EXPIRED);
    }

    @Test
    void apiKeyCarriesRoleAndFilters() {
        Credentials.Issued issued =
                credentials().issueKey(MAIN, "Dash \"board\"", Principal.Role.VIEWER, COMMANDS, NEWS, HOUR);

        reopen();

        Instant used = clock.instant();
        Principal principal = accepted(issued.secret());
        assertThat(issued.secret()).startsWith("trk_");
        assertThat(principal.kind()).isEqualTo(Principal.Kind.APPLICATION);
        assertThat(principal.subject()).isEqualTo("key:" + issued.credential());
        assertThat(principal.device()).isNull();
        assertThat(principal.role()).isEqualTo(Principal.Role.VIEWER);
        assertThat(principal.publish()).isEqualTo(COMMANDS);
        assertThat(principal.subscribe()).isEqualTo(NEWS);
        assertThat(credentials().issued(MAIN, null))
                .containsExactly(new Credentials.Issue(
                        issued.credential(),
                        "key",
                        "Dash \"board\"",
                        Principal.Role.VIEWER,
                        clock.instant(),
                        issued.expiresAt(),
                        used,
                        false));
    }

    private @Nullable Instant lastUsed(Credentials.Issued issued) {
        return credentials().issued(MAIN, PUMP).stream()
                .filter(issue -> issue.credential().equals(issued.credential()))
                .findFirst()
                .orElseThrow()
                .lastUsedAt();
    }

    @Test
    void itIsKnownWhenACredentialWasLastUsedAlsoAfterARestart() {
        Credentials.Issued token = credentials().issueToken(MAIN, PUMP, null);
        Credentials.Issued jwt = jwt(Credentials.Algorithm.EDDSA);
        assertThat(lastUsed(token)).isNull();

        accepted(token.secret());
        Instant first = clock.instant();
        clock.advance(Duration.ofMinutes(5));
        accepted(jwt.secret());

        assertThat(lastUsed(token)).isEqualTo(first);
        assertThat(lastUsed(jwt)).isEqualTo(clock.instant());
        clock.advance(Duration.ofMillis(1));
        reopen();
        assertThat(lastUsed(token)).isEqualTo(first);
        refused(token.secret().substring(0, 20));
        assertThat(lastUsed(token)).as("a refusal is no use").isEqualTo(first);
        clock.advance(Duration.ofMinutes(5));
        accepted(token.secret());
        assertThat(lastUsed(token)).isEqualTo(clock.instant());
    }

    @Test
    void aReplacementIsLikeWhatItReplacesAndBothAreGood() {
        Credentials.Issued token = credentials().issueToken(MAIN, PUMP, HOUR);
        Credentials.Issued jwt = credentials().issueJwt(MAIN, PUMP, HOUR, Credentials.Algorithm.EDDSA, COMMANDS, NEWS);
        Credentials.Issued key = credentials().issueKey(MAIN, "k", Principal.Role.VIEWER, COMMANDS, NEWS, null);
        clock.advance(Duration.ofMinutes(30));

        Credentials.Issued other =
                credentials().replace(MAIN, PUMP, token.credential()).orElseThrow();
        assertThat(other.expiresAt()).isEqualTo(clock.instant().plus(HOUR));
        assertThat(accepted(other.secret()).device()).isEqualTo(PUMP);
        accepted(token.secret());
        Principal signed = accepted(credentials()
                .replace(MAIN, PUMP, jwt.credential())
                .orElseThrow()
                .secret());
        assertThat(signed.publish()).isEqualTo(COMMANDS);
        assertThat(signed.subscribe()).isEqualTo(NEWS);
        Principal application = accepted(credentials()
                .replace(MAIN, null, key.credential())
                .orElseThrow()
                .secret());
        assertThat(application.role()).isEqualTo(Principal.Role.VIEWER);
        assertThat(application.expiresAt()).isNull();

        assertThat(credentials().replace(MAIN, null, token.credential()))
                .as("a device's is no key")
                .isEmpty();
        assertThat(credentials().replace(MAIN, PUMP, key.credential())).isEmpty();
        assertThat(credentials().replace(new TenantId("elsewhere"), PUMP, token.credential()))
                .isEmpty();
        credentials().revoke(MAIN, token.credential());
        assertThat(credentials().replace(MAIN, PUMP, token.credential())).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void signedTokenStandsForItsDeviceOverARestart(Credentials.Algorithm algorithm) {
        Credentials.Issued issued = credentials().issueJwt(MAIN, PUMP, HOUR, algorithm, COMMANDS, NEWS);

        Principal before = accepted(issued.secret());
        reopen();

        assertThat(accepted(issued.secret())).isEqualTo(before);
        assertThat(accepted(issued.secret())).isEqualTo(before);
        assertThat(before)
                .isEqualTo(new Principal(
                        MAIN,
                        "device:pump-1",
                        Principal.Kind.DEVICE,
                        PUMP,
                        Principal.Role.DEVICE,
                        COMMANDS,
                        NEWS,
                        clock.instant().plus(HOUR).truncatedTo(ChronoUnit.SECONDS),
                        issued.credential()));
    }

    @ParameterizedTest
    @EnumSource
    void signedTokenExpiresAlsoWhileItIsRemembered(Credentials.Algorithm algorithm) {
        String secret = jwt(algorithm).secret();
        accepted(secret);

        clock.advance(HOUR);

        assertThat(refused(secret)).isEqualTo(Credentials.Reason.EXPIRED);
    }

    @Test
    void revokedCredentialsAreRefusedAtOnceAndAfterARestart() {
        List<Credentials.Issued> all = List.of(
                credentials().issueToken(MAIN, PUMP, null),
                jwt(Credentials.Algorithm.RS256),
                credentials().issueKey(MAIN, "app", Principal.Role.OWNER, Set.of(), Set.of(), null));
        all.forEach(one -> accepted(one.secret()));

        all.forEach(
                one -> assertThat(credentials().revoke(MAIN, one.credential())).isTrue());

        all.forEach(one -> assertThat(refused(one.secret())).isEqualTo(Credentials.Reason.REVOKED));
        assertThat(heard)
                .isEqualTo(all.stream().map(Credentials.Issued::credential).toList());
        reopen();
        all.forEach(one -> assertThat(refused(one.secret())).isEqualTo(Credentials.Reason.REVOKED));
        assertThat(credentials().issued(MAIN, PUMP)).hasSize(2).allMatch(Credentials.Issue::revoked);
    }

    @Test
    void keysOfOneTitleAndTheSameRightsAreOneHoldersAndRevokedOnesAreGone() {
        Credentials.Issued old = credentials().issueKey(MAIN, "dashboard", Principal.Role.VIEWER, COMMANDS, NEWS, null);
        Credentials.Issued anew =
                credentials().replace(MAIN, null, old.credential()).orElseThrow();
        List<Credentials.Issued> others = List.of(
                credentials().issueKey(MAIN, "another", Principal.Role.VIEWER, COMMANDS, NEWS, null),
                credentials().issueKey(MAIN, "dashboard", Principal.Role.OPERATOR, COMMANDS, NEWS, null),
                credentials().issueKey(MAIN, "dashboard", Principal.Role.VIEWER, NEWS, NEWS, null),
                credentials().issueKey(MAIN, "dashboard", Principal.Role.VIEWER, COMMANDS, COMMANDS, null));

        for (int start = 0; start < 2; start++) {
            assertThat(credentials().same(MAIN, subject(old), subject(anew))).isTrue();
            assertThat(credentials().same(new TenantId("nobodys"), subject(old), subject(anew)))
                    .isFalse();
            for (Credentials.Issued other : others) {
                assertThat(credentials().same(MAIN, subject(old), subject(other)))
                        .isFalse();
            }
            assertThat(credentials().same(MAIN, "device:pump-1", "device:pump-1"))
                    .isTrue();
            assertThat(credentials().same(MAIN, "device:pump-1", subject(anew))).isFalse();
            assertThat(credentials().gone(MAIN, subject(old))).isFalse();
            assertThat(credentials().gone(MAIN, "key:neverwas")).isTrue();
            assertThat(credentials().gone(MAIN, "device:nobody"))
                    .as("asked elsewhere")
                    .isFalse();
            reopen();
        }
        credentials().revoke(MAIN, old.credential());
        for (int start = 0; start < 2; start++) {
            assertThat(credentials().gone(MAIN, subject(old))).isTrue();
            assertThat(credentials().gone(MAIN, subject(anew))).isFalse();
            reopen();
        }
    }

    private static String subject(Credentials.Issued key) {
        return "key:" + key.credential();
    }

    @Test
    void anotherTenantCannotRevoke() {
        registry().tenants().add(OTHER, "Other");
        Credentials.Issued issued = credentials().issueToken(MAIN, PUMP, null);

        assertThat(credentials().revoke(OTHER, issued.credential())).isFalse();
        assertThat(credentials().revoke(MAIN, "unknown")).isFalse();

        accepted(issued.secret());
        assertThat(credentials().issued(OTHER, PUMP)).isEmpty();
        assertThat(heard).isEmpty();
    }

    @Test
    void removingADeviceRevokesWhatItHas() {
        Credentials.Issued token = credentials().issueToken(MAIN, PUMP, null);
        Credentials.Issued jwt = jwt(Credentials.Algorithm.EDDSA);
        accepted(jwt.secret());

        devices().remove(MAIN, PUMP);

        assertThat(heard).containsExactlyInAnyOrder(token.credential(), jwt.credential());
        assertThat(refused(token.secret())).isEqualTo(Credentials.Reason.REVOKED);
        assertThat(refused(jwt.secret())).isEqualTo(Credentials.Reason.REVOKED);
        add("pump-1");
        assertThat(refused(token.secret())).isEqualTo(Credentials.Reason.REVOKED);
        assertThat(refused(jwt.secret())).isEqualTo(Credentials.Reason.REVOKED);
        reopen();
        assertThat(refused(jwt.secret())).isEqualTo(Credentials.Reason.REVOKED);
    }

    @Test
    void listenerThatFailsDoesNotKeepOthersFromHearing() {
        List<String> second = new ArrayList<>();
        credentials().onRevoked(_ -> {
            throw new IllegalStateException("this listener fails on purpose");
        });
        credentials().onRevoked(second::add);
        Credentials.Issued issued = credentials().issueToken(MAIN, PUMP, null);

        credentials().revoke(MAIN, issued.credential());

        assertThat(heard).containsExactly(issued.credential());
        assertThat(second).containsExactly(issued.credential());
    }

    @Test
    void credentialsOfADeviceHaveALimit() {
        reopen(settings -> limits(settings, 10, 10, 10, 3));
        credentials().issueToken(MAIN, PUMP, HOUR);
        Credentials.Issued token = credentials().issueToken(MAIN, PUMP, null);
        Credentials.Issued jwt = jwt(Credentials.Algorithm.RS256);

        assertThatThrownBy(() -> credentials().issueToken(MAIN, PUMP, null))
                .hasMessageContaining("registry.credentials-per-holder");
        credentials().revoke(MAIN, jwt.credential());
        assertThatThrownBy(() -> credentials().issueToken(MAIN, PUMP, null))
                .as("a revoked JWT has to be known as revoked until it expires")
                .hasMessageContaining("registry.credentials-per-holder");
        credentials().revoke(MAIN, token.credential());
        credentials().issueToken(MAIN, PUMP, null);

        assertThat(refused(token.secret())).isEqualTo(Credentials.Reason.UNKNOWN);
        assertThat(refused(jwt.secret())).isEqualTo(Credentials.Reason.REVOKED);
    }

    @Test
    void nothingIsIssuedForADeviceThatIsNotThere() {
        DeviceId nobody = new DeviceId("nobody");

        assertThatThrownBy(() -> credentials().issueToken(MAIN, nobody, null))
                .hasMessageContaining("no device 'nobody'");
        assertThatThrownBy(() ->
                        credentials().issueJwt(MAIN, nobody, HOUR, Credentials.Algorithm.RS256, Set.of(), Set.of()))
                .hasMessageContaining("no device 'nobody'");
        assertThatThrownBy(() -> credentials().issueToken(MAIN, PUMP, Duration.ZERO))
                .hasMessageContaining("valid for");
    }

    @ParameterizedTest
    @EnumSource
    void tokensOfAnOldKeyStayGoodForTheOverlap(Credentials.Algorithm algorithm) {
        String old = jwt(algorithm).secret();
        accepted(old);

        credentials().rotateKeys(Duration.ofMinutes(10));
        String fresh = jwt(algorithm).secret();

        accepted(old);
        accepted(fresh);
        assertThat(header(fresh)).isNotEqualTo(header(old));
        assertThat(credentials().jwks()).contains(keyId(old), keyId(fresh));
        reopen();
        accepted(old);
        clock.advance(Duration.ofMinutes(10));
        assertThat(refused(old)).isEqualTo(Credentials.Reason.EXPIRED);
        assertThat(credentials().jwks()).contains(keyId(fresh)).doesNotContain(keyId(old));
        accepted(fresh);
        credentials().rotateKeys(Duration.ZERO);
        assertThat(refused(fresh)).isEqualTo(Credentials.Reason.EXPIRED);
        assertThat(refused(old)).isEqualTo(Credentials.Reason.UNKNOWN);
    }

    private static String header(String jwt) {
        return new String(java.util.Base64.getUrlDecoder().decode(jwt.substring(0, jwt.indexOf('.'))));
    }

    private static String keyId(String jwt) {
        String header = header(jwt);
        int start = header.indexOf("\"kid\":\"") + 7;
        return header.substring(start, header.indexOf('"', start));
    }
}
