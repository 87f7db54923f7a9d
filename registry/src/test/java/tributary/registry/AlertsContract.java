package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tributary.model.TenantId;
import tributary.registry.Alerts.Alert;
import tributary.registry.Alerts.Change;
import tributary.registry.Alerts.Key;
import tributary.registry.Alerts.State;
import tributary.registry.RuleStore.RuleName;
import tributary.registry.RuleStore.Text;

/// What a registry promises about alerts.
abstract class AlertsContract extends RegistryContract {
    private static final Instant NOON = Instant.parse("2026-11-27T12:00:00Z");

    @BeforeEach
    void saveRule() {
        save(MAIN);
    }

    private void save(TenantId tenant) {
        registry()
                .rules()
                .save(
                        new RuleName(tenant, "doors"),
                        new Text("SELECT a FROM 't'", "tributary", "UTC", "", List.of()),
                        OptionalInt.empty(),
                        Optional.empty(),
                        new RuleStore.Change("user:anna", NOON));
    }

    private Alerts alerts() {
        return registry().alerts();
    }

    private static Key key(TenantId tenant, String key) {
        return new Key(tenant, "doors", "too_warm", key);
    }

    private static Change change(long position, String key, String what, int minute) {
        return new Change(
                position,
                key(MAIN, key),
                what,
                "major",
                "door-1",
                "{\"it's\":\"\uD83D\uDE80\"}",
                NOON.plus(Duration.ofMinutes(minute)));
    }

    private List<Alert> open() {
        return alerts().list(MAIN, Optional.empty(), "");
    }

    @Test
    void anAlertIsOneHoweverOftenItIsRaised() {
        alerts().apply(List.of(change(1, "\"d1\"", "raised", 0), change(2, "\"d1\"", "cleared", 1)), 3);
        alerts().apply(List.of(change(3, "\"d1\"", "raised", 5), change(4, "\"d2\"", "raised", 6)), 5);
        reopen();

        assertThat(open()).extracting(alert -> alert.key().key()).containsExactly("\"d2\"", "\"d1\"");
        Alert first = open().getLast();
        assertThat(first.raises()).isEqualTo(2);
        assertThat(first.firstRaised()).isEqualTo(NOON);
        assertThat(first.raised()).isEqualTo(NOON.plus(Duration.ofMinutes(5)));
        assertThat(first.severity()).isEqualTo("major");
        assertThat(first.payload()).isEqualTo("{\"it's\":\"\uD83D\uDE80\"}");
        assertThat(alerts().position()).contains(5L);
    }

    @Test
    void whatIsBeforeThePositionIsNotTakenAgain() {
        alerts().apply(List.of(change(1, "\"d1\"", "raised", 0)), 2);

        alerts().apply(List.of(change(1, "\"d1\"", "raised", 0), change(2, "\"d2\"", "raised", 1)), 3);

        assertThat(open()).extracting(Alert::raises).containsExactly(1L, 1L);
    }

    @Test
    void whoKnowsIsKeptUntilItIsRaisedAgain() {
        alerts().apply(List.of(change(1, "\"d1\"", "raised", 0)), 2);

        Optional<Alert> known = alerts().acknowledge(key(MAIN, "\"d1\""), "user:anna", NOON.plusSeconds(90));

        assertThat(known).isPresent();
        assertThat(known.get().state()).isEqualTo(State.ACKNOWLEDGED);
        assertThat(known.get().ackedBy()).isEqualTo("user:anna");
        assertThat(known.get().acked()).isEqualTo(NOON.plusSeconds(90));
        alerts().apply(List.of(change(2, "\"d1\"", "repeated", 2)), 3);
        assertThat(open().getFirst().state()).isEqualTo(State.ACKNOWLEDGED);
        alerts().apply(List.of(change(3, "\"d1\"", "cleared", 3)), 4);
        assertThat(open()).isEmpty();
        assertThat(alerts().acknowledge(key(MAIN, "\"d1\""), "user:anna", NOON)).isEmpty();
        assertThat(alerts().list(MAIN, Optional.of(State.CLEARED), "doors")).hasSize(1);
        alerts().apply(List.of(change(4, "\"d1\"", "raised", 9)), 5);
        assertThat(open().getFirst().state()).isEqualTo(State.RAISED);
        assertThat(open().getFirst().ackedBy()).isEmpty();
    }

    @Test
    void tenantsDoNotSeeEachOthersAlertsAndOneThatIsGoneHasNone() {
        registry().tenants().add(OTHER, "Other");
        save(OTHER);
        alerts().apply(
                        List.of(
                                change(1, "\"d1\"", "raised", 0),
                                new Change(2, key(OTHER, "\"z\""), "raised", "", "", "{}", NOON),
                                new Change(3, key(new TenantId("gone"), "\"z\""), "raised", "", "", "{}", NOON)),
                        4);

        assertThat(open()).extracting(alert -> alert.key().tenant()).containsExactly(MAIN);
        assertThat(alerts().list(OTHER, Optional.empty(), "")).hasSize(1);
        assertThat(alerts().acknowledge(key(MAIN, "\"z\""), "user:anna", NOON)).isEmpty();
        assertThat(alerts().list(new TenantId("gone"), Optional.empty(), "")).isEmpty();
    }

    @Test
    void alertsOfARuleThatIsRemovedGoAndWhatItSaidBeforeBringsNoneBack() {
        alerts().apply(List.of(change(1, "\"d1\"", "raised", 0)), 2);

        registry().rules().remove(new RuleName(MAIN, "doors"));
        alerts().apply(List.of(change(2, "\"d2\"", "raised", 1)), 3);

        assertThat(open()).isEmpty();
        assertThat(alerts().position()).contains(3L);
        save(MAIN);
        assertThat(open()).isEmpty();
    }

    @Test
    void whatWasClearedLongAgoIsForgotten() {
        alerts().apply(
                        List.of(
                                change(1, "\"d1\"", "raised", 0),
                                change(2, "\"d1\"", "cleared", 1),
                                change(3, "\"d2\"", "raised", 0)),
                        4);

        assertThat(alerts().forget(NOON)).isZero();
        assertThat(alerts().forget(NOON.plus(Duration.ofDays(1)))).isEqualTo(1);

        assertThat(alerts().list(MAIN, Optional.of(State.CLEARED), "")).isEmpty();
        assertThat(open()).hasSize(1);
    }

    @Test
    void keysThatNoDatabaseKeepsHaveNoAlert() {
        alerts().apply(
                        List.of(
                                new Change(1, key(MAIN, "a\0b"), "raised", "", "", "{}", NOON),
                                new Change(2, key(MAIN, "x".repeat(5000)), "raised", "", "", "{}", NOON),
                                change(3, "\"d1\"", "raised", 0)),
                        4);

        assertThat(open()).hasSize(1);
    }
}
