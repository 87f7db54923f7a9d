package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import tributary.model.TenantId;
import tributary.registry.RuleStore.Action;
import tributary.registry.RuleStore.Change;
import tributary.registry.RuleStore.KeptRule;
import tributary.registry.RuleStore.RuleName;
import tributary.registry.RuleStore.State;
import tributary.registry.RuleStore.Text;
import tributary.registry.RuleStore.Version;

/// What a registry promises about rules.
abstract class RuleStoreContract extends RegistryContract {
    private static final OptionalInt ANY = OptionalInt.empty();
    private static final Action TOPIC = new Action(Action.Kind.TOPIC, "alerts/${device_id()}");
    private static final Action SINK = new Action(Action.Kind.SINK, "mail");
    private static final Action RAW = new Action(Action.Kind.SINK_WITH_RAW, "lake");
    private static final Action COMMAND = new Action(Action.Kind.COMMAND, "${pump}/stop");

    private RuleStore rules() {
        return registry().rules();
    }

    private static Text text(String sql) {
        return new Text(
                sql, "tributary", "Europe/Budapest", "what \u202e it's \"for\"", List.of(TOPIC, SINK, COMMAND, RAW));
    }

    private static RuleName hot(TenantId tenant) {
        return new RuleName(tenant, "hot.pumps-1");
    }

    private Change change() {
        return new Change("user:anna", clock.instant());
    }

    private KeptRule save(String name, String sql) {
        return rules().save(new RuleName(MAIN, name), text(sql), ANY, Optional.empty(), change());
    }

    @Test
    void ruleComesBackByteForByteAfterARestart() {
        String sql = "SELECT ':x', :n FROM 'a' -- \uD83D\uDE80 '; DROP TABLE rule";

        KeptRule saved = rules().save(hot(MAIN), text(sql), OptionalInt.of(0), Optional.empty(), change());
        reopen();

        assertThat(rules().find(hot(MAIN))).contains(saved);
        assertThat(saved.version()).isEqualTo(1);
        assertThat(saved.state()).isEqualTo(State.DRAFT);
        assertThat(saved.text()).isEqualTo(text(sql));
        assertThat(rules().find(new RuleName(MAIN, "Hot.pumps-1"))).isEmpty();
    }

    @Test
    void eachChangeOfTheTextIsAVersionAndNothingElseIs() {
        save("r", "SELECT a FROM 't'");
        clock.advance(Duration.ofMinutes(1));
        assertThat(save("r", "SELECT a FROM 't'").version()).isEqualTo(1);

        KeptRule second = save("r", "SELECT b FROM 't'");

        rules().put(new RuleName(MAIN, "r"), State.ON, change());
        assertThat(rules().find(new RuleName(MAIN, "r")).orElseThrow().version())
                .isEqualTo(2);
        assertThat(second.createdAt()).isEqualTo(clock.instant().minus(Duration.ofMinutes(1)));
        assertThat(rules().versions(new RuleName(MAIN, "r")))
                .extracting(version -> version.text().sql())
                .containsExactly("SELECT b FROM 't'", "SELECT a FROM 't'");
    }

    @Test
    void changeOfAnotherVersionIsRefusedAndChangesNothing() {
        save("r", "SELECT a FROM 't'");
        RuleName name = new RuleName(MAIN, "r");

        for (int expected : new int[] {0, 2}) {
            assertThatThrownBy(() -> rules().save(
                                    name,
                                    text("SELECT b FROM 't'"),
                                    OptionalInt.of(expected),
                                    Optional.empty(),
                                    change()))
                    .isInstanceOf(StaleVersionException.class)
                    .hasMessageContaining("version 1");
        }
        assertThatThrownBy(() -> rules().save(
                                new RuleName(MAIN, "gone"),
                                text("SELECT b FROM 't'"),
                                OptionalInt.of(3),
                                Optional.empty(),
                                change()))
                .isInstanceOf(StaleVersionException.class);

        assertThat(rules().find(name).orElseThrow().text().sql()).isEqualTo("SELECT a FROM 't'");
        assertThat(rules().save(name, text("SELECT b FROM 't'"), OptionalInt.of(1), Optional.empty(), change())
                        .version())
                .isEqualTo(2);
    }

