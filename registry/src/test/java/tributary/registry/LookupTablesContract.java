package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import tributary.registry.LookupTables.KeptTable;
import tributary.registry.LookupTables.TableName;

/// What a registry promises about tables that rules look into.
abstract class LookupTablesContract extends RegistryContract {
    private static final TableName SITES = new TableName(MAIN, "sites");

    private LookupTables tables() {
        return registry().tables();
    }

    private KeptTable save(TableName table, String rows) {
        return tables().save(table, rows, "ops", clock.instant());
    }

    @Test
    void rowsComeBackAfterARestartAndAreReplacedAsAWhole() {
        long before = tables().changes();
        KeptTable first = save(SITES, "[{\"id\":\"s1\",\"city\":\"Pécs\"},{\"id\":\"s2\"}]");
        assertThat(first).isEqualTo(new KeptTable("sites", 1, 2, clock.instant(), "ops"));
        assertThat(tables().changes()).isGreaterThan(before);
        reopen();

        assertThat(tables().find(SITES)).contains(first);
        assertThat(tables().rows(SITES)).contains("[{\"id\":\"s1\",\"city\":\"Pécs\"},{\"id\":\"s2\"}]");
        KeptTable second = save(SITES, "[]");
        assertThat(second.revision()).isEqualTo(2);
        assertThat(second.rowCount()).isZero();
        long changes = tables().changes();
        assertThat(save(SITES, "[]")).as("the same again").isEqualTo(second);
        assertThat(tables().all(MAIN)).containsExactly(second);
        assertThat(tables().changes()).isGreaterThanOrEqualTo(changes);
    }

    @Test
    void tableOfAnotherTenantIsAnother() {
        registry().tenants().add(OTHER, "Other");
        save(SITES, "[{\"id\":\"mine\"}]");
        TableName theirs = new TableName(OTHER, "sites");
        assertThat(tables().find(theirs)).isEmpty();
        save(theirs, "[{\"id\":\"theirs\"}]");

        assertThat(tables().remove(theirs)).isTrue();

        assertThat(tables().remove(theirs)).isFalse();
        assertThat(tables().rows(theirs)).isEmpty();
        assertThat(tables().rows(SITES)).contains("[{\"id\":\"mine\"}]");
    }

    @Test
    void whatIsNoTableOrTooMuchIsRefusedInWords() {
        for (String none : new String[] {"", "{}", "[1]", "[{}", "[{}] x", "[{},2]"}) {
            assertThatThrownBy(() -> save(SITES, none))
                    .as(none)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("rows");
        }
        for (String name : new String[] {"", "Sites", "1a", "a-b", "a".repeat(64)}) {
            assertThatThrownBy(() -> save(new TableName(MAIN, name), "[]")).hasMessageContaining("a table's name is");
        }
        String many = "[" + "{},".repeat(LookupTables.ROWS_MAX) + "{}]";
        assertThatThrownBy(() -> save(SITES, many)).hasMessageContaining("at most 10000 rows");
        String large = "[{\"a\":\"" + "x".repeat(LookupTables.BYTES_MAX) + "\"}]";
        assertThatThrownBy(() -> save(SITES, large)).hasMessageContaining("a table's rows");
        for (int i = 0; i < LookupTables.PER_TENANT_MAX; i++) {
            save(new TableName(MAIN, "t" + i), "[]");
        }
        assertThatThrownBy(() -> save(SITES, "[]")).hasMessageContaining("at most 20 tables");
        assertThat(tables().find(new TableName(MAIN, "a\0b"))).isEmpty();
        assertThat(tables().remove(new TableName(MAIN, "a\0b"))).isFalse();
    }
}
