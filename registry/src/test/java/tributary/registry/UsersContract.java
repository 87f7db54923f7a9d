package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What a registry promises about people.
abstract class UsersContract extends RegistryContract {
    private static final String PASSWORD = "correct horse battery";
    private static final Duration QUARTER = Duration.ofMinutes(15);

    private Users users() {
        return registry().users();
    }

    private Users.Session welcome(String name, String password) {
        Users.SignIn answer = users().signIn(name, password);
        assertThat(answer).isInstanceOf(Users.SignIn.Welcome.class);
        return ((Users.SignIn.Welcome) answer).session();
    }

    @Test
    void personSignsInAndStaysSignedInOverARestart() {
        Users.User ada = users().add(MAIN, "ada", PASSWORD, Principal.Role.OPERATOR);

        Users.Session session = welcome(" Ada ", PASSWORD);
        reopen();

        Principal principal = users().session(session.secret()).orElseThrow();
        assertThat(principal).isEqualTo(session.principal());
        assertThat(principal.subject()).isEqualTo("user:" + ada.id());
        assertThat(principal.tenant()).isEqualTo(MAIN);
        assertThat(principal.role()).isEqualTo(Principal.Role.OPERATOR);
        assertThat(principal.kind()).isEqualTo(Principal.Kind.PERSON);
        assertThat(session.csrf()).isEqualTo(Users.csrf(session.secret())).hasSize(40);
        assertThat(session.secret()).doesNotContain(session.csrf());
        assertThat(users().all(MAIN)).containsExactly(ada);
    }

    @Test
    void unknownNameAndWrongPasswordGetTheSameAnswer() {
        users().add(MAIN, "ada", PASSWORD, Principal.Role.OWNER);

        assertThat(users().signIn("ada", "wrong password 1")).isEqualTo(new Users.SignIn.Refused());
        assertThat(users().signIn("nobody", "wrong password 1")).isEqualTo(new Users.SignIn.Refused());
        assertThat(users().signIn("' OR 1=1 --", "")).isEqualTo(new Users.SignIn.Refused());
        assertThat(users().signIn("", "x".repeat(100_000))).isEqualTo(new Users.SignIn.Refused());
    }

    @Test
    void fiveFailuresInARowDelayTheNextTryWhetherTheNameExistsOrNot() {
        users().add(MAIN, "ada", PASSWORD, Principal.Role.OWNER);
        for (String name : List.of("ada", "nobody")) {
            for (int i = 0; i < 5; i++) {
                assertThat(users().signIn(name, "wrong password 1")).isEqualTo(new Users.SignIn.Refused());
            }
            assertThat(users().signIn(name, PASSWORD)).isEqualTo(new Users.SignIn.Wait(Duration.ofSeconds(10)));
        }

        clock.advance(Duration.ofSeconds(10));

        assertThat(users().signIn("nobody", PASSWORD)).isEqualTo(new Users.SignIn.Refused());
        assertThat(users().signIn("nobody", PASSWORD)).isEqualTo(new Users.SignIn.Wait(Duration.ofSeconds(20)));
        welcome("ada", PASSWORD);
        assertThat(users().signIn("ada", "wrong password 1")).isEqualTo(new Users.SignIn.Refused());
    }

    @Test
    void nameIsUniqueInTheInstallation() {
        registry().tenants().add(OTHER, "Other");
        users().add(MAIN, "ada", PASSWORD, Principal.Role.OWNER);

        assertThatThrownBy(() -> users().add(OTHER, "ada", PASSWORD, Principal.Role.OWNER))
                .isInstanceOf(AlreadyExistsException.class);
        assertThat(users().all(OTHER)).isEmpty();
    }

    @Test
    void badNamesPasswordsAndRolesAreRefused() {
        assertThatThrownBy(() -> users().add(MAIN, "ada", "short", Principal.Role.OWNER))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("12 to 1,000 characters")
                .hasMessageNotContaining("short");
        assertThatThrownBy(() -> users().add(MAIN, "Ada", PASSWORD, Principal.Role.OWNER))
                .hasMessageContaining("a-z");
        assertThatThrownBy(() -> users().add(MAIN, "ada", PASSWORD, Principal.Role.DEVICE))
                .hasMessageContaining("viewer");
    }