    @Test
    void theStateStaysWithANewTextAndDraftsDoNotWork() {
        save("draft", "SELECT a FROM 't'");
        save("on", "SELECT a FROM 't'");
        rules().put(new RuleName(MAIN, "on"), State.ON, change());
        rules().save(new RuleName(MAIN, "paused"), text("SELECT a FROM 't'"), ANY, Optional.of(State.PAUSED), change());

        save("on", "SELECT b FROM 't'");

        assertThat(rules().working()).extracting(KeptRule::name).containsExactly("on", "paused");
        assertThat(rules().working()).extracting(KeptRule::state).containsExactly(State.ON, State.PAUSED);
        assertThat(rules().put(new RuleName(MAIN, "none"), State.ON, change())).isEmpty();
    }

    @Test
    void everyChangeIsNoticed() {
        long before = rules().changes();
        save("r", "SELECT a FROM 't'");
        long saved = rules().changes();
        rules().put(new RuleName(MAIN, "r"), State.ON, change());
        long switched = rules().changes();
        rules().remove(new RuleName(MAIN, "r"));

        assertThat(saved).isGreaterThan(before);
        assertThat(switched).isGreaterThan(saved);
        assertThat(rules().changes()).isGreaterThan(switched);
    }

    @Test
    void tenantsDoNotSeeEachOthersRules() {
        registry().tenants().add(OTHER, "Other");
        save("b", "SELECT a FROM 't'");
        save("a", "SELECT a FROM 't'");
        rules().save(hot(OTHER), text("SELECT z FROM 't'"), ANY, Optional.empty(), change());

        assertThat(rules().all(MAIN)).extracting(KeptRule::name).containsExactly("a", "b");
        assertThat(rules().find(hot(MAIN))).isEmpty();
        assertThat(rules().versions(hot(MAIN))).isEmpty();
        assertThat(rules().remove(hot(MAIN))).isFalse();
        assertThat(rules().find(hot(OTHER))).isPresent();
    }

    @Test
    void removedRuleIsGoneWithItsVersions() {
        save("r", "SELECT a FROM 't'");

        assertThat(rules().remove(new RuleName(MAIN, "r"))).isTrue();

        assertThat(rules().remove(new RuleName(MAIN, "r"))).isFalse();
        assertThat(rules().versions(new RuleName(MAIN, "r"))).isEmpty();
        assertThat(save("r", "SELECT b FROM 't'").version()).isEqualTo(1);
    }

    @Test
    void theLastFiftyVersionsAreKept() {
        for (int i = 1; i <= RuleStore.VERSIONS_MAX + 2; i++) {
            save("r", "SELECT " + i + " AS n FROM 't'");
        }
        assertThat(rules().versions(new RuleName(MAIN, "r")))
                .hasSize(RuleStore.VERSIONS_MAX)
                .last()
                .extracting(Version::number)
                .isEqualTo(3);
    }

    @Test
    void whatIsNoNameOrTooLongIsRefused() {
        for (String name : new String[] {"", "a/b", "../x", "a b", "x".repeat(101), "-x", "a\0b"}) {
            assertThatThrownBy(() -> save(name, "SELECT a FROM 't'")).hasMessageContaining("name");
        }
        assertThatThrownBy(() -> save("r", "x".repeat((64 << 10) + 1))).hasMessageContaining("65536");
        for (String to : new String[] {"", "a\nSx", "x".repeat(1025)}) {
            assertThatThrownBy(() -> rules().save(
                                    new RuleName(MAIN, "r"),
                                    new Text("s", "tributary", "Z", "", List.of(new Action(Action.Kind.TOPIC, to))),
                                    ANY,
                                    Optional.empty(),
                                    change()))
                    .hasMessageContaining("action goes");
        }
        assertThatThrownBy(() -> rules().save(
                                new RuleName(MAIN, "r"),
                                new Text("s", "tributary", "Z", "", Collections.nCopies(17, SINK)),
                                ANY,
                                Optional.empty(),
                                change()))
                .hasMessageContaining("16 actions");
    }

    @Test
    void tenantKeepsAThousandAndNoMore() {
        for (int i = 0; i < RuleStore.PER_TENANT_MAX; i++) {
            save("r" + i, "SELECT a FROM 't'");
        }
        assertThatThrownBy(() -> save("more", "SELECT a FROM 't'")).hasMessageContaining("1000");
        assertThat(save("r5", "SELECT b FROM 't'").version()).isEqualTo(2);
    }
}
