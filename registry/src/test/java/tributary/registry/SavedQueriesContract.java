package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import tributary.model.TenantId;
import tributary.registry.SavedQueries.SavedQuery;

/// What a registry promises about saved queries.
abstract class SavedQueriesContract extends RegistryContract {
    private SavedQuery query(TenantId tenant, String name, String statement) {
        return new SavedQuery(tenant, name, statement, "what \u202e it's \"for\"", "{\"n\":1}", clock.instant());
    }

    @Test
    void savedQueryComesBackByteForByteAfterARestart() {
        SavedQuery hot = query(MAIN, "hot.pumps-1", "SELECT ':x', :n\n-- \uD83D\uDE80 '; DROP TABLE device");

        assertThat(registry().queries().save(hot)).isTrue();
        reopen();

        assertThat(registry().queries().find(MAIN, "hot.pumps-1")).contains(hot);
        assertThat(registry().queries().find(MAIN, "Hot.pumps-1")).isEmpty();
    }

    @Test
    void savingAgainReplaces() {
        registry().queries().save(query(MAIN, "q", "SELECT 1"));

        assertThat(registry().queries().save(query(MAIN, "q", "SELECT 2"))).isFalse();

        assertThat(registry().queries().all(MAIN))
                .singleElement()
                .extracting(SavedQuery::statement)
                .isEqualTo("SELECT 2");
    }

    @Test
    void tenantsDoNotSeeEachOthersQueries() {
        registry().tenants().add(OTHER, "Other");
        registry().queries().save(query(MAIN, "b", "SELECT 1"));
        registry().queries().save(query(MAIN, "a", "SELECT 1"));
        registry().queries().save(query(OTHER, "z", "SELECT 2"));

        assertThat(registry().queries().all(MAIN)).extracting(SavedQuery::name).containsExactly("a", "b");
        assertThat(registry().queries().find(MAIN, "z")).isEmpty();
        assertThat(registry().queries().remove(MAIN, "z")).isFalse();
        assertThat(registry().queries().find(OTHER, "z")).isPresent();
    }

    @Test
    void removedQueryIsGone() {
        registry().queries().save(query(MAIN, "q", "SELECT 1"));

        assertThat(registry().queries().remove(MAIN, "q")).isTrue();

        assertThat(registry().queries().remove(MAIN, "q")).isFalse();
        assertThat(registry().queries().all(MAIN)).isEmpty();
    }

    @Test
    void whatIsNoNameNoObjectOrTooLongIsRefused() {
        for (String name : new String[] {"", "a/b", "../x", "a b", "x".repeat(101), "-x", "a\0b"}) {
            assertThatThrownBy(() -> registry().queries().save(query(MAIN, name, "SELECT 1")))
                    .hasMessageContaining("name");
        }
        assertThatThrownBy(() -> registry().queries().save(query(MAIN, "q", "x".repeat((64 << 10) + 1))))
                .hasMessageContaining("65536");
        assertThatThrownBy(() ->
                        registry().queries().save(new SavedQuery(MAIN, "q", "SELECT 1", "", "[1]", clock.instant())))
                .hasMessageContaining("JSON object");
    }

    @Test
    void tenantKeepsAThousandAndNoMore() {
        for (int i = 0; i < 1000; i++) {
            registry().queries().save(query(MAIN, "q" + i, "SELECT 1"));
        }
        assertThatThrownBy(() -> registry().queries().save(query(MAIN, "more", "SELECT 1")))
                .hasMessageContaining("1000");
        assertThat(registry().queries().save(query(MAIN, "q5", "SELECT 2"))).isFalse();
    }
}
