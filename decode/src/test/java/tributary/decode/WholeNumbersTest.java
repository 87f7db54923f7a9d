package tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.dataformat.cbor.CBORFactory;

/// Whole numbers of 64 bits keep all their digits, whatever format they come in, and others are not touched.
class WholeNumbersTest {
    private static final class Exact extends Heard {
        @Override
        public void whole(String sensor, long tsMicros, double value, String digits) {
            readings.add(sensor + "=" + digits + " near " + new BigDecimal(value).toPlainString());
        }
    }

    private static List<String> readings(String contentType, byte[] payload) {
        Exact heard = new Exact();
        new PayloadDecoder().decode(Heard.message(Heard.TOPIC, contentType, payload), heard);
        assertThat(heard.rejections).isEmpty();
        return heard.readings;
    }

    private static List<String> json(String payload) {
        return readings("application/json", Heard.utf8(payload));
    }

    @Test
    void digitsOfAWholeNumberThatNoDoubleIsEqualToAreTold() {
        assertThat(json("{\"n\":9007199254740993}")).containsExactly("n=9007199254740993 near 9007199254740992");
        assertThat(json("{\"n\":-9007199254740993}")).containsExactly("n=-9007199254740993 near -9007199254740992");
        assertThat(json("{\"n\":9223372036854775807}"))
                .containsExactly("n=9223372036854775807 near 9223372036854775808");
        assertThat(json("{\"n\":18446744073709551615}"))
                .containsExactly("n=18446744073709551615 near 18446744073709551616");
        assertThat(json("[{\"n\":1},{\"n\":1234567890123456789,\"ts\":null}]"))
                .containsExactly("n=1.0", "n=1234567890123456789 near 1234567890123456768");
    }

    @Test
    void whatADoubleHoldsIsANumberAsBefore() {
        assertThat(json("{\"a\":9007199254740992,\"b\":-9223372036854775808,\"c\":0,\"d\":-0,\"e\":4503599627370497}"))
                .containsExactly(
                        "a=9.007199254740992E15",
                        "b=-9.223372036854776E18",
                        "c=0.0",
                        "d=-0.0",
                        "e=4.503599627370497E15");
    }

    @Test
    void whatIsNoWholeNumberOf64BitsIsTheNearestDouble() {
        assertThat(json("{\"a\":9007199254740993.0,\"b\":9007199254740993e0,\"c\":18446744073709551617,"
                        + "\"d\":-9223372036854775809,\"e\":123456789012345678901234567890}"))
                .containsExactly(
                        "a=9.007199254740992E15",
                        "b=9.007199254740992E15",
                        "c=1.8446744073709552E19",
                        "d=-9.223372036854776E18",
                        "e=1.2345678901234568E29");
    }

    @Test
    void lineProtocolAndCborSayTheSame() {
        assertThat(readings(
                        "text/plain", Heard.utf8("m n=9007199254740993i,u=18446744073709551615u,f=9007199254740993")))
                .containsExactly(
                        "m.n=9007199254740993 near 9007199254740992",
                        "m.u=18446744073709551615 near 18446744073709551616",
                        "m.f=9007199254740993 near 9007199254740992");
        assertThat(readings("application/cbor", cbor(new BigInteger("18446744073709551615"))))
                .containsExactly("n=18446744073709551615 near 18446744073709551616");
        assertThat(readings("application/cbor", cbor(BigInteger.valueOf(-9007199254740993L))))
                .containsExactly("n=-9007199254740993 near -9007199254740992");
        assertThat(readings("application/cbor", cbor(BigInteger.valueOf(7)))).containsExactly("n=7.0");
    }

    /// The digits are told exactly where the double is another number.
    @Test
    void everyLongComesBack() {
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 20_000; round++) {
            long number = random.nextLong() >> random.nextInt(64);
            List<String> heard = json("{\"n\":" + number + "}");
            boolean held = new BigDecimal((double) number).compareTo(BigDecimal.valueOf(number)) == 0;
            assertThat(heard)
                    .singleElement()
                    .asString()
                    .startsWith("n=" + (held ? Double.toString(number) : number + " near "));
        }
    }

    private static byte[] cbor(BigInteger number) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator out = new CBORFactory().createGenerator(ObjectWriteContext.empty(), bytes)) {
            out.writeStartObject();
            out.writeName("n");
            if (number.bitLength() < 64) {
                out.writeNumber(number.longValue());
            } else {
                out.writeNumber(number);
            }
            out.writeEndObject();
        }
        return bytes.toByteArray();
    }
}
