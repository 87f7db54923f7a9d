package tributary.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A tenant's name is a folder's name, the start of keys of a bucket and a namespace of a catalogue, so nothing
/// passes that any of them could read in another way.
class TenantIdTest {
    @Test
    void namesAreSmallLettersDigitsAndDashes() {
        assertThat(List.of("a", "7", "acme", "acme-2", "a-", "a".repeat(40)))
                .allSatisfy(name -> assertThat(new TenantId(name).value()).isEqualTo(name));
    }

    @Test
    void whatAFileSystemBucketOrCatalogueCouldReadInTwoWaysIsNoName() {
        List<String> refused = List.of(
                "",
                ".",
                "..",
                "../acme",
                "acme/..",
                "acme/",
                "/acme",
                "//",
                "acme\\x",
                "%2e%2e%2f",
                "..%c0%af",
                "..\u00c0\u00af",
                "acme\u0000",
                "acme ",
                " acme",
                "acme.",
                "acme\n",
                "acme\t",
                "Acme",
                "CON",
                "ACME",
                "\u00e4cme",
                "a\u0308cme",
                "\u017fcme",
                "\u212aelvin",
                "\uff41cme",
                "-acme",
                "_acme",
                "ac_me",
                "acme:x",
                "acme*",
                "acme?",
                "acme|x",
                "~acme",
                "acme$",
                "'acme",
                "\"acme",
                "acme;",
                "\u202eacme",
                "\ud83d\ude00",
                "a".repeat(41));
        assertThat(refused)
                .allSatisfy(name -> assertThatIllegalArgumentException()
                        .as(name)
                        .isThrownBy(() -> new TenantId(name))
                        .withMessageContaining("1 to 40 of a-z"));
    }

    /// What begins alike is not below: a folder ends where its name does, a prefix with a slash.
    @Test
    void noNameIsBelowAnother() {
        Path lake = Path.of("lake");
        for (String other : List.of("tenant10", "tenant1-", "tenant1-x")) {
            assertThat(lake.resolve(new TenantId(other).value()).startsWith(lake.resolve("tenant1")))
                    .isFalse();
            assertThat((new TenantId(other).value() + "/").startsWith("tenant1/"))
                    .isFalse();
        }
    }

    @Test
    void devicesOfWindowsAreNamesThatNoNewTenantGets() {
        assertThat(List.of("con", "prn", "aux", "nul", "com1", "com9", "com0", "lpt1"))
                .allMatch(name -> new TenantId(name).noFolderEverywhere());
        assertThat(List.of("cone", "con-", "com", "com10", "main", "null", "x-con"))
                .noneMatch(name -> new TenantId(name).noFolderEverywhere());
    }
}
