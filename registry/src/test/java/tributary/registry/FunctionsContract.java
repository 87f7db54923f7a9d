package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tributary.model.TenantId;
import tributary.registry.Functions.FunctionName;
import tributary.registry.Functions.KeptFunction;

/// What a registry promises about functions of rules.
abstract class FunctionsContract extends RegistryContract {
    private KeptFunction save(String name, String text) {
        return registry().functions().save(main(name), text, "ann", clock.instant());
    }

    private static FunctionName main(String name) {
        return new FunctionName(MAIN, name);
    }

    @Test
    void functionComesBackByteForByteAfterARestart() {
        KeptFunction kept = save("f", "// '; DROP TABLE function\nfunction f(x) { return '\uD83D\uDE80' + x; }");

        reopen();

        assertThat(registry().functions().find(main("f"))).contains(kept);
        assertThat(registry().functions().find(main("g"))).isEmpty();
        assertThat(registry().functions().find(main("a\0b"))).isEmpty();
    }

    @Test
    void anotherTextIsAnotherVersionAndTheSameIsNone() {
        long before = registry().functions().changes();
        save("f", "1");
        assertThat(save("f", "2").version()).isEqualTo(2);
        long after = registry().functions().changes();
        assertThat(save("f", "2").version()).isEqualTo(2);

        assertThat(after).isEqualTo(before + 2);
        assertThat(registry().functions().changes()).isEqualTo(after);
        assertThat(registry().functions().versions(main("f")))
                .extracting(KeptFunction::text)
                .containsExactly("2", "1");
        assertThat(registry().functions().all(MAIN))
                .singleElement()
                .extracting(KeptFunction::version)
                .isEqualTo(2);
    }

    @Test
    void onlyTheNewestVersionsAreKept() {
        IntStream.rangeClosed(1, Functions.VERSIONS_MAX + 5).forEach(i -> save("f", "text " + i));

        assertThat(registry().functions().versions(main("f")))
                .hasSize(Functions.VERSIONS_MAX)
                .last()
                .extracting(KeptFunction::text)
                .isEqualTo("text 6");
    }

    @Test
    void functionsOfTenantsAreApart() {
        TenantId other =
                registry().tenants().add(new TenantId("other"), "Other").id();
        save("f", "main's");
        registry().functions().save(new FunctionName(other, "f"), "other's", "bob", clock.instant());

        assertThat(registry().functions().all(other))
                .singleElement()
                .extracting(KeptFunction::text)
                .isEqualTo("other's");
        assertThat(registry().functions().all()).containsOnlyKeys(MAIN, other);
        assertThat(registry().functions().remove(new FunctionName(other, "f"))).isTrue();
        assertThat(registry().functions().remove(new FunctionName(other, "f"))).isFalse();
        assertThat(registry().functions().find(main("f"))).isPresent();
    }

    @Test
    void namesThatSqlCannotCallAreRefused() {
        for (String name : new String[] {"", "F", "1f", "a.b", "a-b", "x".repeat(64)}) {
            assertThatThrownBy(() -> save(name, "1")).as(name).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void tenantHasSoManyFunctionsAndNoMore() {
        IntStream.range(0, Functions.PER_TENANT_MAX).forEach(i -> save("f" + i, "1"));

        assertThatThrownBy(() -> save("one_more", "1")).hasMessageContaining("at most 100 functions");
        assertThat(save("f0", "2").version()).isEqualTo(2);
    }
}
