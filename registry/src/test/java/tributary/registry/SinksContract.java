package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tributary.model.TenantId;
import tributary.registry.DeadLetters.DeadLetter;
import tributary.registry.DeadLetters.Edited;
import tributary.registry.SinkDefinitions.SinkDefinition;

/// What a registry promises about definitions of sinks and about dead letters.
abstract class SinksContract extends RegistryContract {
    private SinkDefinition sink(TenantId tenant, String name, String id) {
        return new SinkDefinition(tenant, name, id, "webhook", "{\"url\":\"https://x\"}", clock.instant());
    }

    private DeadLetter letter(String sink, long position, String parcel) {
        return new DeadLetter(sink, position, parcel, "it said 400", 3, clock.instant());
    }

    private SinkDefinitions sinks() {
        return registry().sinks();
    }

    private DeadLetters letters() {
        return registry().deadLetters();
    }

    @Test
    void definitionAndItsSecretsComeBackAfterARestart() {
        SinkDefinition hook = sink(MAIN, "hook", "id-1");

        assertThat(sinks().save(hook, Map.of("token", "t \uD83D\uDE80", "signing-key", "k")))
                .isTrue();
        reopen();

        assertThat(sinks().find(MAIN, "hook")).contains(hook);
        assertThat(sinks().all()).containsExactly(hook);
        assertThat(sinks().secrets(hook)).isEqualTo(Map.of("token", "t \uD83D\uDE80", "signing-key", "k"));
        assertThat(hook.toString()).doesNotContain("signing-key");
    }

    @Test
    void savingAgainReplacesDefinitionAndSecrets() {
        sinks().save(sink(MAIN, "hook", "id-1"), Map.of("token", "old", "other", "x"));

        assertThat(sinks().save(sink(MAIN, "hook", "id-1"), Map.of("token", "new")))
                .isFalse();

        assertThat(sinks().secrets(sink(MAIN, "hook", "id-1"))).isEqualTo(Map.of("token", "new"));
        assertThatThrownBy(() -> sinks().save(sink(MAIN, "hook", "id-2"), Map.of()))
                .hasMessageContaining("another id");
    }

    @Test
    void tenantsDoNotSeeEachOthersSinks() {
        registry().tenants().add(OTHER, "Other");
        sinks().save(sink(MAIN, "a", "id-1"), Map.of("token", "mine"));
        sinks().save(sink(OTHER, "a", "id-2"), Map.of("token", "theirs"));

        assertThat(sinks().all(MAIN)).extracting(SinkDefinition::id).containsExactly("id-1");
        assertThat(sinks().remove(OTHER, "a")).isTrue();
        assertThat(sinks().secrets(sink(MAIN, "a", "id-1"))).containsEntry("token", "mine");
        assertThat(sinks().find(OTHER, "a")).isEmpty();
    }

    @Test
    void removedSinkTakesItsSecretsAndDeadLettersAlong() {
        sinks().save(sink(MAIN, "a", "id-1"), Map.of("token", "x"));
        letters().add(letter("id-1", 5, "{}"));

        assertThat(sinks().remove(MAIN, "a")).isTrue();

        assertThat(sinks().remove(MAIN, "a")).isFalse();
        assertThat(sinks().secrets(sink(MAIN, "a", "id-1"))).isEmpty();
        assertThat(letters().amount("id-1")).isEqualTo(new DeadLetters.Amount(0, 0));
    }

    @Test
    void everyChangeOfSinksIsNoticed() {
        long before = sinks().changes();
        sinks().save(sink(MAIN, "a", "id-1"), Map.of());
        long saved = sinks().changes();
        sinks().remove(MAIN, "a");
        long removed = sinks().changes();
        sinks().remove(MAIN, "a");

        assertThat(saved).isNotEqualTo(before);
        assertThat(removed).isNotEqualTo(saved);
        assertThat(sinks().changes()).as("nothing was removed").isEqualTo(removed);
    }

    @Test
    void whatIsNoNameNoObjectOrTooLongIsRefusedAndNoSecretIsInTheMessage() {
        for (String name : new String[] {"", "a/b", "../x", "a b", "x".repeat(101)}) {
            assertThatThrownBy(() -> sinks().save(sink(MAIN, name, "id-1"), Map.of()))
                    .hasMessageContaining("name");
        }
        SinkDefinition list = new SinkDefinition(MAIN, "a", "id-1", "webhook", "[]", clock.instant());
        assertThatThrownBy(() -> sinks().save(list, Map.of())).hasMessageContaining("JSON object");
        assertThatThrownBy(() -> sinks().save(sink(MAIN, "a", "id-1"), Map.of("token", "canary\0")))
                .hasMessageContaining("token")
                .hasMessageNotContaining("canary");
        Map<String, String> many = new LinkedHashMap<>();
        for (int i = 0; i < 21; i++) {
            many.put("s" + i, "x");
        }
        assertThatThrownBy(() -> sinks().save(sink(MAIN, "a", "id-1"), many)).hasMessageContaining("20 secrets");
    }