    @Test
    void idsAreNeverUsedAgain() {
        long first = users().add(MAIN, "ada", PASSWORD, Principal.Role.OWNER).id();
        users().remove(MAIN, first);
        reopen();

        assertThat(users().add(MAIN, "ada", PASSWORD, Principal.Role.OWNER).id())
                .isGreaterThan(first);
    }

    @Test
    void removedPersonIsSignedOutEverywhere() {
        registry().tenants().add(OTHER, "Other");
        List<String> heard = new ArrayList<>();
        credentials().onRevoked(heard::add);
        Users.User ada = users().add(MAIN, "ada", PASSWORD, Principal.Role.OWNER);
        Users.Session session = welcome("ada", PASSWORD);

        assertThat(users().remove(OTHER, ada.id())).isFalse();
        assertThat(users().remove(MAIN, ada.id())).isTrue();

        assertThat(users().session(session.secret())).isEmpty();
        assertThat(heard).containsExactly(session.principal().credential());
        assertThat(users().signIn("ada", PASSWORD)).isEqualTo(new Users.SignIn.Refused());
        reopen();
        assertThat(users().session(session.secret())).isEmpty();
    }

    @Test
    void signedOutSessionIsWorthless() {
        users().add(MAIN, "ada", PASSWORD, Principal.Role.OWNER);
        Users.Session session = welcome("ada", PASSWORD);
        Users.Session other = welcome("ada", PASSWORD);

        users().signOut(session.secret());
        users().signOut("unknown");

        assertThat(users().session(session.secret())).isEmpty();
        assertThat(users().session(other.secret())).isPresent();
        assertThat(users().session("")).isEmpty();
    }

    @Test
    void sessionEnds() {
        users().add(MAIN, "ada", PASSWORD, Principal.Role.OWNER);
        Users.Session session = welcome("ada", PASSWORD);

        clock.advance(Duration.between(clock.instant(), session.expiresAt()).minusMillis(1));
        assertThat(users().session(session.secret())).isPresent();
        clock.advance(Duration.ofMillis(1));

        assertThat(users().session(session.secret())).isEmpty();
    }

    @Test
    void oldestOfTooManySessionsEnds() {
        Users.Session first = redeemed();
        clock.advance(Duration.ofSeconds(1));
        Users.Session second = redeemed();
        for (int i = 0; i < 19; i++) {
            clock.advance(Duration.ofSeconds(1));
            redeemed();
        }

        assertThat(users().session(first.secret())).isEmpty();
        assertThat(users().session(second.secret())).isPresent();
    }

    private Users.Session redeemed() {
        return users().redeem(users().oneTimeLink(MAIN, QUARTER)).orElseThrow();
    }

    @Test
    void oneTimeLinkSignsInAnOwnerOnce() {
        String link = users().oneTimeLink(MAIN, QUARTER);

        Users.Session session = users().redeem(link).orElseThrow();

        assertThat(link).matches("[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}");
        assertThat(session.principal().role()).isEqualTo(Principal.Role.OWNER);
        assertThat(session.principal().tenant()).isEqualTo(MAIN);
        assertThat(users().redeem(link)).isEmpty();
        reopen();
        assertThat(users().session(session.secret())).isPresent();
    }

    @Test
    void oneTimeLinkIsReadAsPeopleType() {
        String link = users().oneTimeLink(MAIN, QUARTER);

        String typed = " "
                + link.toLowerCase(Locale.ROOT)
                        .replace('0', 'O')
                        .replace('1', 'l')
                        .replace("-", " ");

        assertThat(users().redeem(typed)).isPresent();
    }

    @Test
    void oneTimeLinkIsTooOldAfterItsTime() {
        String link = users().oneTimeLink(MAIN, QUARTER);

        clock.advance(QUARTER);

        assertThat(users().redeem(link)).isEmpty();
    }

    @Test
    void guessingOneTimeLinksIsLimitedByTheMinute() {
        String link = users().oneTimeLink(MAIN, QUARTER);
        for (int i = 0; i < 600; i++) {
            assertThat(users().redeem("0000-%04d".formatted(i))).isEqualTo(Optional.empty());
        }

        assertThat(users().redeem(link))
                .as("beyond the limit nothing is looked at")
                .isEmpty();
        clock.advance(Duration.ofMinutes(1));
        assertThat(users().redeem(link)).isPresent();
    }
}
