package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tributary.model.TenantId;
import tributary.registry.Dashboards.DashboardName;
import tributary.registry.Dashboards.KeptDashboard;
import tributary.registry.Dashboards.Text;

/// What a registry promises about dashboards.
abstract class DashboardsContract extends RegistryContract {
    private KeptDashboard save(TenantId tenant, String name, String yaml) {
        return save(tenant, name, yaml, OptionalInt.empty());
    }

    private KeptDashboard save(TenantId tenant, String name, String yaml, OptionalInt expected) {
        Text text = new Text("The \u202e\"hall\"", yaml);
        return registry().dashboards().save(new DashboardName(tenant, name), text, expected, "ann", clock.instant());
    }

    private static DashboardName main(String name) {
        return new DashboardName(MAIN, name);
    }

    @Test
    void dashboardComesBackByteForByteAfterARestart() {
        KeptDashboard kept = save(MAIN, "hall.1", "title: '\uD83D\uDE80'\n# '; DROP TABLE dashboard\n");

        reopen();

        assertThat(registry().dashboards().find(main("hall.1"))).contains(kept);
        assertThat(registry().dashboards().find(main("Hall.1"))).isEmpty();
        assertThat(registry().dashboards().find(main("a\0b"))).isEmpty();
    }

    @Test
    void anotherTextIsAnotherVersionAndTheSameIsNone() {
        save(MAIN, "d", "a: 1");
        assertThat(save(MAIN, "d", "a: 2").version()).isEqualTo(2);
        assertThat(save(MAIN, "d", "a: 2").version()).isEqualTo(2);

        assertThat(registry().dashboards().versions(main("d")))
                .extracting(version -> version.text().yaml())
                .containsExactly("a: 2", "a: 1");
        assertThat(registry().dashboards().all(MAIN))
                .singleElement()
                .extracting(KeptDashboard::version)
                .isEqualTo(2);
    }

    @Test
    void changeOfAnOldVersionIsRefused() {
        save(MAIN, "d", "a: 1", OptionalInt.of(0));
        save(MAIN, "d", "a: 2", OptionalInt.of(1));

        assertThatThrownBy(() -> save(MAIN, "d", "a: 3", OptionalInt.of(1)))
                .isInstanceOf(StaleVersionException.class)
                .hasMessageContaining("version 2");
        assertThatThrownBy(() -> save(MAIN, "d", "a: 3", OptionalInt.of(0))).isInstanceOf(StaleVersionException.class);
        assertThatThrownBy(() -> save(MAIN, "gone", "a: 3", OptionalInt.of(4)))
                .isInstanceOf(StaleVersionException.class);
    }

    @Test
    void onlyTheNewestVersionsAreKept() {
        IntStream.rangeClosed(1, Dashboards.VERSIONS_MAX + 5).forEach(i -> save(MAIN, "d", "a: " + i));

        assertThat(registry().dashboards().versions(main("d")))
                .hasSize(Dashboards.VERSIONS_MAX)
                .last()
                .extracting(KeptDashboard::version)
                .isEqualTo(6);
    }

    @Test
    void tenantsDoNotSeeEachOthersDashboards() {
        registry().tenants().add(OTHER, "Other");
        save(MAIN, "b", "x: 1");
        save(MAIN, "a", "x: 1");
        save(OTHER, "z", "x: 2");

        assertThat(registry().dashboards().all(MAIN))
                .extracting(kept -> kept.id().name())
                .containsExactly("a", "b");
        assertThat(registry().dashboards().find(main("z"))).isEmpty();
        assertThat(registry().dashboards().versions(main("z"))).isEmpty();
        assertThat(registry().dashboards().remove(main("z"))).isFalse();
        assertThat(registry().dashboards().find(new DashboardName(OTHER, "z"))).isPresent();
    }

    @Test
    void removedDashboardIsGoneWithItsVersions() {
        save(MAIN, "d", "x: 1");
        save(MAIN, "d", "x: 2");

        assertThat(registry().dashboards().remove(main("d"))).isTrue();

        assertThat(registry().dashboards().remove(main("d"))).isFalse();
        assertThat(registry().dashboards().versions(main("d"))).isEmpty();
        assertThat(save(MAIN, "d", "x: 3").version()).isEqualTo(1);
    }

    @Test
    void whatIsNoNameOrTooLongIsRefused() {
        for (String name : new String[] {"", "a/b", "../x", "a b", "x".repeat(101), "-x", "a\0b"}) {
            assertThatThrownBy(() -> save(MAIN, name, "x: 1")).hasMessageContaining("name");
        }
        assertThatThrownBy(() -> save(MAIN, "d", "x".repeat(Dashboards.TEXT_BYTES_MAX + 1)))
                .hasMessageContaining("131072");
    }

    @Test
    void tenantKeepsTwoHundredAndNoMore() {
        for (int i = 0; i < Dashboards.PER_TENANT_MAX; i++) {
            save(MAIN, "d" + i, "x: 1");
        }
        assertThatThrownBy(() -> save(MAIN, "more", "x: 1")).hasMessageContaining("200");
        assertThat(save(MAIN, "d5", "x: 2").version()).isEqualTo(2);
    }
}
