package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.model.TenantId;

/// A damaged catalogue of a lake in a folder is refused in words; it never says of history that it is another.
class CatalogFileTest {
    private static final int PAGE = 4096;
    private static final List<TenantId> TENANTS = List.of(TenantId.MAIN, new TenantId("other"));

    @TempDir
    Path folder;

    private Path file;
    private byte[] sound;
    private List<String> tables;

    @BeforeEach
    void make() throws Exception {
        try (LakeCatalog catalog = LakeCatalog.open(folder)) {
            TENANTS.forEach(tenant -> catalog.table(tenant, LakeCatalog.Kind.READINGS));
            TENANTS.forEach(tenant -> catalog.table(tenant, LakeCatalog.Kind.of(Side.MESSAGES)));
        }
        file = LakeCatalog.file(folder);
        sound = Files.readAllBytes(file);
        tables = tables();
    }

    private List<String> tables() throws Exception {
        try (LakeCatalog catalog = LakeCatalog.open(folder)) {
            List<String> found = new ArrayList<>();
            for (TenantId tenant : catalog.tenants()) {
                found.add(String.valueOf(catalog.find(tenant, LakeCatalog.Kind.READINGS)));
                found.add(String.valueOf(catalog.find(tenant, LakeCatalog.Kind.of(Side.MESSAGES))));
            }
            return found;
        }
    }

    @Test
    void pagesThatChangedPlacesAreFound() throws Exception {
        int pages = sound.length / PAGE;
        assertThat(pages).isGreaterThan(3);
        for (int a = 0; a < pages; a++) {
            for (int b = a + 1; b < pages; b++) {
                byte[] swapped = sound.clone();
                System.arraycopy(sound, a * PAGE, swapped, b * PAGE, PAGE);
                System.arraycopy(sound, b * PAGE, swapped, a * PAGE, PAGE);
                damage(swapped);
                assertThatThrownBy(this::tables)
                        .as("pages %d and %d", a, b)
                        .isInstanceOfSatisfying(
                                PlatformException.class,
                                e -> assertThat(e.fault()).isEqualTo(Fault.DATA_DAMAGED))
                        .hasMessageContaining("catalog.db is damaged")
                        .hasMessageContaining("tributary restore");
            }
        }
    }

    @Test
    void pagesOfZerosAreFound() throws Exception {
        for (int page = 0; page < sound.length / PAGE; page++) {
            byte[] zeroed = sound.clone();
            Arrays.fill(zeroed, page * PAGE, (page + 1) * PAGE, (byte) 0);
            damage(zeroed);
            assertThatThrownBy(this::tables).as("page %d", page).isInstanceOf(PlatformException.class);
        }
    }

    @Test
    void soundOneIsOpenedAsItWas() throws Exception {
        assertThat(tables()).isEqualTo(tables).doesNotContain("null").hasSize(4);
    }

    private void damage(byte[] bytes) throws Exception {
        Files.write(file, bytes);
        Files.deleteIfExists(file.resolveSibling("catalog.db-wal"));
        Files.deleteIfExists(file.resolveSibling("catalog.db-shm"));
    }
}
