package tributary.sinks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import tributary.model.TenantId;

class TemplateTest {
    private static final Parcel PARCEL = new Parcel(
            7,
            TenantId.MAIN,
            "hot",
            3,
            "hook",
            "pump-1",
            1000,
            "{\"temp\":21.5,\"door\":{\"open\":true},\"list\":[{\"v\":1},2],\"none\":null,\"0\":\"zero\",\"a b\":1}",
            null);

    private static String filled(String template) {
        return Template.of(template).fill(PARCEL, UnaryOperator.identity()).orElse("(lacks)");
    }

    @Test
    void placesAreFilledFromThePayloadAndFromWhatIsKnown() {
        assertThat(filled("${temp} C, ${door.open}, ${list[0].v}, ${list[1]}, ${list[0]}"))
                .isEqualTo("21.5 C, true, 1, 2, {\"v\":1}");
        assertThat(filled("${device()}/${rule()}/${sink()}/${tenant()}/${timestamp()}/${position()}/${id()}"))
                .isEqualTo("pump-1/hot/hook/main/1000/7/main/hook/7");
        assertThat(filled("${payload()}")).isEqualTo(PARCEL.payload());
        assertThat(filled("$5 {x} ${ temp }")).isEqualTo("$5 {x} 21.5");
    }

    @Test
    void whatThePayloadLacksIsNotInvented() {
        assertThat(filled("x ${nothing} y")).isEqualTo("(lacks)");
        assertThat(filled("${none}")).isEqualTo("(lacks)");
        assertThat(Template.of("x ${nothing} y").show(PARCEL)).isEqualTo("x  y");
        assertThat(Template.of("${temp}").fill(PARCEL.saying("not json"), UnaryOperator.identity()))
                .isEmpty();
        assertThat(Template.of("${temp}").fill(PARCEL.saying("[1]"), UnaryOperator.identity()))
                .isEmpty();
    }

    @Test
    void valuesAreEscapedAndTheTextAroundIsNot() {
        assertThat(Template.of("/a/${temp}").fill(PARCEL, value -> "<" + value + ">"))
                .contains("/a/<21.5>");
    }

    @Test
    void mistakeIsExplained() {
        assertThatThrownBy(() -> Template.of("${devcie()}")).hasMessageContaining("did you mean device()?");
        assertThatThrownBy(() -> Template.of("a ${temp")).hasMessageContaining("without its '}'");
        assertThatThrownBy(() -> Template.of("${}")).hasMessageContaining("neither a path");
        assertThatThrownBy(() -> Template.of("${a b}")).hasMessageContaining("neither a path");
        assertThatThrownBy(() -> Template.of("${temp * 2}")).hasMessageContaining("neither a path");
    }
}