    @Test
    void routeOfAlertsHoldsOverARestartAndASinkThatIsRemovedLeavesIt() {
        registry().tenants().add(OTHER, "Other");
        sinks().save(sink(MAIN, "phone", "id-1"), Map.of());
        sinks().save(sink(MAIN, "mail", "id-2"), Map.of());
        sinks().save(sink(OTHER, "theirs", "id-3"), Map.of());
        AlertRoute route = registry().alertRoute();
        assertThat(route.of(MAIN)).isEmpty();
        long before = route.changes();

        route.set(MAIN, List.of("phone", "mail", "phone"));
        route.set(OTHER, List.of("theirs"));

        assertThat(route.changes()).isGreaterThan(before);
        reopen();
        AlertRoute again = registry().alertRoute();
        assertThat(again.of(MAIN)).containsExactly("mail", "phone");
        assertThat(again.all()).isEqualTo(Map.of(MAIN, List.of("mail", "phone"), OTHER, List.of("theirs")));
        long known = again.changes();
        sinks().remove(MAIN, "mail");
        assertThat(again.changes()).isGreaterThan(known);
        assertThat(again.of(MAIN)).containsExactly("phone");
        again.set(OTHER, List.of());
        assertThat(again.all()).isEqualTo(Map.of(MAIN, List.of("phone")));
    }

    @Test
    void routeOfAlertsLeadsToSinksOfTheTenantOnlyAndNotToTooMany() {
        registry().tenants().add(OTHER, "Other");
        sinks().save(sink(MAIN, "phone", "id-1"), Map.of());
        sinks().save(sink(OTHER, "theirs", "id-2"), Map.of());
        AlertRoute route = registry().alertRoute();
        route.set(MAIN, List.of("phone"));

        for (String none : List.of("theirs", "nobody", "a\0b", "")) {
            assertThatThrownBy(() -> route.set(MAIN, List.of("phone", none)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("there is no sink");
        }
        assertThatThrownBy(() -> route.set(MAIN, Collections.nCopies(AlertRoute.SINKS_MAX + 1, "phone")))
                .hasMessageContaining("at most 10");
        assertThat(route.of(MAIN)).as("as it was").containsExactly("phone");
    }

    @Test
    void tenantHasAHundredSinksAndNoMore() {
        for (int i = 0; i < 100; i++) {
            sinks().save(sink(MAIN, "s" + i, "id-" + i), Map.of());
        }
        assertThatThrownBy(() -> sinks().save(sink(MAIN, "more", "id-more"), Map.of()))
                .hasMessageContaining("100");
    }

    @Test
    void deadLettersAreListedChangedAndRemoved() {
        sinks().save(sink(MAIN, "a", "id-1"), Map.of());
        for (int i = 1; i <= 5; i++) {
            assertThat(letters().add(letter("id-1", i * 10, "{\"n\":" + i + "}")))
                    .isTrue();
        }
        reopen();

        assertThat(letters().page("id-1", 20, 2))
                .extracting(DeadLetter::position)
                .containsExactly(30L, 40L);
        letters().add(letter("id-1", 30, "{\"n\":\"edited\"}"));
        assertThat(letters().find("id-1", 30)).contains(letter("id-1", 30, "{\"n\":\"edited\"}"));
        assertThat(letters().amount("id-1").letters()).isEqualTo(5);
        assertThat(letters().remove("id-1", 30)).isTrue();
        assertThat(letters().remove("id-1", 30)).isFalse();
        assertThat(letters().removeAll("id-1")).isEqualTo(4);
    }

    @Test
    void letterIsChangedOnlyWhereItIsThereAsItWas() {
        sinks().save(sink(MAIN, "a", "id-1"), Map.of());
        DeadLetter was = letter("id-1", 1, "{}");
        letters().add(was);

        assertThat(letters().edit(was, "{\"n\":1}")).isEqualTo(Edited.DONE);
        assertThat(letters().edit(was, "{\"n\":2}")).isEqualTo(Edited.GONE);
        assertThat(letters().remove(was)).isFalse();
        assertThat(letters().tried(new DeadLetter("id-1", 1, "{}", "again", 4, clock.instant())))
                .isTrue();
        DeadLetter now = new DeadLetter("id-1", 1, "{\"n\":1}", "again", 4, clock.instant());
        assertThat(letters().find("id-1", 1)).contains(now);
        assertThat(letters().amount("id-1")).isEqualTo(new DeadLetters.Amount(1, 7));
        assertThat(letters().edit(now, "x".repeat((int) DeadLetters.BYTES_MAX + 1)))
                .isEqualTo(Edited.NO_ROOM);
        assertThat(letters().remove(now)).isTrue();
        assertThat(letters().tried(now)).isFalse();
        assertThat(letters().edit(now, "{}")).isEqualTo(Edited.GONE);
        assertThat(letters().page("id-1", -1, 10)).isEmpty();
    }

    @Test
    void sinkHasItsMostOfDeadLettersAndThenNoMore() {
        sinks().save(sink(MAIN, "a", "id-1"), Map.of());
        String large = "x".repeat(16 << 20);
        for (int i = 0; i < 4; i++) {
            assertThat(letters().add(letter("id-1", i, large))).isTrue();
        }

        assertThat(letters().add(letter("id-1", 4, "y"))).isFalse();

        assertThat(letters().add(letter("id-1", 3, "y")))
                .as("in place of another")
                .isTrue();
        assertThat(letters().add(letter("id-1", 4, "y"))).isTrue();
    }

    @Test
    void reasonMayHoldAnything() {
        sinks().save(sink(MAIN, "a", "id-1"), Map.of());
        letters().add(new DeadLetter("id-1", 1, "{}", "a\0b\r\n\uD800" + "x".repeat(2000), 1, clock.instant()));

        assertThat(letters().find("id-1", 1).orElseThrow().reason())
                .startsWith("a b   x")
                .hasSize(1000);
    }
}
