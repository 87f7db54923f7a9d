package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tributary.model.DeviceId;
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
                        Optional.of(RuleStore.State.ON),
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
                1,
                what,
                "major",
                "door-1",
                "{\"it's\":\"\uD83D\uDE80\"}",
                NOON.plus(Duration.ofMinutes(minute)),
                false);
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
        assertThat(alerts().acknowledged())
                .containsExactly(new Alerts.Known(key(MAIN, "\"d1\""), NOON, NOON.plusSeconds(90)));
        assertThat(alerts().acknowledgements()).isEqualTo(1);
        assertThat(known.get().state()).isEqualTo(State.ACKNOWLEDGED);
        assertThat(known.get().ackedBy()).isEqualTo("user:anna");
        assertThat(known.get().acked()).isEqualTo(NOON.plusSeconds(90));
        alerts().apply(List.of(change(2, "\"d1\"", "repeated", 2)), 3);
        assertThat(open().getFirst().state()).isEqualTo(State.ACKNOWLEDGED);
        alerts().apply(List.of(change(3, "\"d1\"", "cleared", 3)), 4);
        assertThat(open()).isEmpty();
        assertThat(alerts().acknowledged()).isEmpty();
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
                                new Change(2, key(OTHER, "\"z\""), 1, "raised", "", "", "{}", NOON, false),
                                new Change(
                                        3, key(new TenantId("gone"), "\"z\""), 1, "raised", "", "", "{}", NOON, false)),
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
                                new Change(1, key(MAIN, "a\0b"), 1, "raised", "", "", "{}", NOON, false),
                                new Change(2, key(MAIN, "x".repeat(5000)), 1, "raised", "", "", "{}", NOON, false),
                                change(3, "\"d1\"", "raised", 0)),
                        4);

        assertThat(open()).hasSize(1);
    }

    @Test
    void everyChangeOfAnAlertIsInItsHistoryWithWhoDidIt() {
        alerts().apply(List.of(change(1, "\"d1\"", "raised", 0), change(2, "\"d2\"", "raised", 0)), 3);
        alerts().acknowledge(key(MAIN, "\"d1\""), "user:anna", NOON.plusSeconds(90));
        alerts().acknowledge(key(MAIN, "\"d1\""), "user:ben", NOON.plusSeconds(99));
        alerts().apply(List.of(change(3, "\"d1\"", "cleared", 3)), 4);

        List<Alerts.Event> all =
                alerts().before(MAIN, new Alerts.Wanted("doors", "too_warm", "\"d1\"", ""), Long.MAX_VALUE, 10);

        assertThat(all).extracting(Alerts.Event::what).containsExactly("cleared", "acknowledged", "raised");
        assertThat(all).extracting(Alerts.Event::who).containsExactly("", "user:anna", "");
        assertThat(alerts().newest(MAIN)).isEqualTo(4);
        assertThat(alerts().after(MAIN, Alerts.Wanted.ALL, 2, 10)).hasSize(2);
        assertThat(alerts().before(MAIN, new Alerts.Wanted("", "", "", "door-2"), Long.MAX_VALUE, 10))
                .isEmpty();
        alerts().forget(NOON.plus(Duration.ofMinutes(2)));
        assertThat(alerts().before(MAIN, Alerts.Wanted.ALL, Long.MAX_VALUE, 10)).hasSize(1);
    }

    @Test
    void aStormIsOneLineHoweverLargeAndHidesNoOther() {
        List<Change> storm = new ArrayList<>();
        for (int i = 0; i < 2_500; i++) {
            storm.add(change(i, "\"s" + i + "\"", "raised", 10));
        }
        storm.add(change(2_500, "\"before\"", "raised", 1));
        alerts().apply(storm, 2_501);

        List<Alerts.Line> lines = alerts().grouped(MAIN, Optional.empty(), "");

        assertThat(lines).extracting(Alerts.Line::alike).containsExactly(2_500L, 1L);
        assertThat(lines.getLast().alert().key().key()).isEqualTo("\"before\"");
        assertThat(alerts().grouped(MAIN, Optional.of(State.CLEARED), "")).isEmpty();
    }

    @Test
    void aStormIsKnownByOneWordAndWhatIsNoPartOfItIsNot() {
        alerts().apply(
                        List.of(
                                change(1, "\"before\"", "raised", 1),
                                change(2, "\"d1\"", "raised", 10),
                                change(3, "\"d2\"", "raised", 10),
                                change(4, "\"d3\"", "raised", 10)),
                        5);
        Alerts.Line line = alerts().grouped(MAIN, Optional.empty(), "").getFirst();
        assertThat(alerts().acknowledge(new Alerts.Key(MAIN, "doors", "too_warm", "\"d1\""), "user:ann", NOON))
                .isPresent();
        alerts().apply(List.of(change(5, "\"late\"", "raised", 12)), 6);
        Alerts.Storm storm = new Alerts.Storm(
                MAIN, "doors", "too_warm", line.since(), line.alert().raised());
        assertThat(alerts().list(storm, State.RAISED))
                .extracting(alert -> alert.key().key())
                .containsExactly("\"d2\"", "\"d3\"");
        Alerts.Storm foreign = new Alerts.Storm(new TenantId("other"), "doors", "too_warm", storm.from(), storm.to());
        assertThat(alerts().acknowledge(foreign, "user:eve", NOON)).isZero();

        assertThat(alerts().acknowledge(storm, "user:ben", NOON.plusSeconds(900)))
                .isEqualTo(2);

        assertThat(alerts().list(MAIN, Optional.of(State.ACKNOWLEDGED), ""))
                .extracting(alert -> alert.key().key(), Alerts.Alert::ackedBy)
                .containsExactlyInAnyOrder(
                        tuple("\"d1\"", "user:ann"), tuple("\"d2\"", "user:ben"), tuple("\"d3\"", "user:ben"));
        assertThat(alerts().list(MAIN, Optional.of(State.RAISED), ""))
                .extracting(alert -> alert.key().key())
                .containsExactlyInAnyOrder("\"before\"", "\"late\"");
        assertThat(alerts().before(MAIN, Alerts.Wanted.ALL, Long.MAX_VALUE, 2))
                .extracting(Alerts.Event::what, Alerts.Event::who)
                .containsOnly(tuple("acknowledged", "user:ben"));
        assertThat(alerts().acknowledge(storm, "user:ben", NOON)).isZero();
    }

    @Test
    void alertsOfRulesThatCallAFunctionEndWithAnotherTextOfIt() {
        Functions.FunctionName name = new Functions.FunctionName(MAIN, "f");
        registry().functions().save(name, "1", List.of(), "ann", NOON);
        alerts().apply(List.of(change(1, "\"d1\"", "raised", 0)), 2);

        registry().functions().save(name, "1", List.of("doors"), "user:ben", NOON.plusSeconds(60));
        assertThat(open()).as("the same text goes on").hasSize(1);
        registry().functions().save(name, "2", List.of("others"), "user:ben", NOON.plusSeconds(60));
        assertThat(open()).as("another rule calls it").hasSize(1);
        registry().functions().save(name, "3", List.of("doors"), "user:ben", NOON.plusSeconds(60));

        assertThat(open()).isEmpty();
        assertThat(alerts().before(MAIN, Alerts.Wanted.ALL, Long.MAX_VALUE, 1))
                .extracting(Alerts.Event::what, Alerts.Event::who)
                .containsExactly(tuple("ended", "user:ben"));
    }

    @Test
    void alertsOfAStatementThatIsReplacedOrSwitchedOffEndAndStayEnded() {
        alerts().apply(List.of(change(1, "\"d1\"", "raised", 0)), 2);
        RuleStore.Change by = new RuleStore.Change("user:ben", NOON.plusSeconds(60));
        RuleName rule = new RuleName(MAIN, "doors");
        Text described = new Text("SELECT a FROM 't'", "tributary", "UTC", "of doors", List.of());

        registry().rules().save(rule, described, OptionalInt.empty(), Optional.empty(), by);
        assertThat(open()).as("the same statement goes on").hasSize(1);
        Text replaced = new Text("SELECT b FROM 't'", "tributary", "UTC", "", List.of());
        registry().rules().save(rule, replaced, OptionalInt.empty(), Optional.empty(), by);

        assertThat(open()).isEmpty();
        Alert ended = alerts().list(MAIN, Optional.of(State.CLEARED), "").getFirst();
        assertThat(ended.endedBy()).isEqualTo("user:ben");
        assertThat(alerts().before(MAIN, Alerts.Wanted.ALL, Long.MAX_VALUE, 1))
                .extracting(Alerts.Event::what)
                .containsExactly("ended");
        alerts().apply(List.of(change(2, "\"d2\"", "raised", 2)), 3);
        assertThat(open()).as("what the old statement said before").isEmpty();
        alerts().apply(List.of(new Change(3, key(MAIN, "\"d2\""), 3, "raised", "", "", "{}", NOON, true)), 4);
        assertThat(open()).extracting(Alert::silenced).containsExactly(true);
        registry().rules().put(rule, RuleStore.State.DRAFT, by);
        assertThat(open()).as("a draft clears nothing").isEmpty();
    }

    @Test
    void whatRulesSaidOfAnErasedDeviceGoesAndThatThereWasAnAlertStays() {
        alerts().apply(
                        List.of(
                                change(1, "\"d1\"", "raised", 0),
                                new Change(
                                        2, key(MAIN, "\"d2\""), 1, "raised", "", "door-2", "{\"a\":1}", NOON, false)),
                        3);

        alerts().erase(MAIN, new DeviceId("door-1"));

        assertThat(open()).extracting(Alert::payload).containsExactlyInAnyOrder("", "{\"a\":1}");
        assertThat(alerts().before(MAIN, Alerts.Wanted.ALL, Long.MAX_VALUE, 10))
                .extracting(Alerts.Event::payload)
                .containsExactly("{\"a\":1}", "");
        alerts().erase(MAIN, null);
        assertThat(open()).extracting(Alert::payload).containsOnly("");
    }

    @Test
    void pagesHaveEveryAlertOnce() {
        List<Change> all = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            all.add(change(i, "\"s" + i + "\"", i % 3 == 0 ? "cleared" : "raised", i));
        }
        alerts().apply(all, 25);

        List<Key> seen = new ArrayList<>();
        List<Alert> page = alerts().page(MAIN, null, 10);
        while (!page.isEmpty()) {
            page.forEach(alert -> seen.add(alert.key()));
            page = alerts().page(MAIN, seen.getLast(), 10);
        }

        assertThat(seen).hasSize(25).doesNotHaveDuplicates();
    }

    @Test
    void silencesCoverADeviceATypeOrALabelForTheirTimeAndNobodyElses() {
        registry().tenants().add(OTHER, "Other");
        for (String id : List.of("door-1", "door-2", "roof-1")) {
            Map<String, String> labels = id.startsWith("roof") ? Map.of("site", "roof") : Map.of();
            registry().devices().add(new Device(MAIN, new DeviceId(id), null, id.substring(0, 4), labels, "{}", NOON));
        }
        silence("a", Silences.Kind.DEVICE, "door-1");
        assertThat(covered()).containsExactly("door-1");
        silence("b", Silences.Kind.LABEL, "site=roof");
        assertThat(covered()).containsExactly("door-1", "roof-1");
        silence("c", Silences.Kind.TYPE, "door");
        reopen();
        assertThat(covered()).containsExactly("door-1", "door-2", "roof-1");

        Silences silences = registry().silences();
        assertThat(silences.covers(MAIN, "door-1", NOON.plusSeconds(60)))
                .as("the end is not in it")
                .isFalse();
        assertThat(silences.covers(MAIN, "door-1", NOON.minusSeconds(1))).isFalse();
        assertThat(silences.covers(OTHER, "door-1", NOON)).isFalse();
        assertThat(silences.remove(OTHER, "a")).isFalse();
        assertThat(silences.remove(MAIN, "c")).isTrue();
        assertThat(covered()).containsExactly("door-1", "roof-1");
        assertThat(silences.all(MAIN)).hasSize(2);
        assertThatThrownBy(() -> silence("d", Silences.Kind.LABEL, "roof")).hasMessageContaining("name=value");
    }

    private void silence(String id, Silences.Kind kind, String what) {
        registry()
                .silences()
                .add(new Silences.Silence(id, MAIN, kind, what, NOON, NOON.plusSeconds(60), "", NOON, "user:anna"));
    }

    private List<String> covered() {
        return Stream.of("door-1", "door-2", "roof-1", "nobody", "")
                .filter(device -> registry().silences().covers(MAIN, device, NOON))
                .toList();
    }
}
