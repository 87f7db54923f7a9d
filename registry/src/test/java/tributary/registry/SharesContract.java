package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tributary.registry.Dashboards.DashboardName;
import tributary.registry.Shares.Made;
import tributary.registry.Shares.Share;

/// What a registry promises about links to dashboards.
abstract class SharesContract extends RegistryContract {
    private static final DashboardName HALL = new DashboardName(MAIN, "hall");

    @BeforeEach
    void dashboards() {
        registry().tenants().add(OTHER, "Other");
        keep(HALL);
        keep(new DashboardName(MAIN, "yard"));
        keep(new DashboardName(OTHER, "hall"));
    }

    private void keep(DashboardName name) {
        registry()
                .dashboards()
                .save(name, new Dashboards.Text("t", "a: 1"), OptionalInt.empty(), "ann", clock.instant());
    }

    private Made make(DashboardName of) {
        return registry().shares().make(of, "{\"pump\":\"a\"}", HOUR, "ann").orElseThrow();
    }

    @Test
    void linkOpensItsDashboardAlsoAfterARestart() {
        Made made = make(HALL);
        assertThat(made.share().of()).isEqualTo(HALL);
        assertThat(made.share().madeBy()).isEqualTo("ann");
        assertThat(registry().shares().open(made.secret())).contains(made.share());

        reopen();

        assertThat(registry().shares().open(made.secret())).contains(made.share());
        assertThat(registry().shares().find(MAIN, made.share().id())).contains(made.share());
        assertThat(registry().shares().find(OTHER, made.share().id())).isEmpty();
        assertThat(registry().shares().of(HALL)).containsExactly(made.share());
        assertThat(registry().shares().of(new DashboardName(OTHER, "hall"))).isEmpty();
    }

    @Test
    void secretIsNowhereInTheFolderAndNoCredential() throws IOException {
        Made made = make(HALL);
        assertThat(registry().credentials().verify(made.secret())).isInstanceOf(Credentials.Verdict.Refused.class);
        assertThat(registry().users().session(made.secret())).isEmpty();
        assertThat(made.share().toString()).doesNotContain(made.secret());
        closeRegistry();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(made.secret());
            }
        }
    }

    @Test
    void whatIsExpiredRevokedOrWrongOpensNothing() {
        Made revoked = make(HALL);
        Made expired = make(HALL);
        assertThat(registry()
                        .shares()
                        .revoke(new DashboardName(MAIN, "yard"), revoked.share().id()))
                .isFalse();
        assertThat(registry()
                        .shares()
                        .revoke(
                                new DashboardName(OTHER, "hall"),
                                revoked.share().id()))
                .isFalse();
        assertThat(registry().shares().open(revoked.secret())).isPresent();
        assertThat(registry().shares().revoke(HALL, revoked.share().id())).isTrue();
        assertThat(registry().shares().revoke(HALL, revoked.share().id())).isFalse();
        clock.advance(HOUR);

        for (String secret :
                List.of(revoked.secret(), expired.secret(), "", "trl_", expired.secret() + "x", "x".repeat(10_000))) {
            assertThat(registry().shares().open(secret)).as(secret).isEmpty();
        }
        assertThat(registry().shares().of(HALL)).isEmpty();
        reopen();
        assertThat(registry().shares().open(revoked.secret())).isEmpty();
    }

    @Test
    void linksGoWithTheirDashboard() {
        Made gone = make(HALL);
        Made other = make(new DashboardName(OTHER, "hall"));
        registry().dashboards().remove(HALL);
        keep(HALL);

        assertThat(registry().shares().open(gone.secret())).isEmpty();
        assertThat(registry().shares().open(other.secret())).isPresent();
        reopen();
        assertThat(registry().shares().open(gone.secret())).isEmpty();
    }

    @Test
    void thereIsNoneOfWhatIsNotThereAndNoneForTooLong() {
        assertThat(registry().shares().make(new DashboardName(MAIN, "none"), "{}", HOUR, "ann"))
                .isEmpty();
        assertThat(registry().shares().make(new DashboardName(MAIN, "a\0b"), "{}", HOUR, "ann"))
                .isEmpty();
        for (Duration life : List.of(Duration.ZERO, Duration.ofSeconds(-1), Duration.ofDays(367))) {
            assertThatThrownBy(() -> registry().shares().make(HALL, "{}", life, "ann"))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> registry().shares().make(HALL, "x".repeat(20_000), HOUR, "ann"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void tenantHasSoManyAndExpiredOnesDoNotCount() {
        for (int i = 0; i < Shares.PER_TENANT_MAX; i++) {
            make(HALL);
        }
        assertThatThrownBy(() -> make(HALL)).hasMessageContaining("at most 100");
        assertThat(make(new DashboardName(OTHER, "hall"))).isNotNull();
        clock.advance(HOUR);
        Share fresh = make(HALL).share();
        assertThat(registry().shares().of(HALL)).containsExactly(fresh);
    }
}
