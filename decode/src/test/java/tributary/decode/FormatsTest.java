package tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.dataformat.cbor.CBORFactory;

/// The formats beside JSON, and how a payload without a content type is told apart.
class FormatsTest {
    private static final String MOTOR = Heard.TOPIC + "/motor/rpm";

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static Heard cbor(String hex) {
        return Heard.of(new PayloadDecoder(), Heard.TOPIC, "application/cbor", hex(hex));
    }

    @Test
    void cborMeansWhatJsonOfTheSameShapeMeans() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator out = new CBORFactory().createGenerator(ObjectWriteContext.empty(), bytes)) {
            out.writeStartArray();
            out.writeStartObject();
            out.writeNumberProperty("t", 21.5f);
            out.writeNumberProperty("ts", 1690000000000L);
            out.writeName("imu");
            out.writeStartObject();
            out.writeBooleanProperty("on", true);
            out.writeName("g");
            out.writeStartArray();
            out.writeNumber(1);
            out.writeNull();
            out.writeNumber(-3);
            out.writeEndArray();
            out.writeEndObject();
            out.writeEndObject();
            out.writeStartObject();
            out.writeStringProperty("state", "é");
            out.writeEndObject();
            out.writeEndArray();
        }
        for (String type : new String[] {"application/cbor", "", "application/octet-stream"}) {
            assertThat(Heard.of(new PayloadDecoder(), Heard.TOPIC, type, bytes.toByteArray()).readings)
                    .containsExactly(
                            "t=21.5 @1690000000000000",
                            "imu.on=true @1690000000000000",
                            "imu.g[0]=1.0 @1690000000000000",
                            "imu.g[2]=-3.0 @1690000000000000",
                            "state='é'");
        }
    }

    @Test
    void cborOfUnknownLengthHalfFloatsAndTagsAreRead() {
        assertThat(cbor("bf 6161 f9 3e00 6162 9f 01 02 ff ff").readings)
                .containsExactly("a=1.5", "b[0]=1.0", "b[1]=2.0");
        assertThat(cbor("d9d9f7 a1 6161 c1 18 2a").readings).containsExactly("a=42.0");
    }

    @Test
    void brokenCborGivesNothingButItsReason() {
        Heard cut = cbor("a2 6161 01 6162");
        assertThat(cut.readings).isEmpty();
        assertThat(cut.rejections).singleElement().asString().startsWith("0: the payload is not CBOR: ");
        assertThat(cbor("a1 6161 01 00").rejections)
                .containsExactly("0: the payload is not CBOR: more follows behind the first item; send an array");
        assertThat(cbor("9b ffff ffff ffff ffff 01").rejections)
                .singleElement()
                .asString()
                .contains("not CBOR");
        assertThat(cbor("5b 7fff ffff ffff ffff 01").rejections)
                .singleElement()
                .asString()
                .contains("not CBOR");
        assertThat(cbor("81".repeat(40) + "01").rejections)
                .containsExactly("0: nested deeper than 16 levels; flatten the payload");
    }

    @Test
    void bytesInfinityAndEmptyNamesAreRejectedAndTheOthersAreKept() {
        Heard heard = cbor("a4 6161 42 0102 6162 f9 7c00 60 01 6163 02");
        assertThat(heard.readings).containsExactly("c=2.0");
        assertThat(heard.rejections)
                .containsExactly(
                        "0: 'a' is a byte string; send a number, text or boolean",
                        "0: 'b' is not a finite number; leave it out or send null",
                        "0: a sensor's name is empty; give it one");
    }

    @Test
    void randomBytesNeverThrowAndNeverGiveHalfADocument() {
        byte[] whole = hex("a3 6161 01 6162 82 f5 f4 6163 6378797a");
        for (int cut = 1; cut < whole.length; cut++) {
            Heard heard = Heard.of(new PayloadDecoder(), Heard.TOPIC, "application/cbor", Arrays.copyOf(whole, cut));
            assertThat(heard.readings).isEmpty();
            assertThat(heard.rejections).hasSize(1);
        }
    }

    @Test
    void senmlResolvesNamesTimesValuesAndSums() {
        String pack = """
                [{"bn":"motor/","bt":1690000000,"bu":"A","bver":5,"n":"voltage","u":"V","v":120.1},
                 {"n":"current","t":-5.5,"v":1.2},
                 {"n":"state","vs":"idle"},{"n":"on","vb":true},{"n":"energy","s":7},
                 {"bn":"other","bv":20,"v":1.5,"bt":0,"t":-2}]""";
        assertThat(Heard.of(Heard.TOPIC, "application/senml+json", pack).readings)
                .containsExactly(
                        "motor.voltage=120.1 @1690000000000000",
                        "motor.current=1.2 @1689999994500000",
                        "motor.state='idle' @1690000000000000",
                        "motor.on=true @1690000000000000",
                        "motor.energy.sum=7.0 @1690000000000000",
                        "other=21.5 @" + (Heard.ARRIVAL_MICROS - 2_000_000));
        assertThat(Heard.of(MOTOR, "application/senml+json", "[{\"v\":1}]").readings)
                .containsExactly("motor.rpm=1.0");
    }

    @Test
    void senmlInCborHasNumbersForLabels() {
        // RFC 8428, 6: [{-2: "a/", -3: 1690000000, 0: "b", 2: 1.5}, {0: "c", 3: "x"}]
        byte[] pack = hex("82 a4 21 62 612f 22 1a 64bb5a80 00 61 62 02 f9 3e00 a2 00 61 63 03 61 78");
        pack = hex("82 a4 21 62 612f 22 1a 64bb7a80 00 61 62 02 f9 3e00 a2 00 61 63 03 61 78");
        long micros = 0x64bb7a80L * 1_000_000;
        assertThat(Heard.of(new PayloadDecoder(), Heard.TOPIC, "application/senml+cbor", pack).readings)
                .containsExactly("a.b=1.5 @" + micros, "a.c='x' @" + micros);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"n\":\"x\"}              | the record has no value; add v, vs, vb or s",
                "{\"v\":1}                  | the record has no name; add n or bn",
                "{\"n\":\"x\",\"vd\":\"YQ\"} | data values (vd) are not stored; send v, vs or vb",
                "{\"n\":\"x\",\"v\":\"1\"}  | 'v' has to be a number",
                "{\"n\":\"x\",\"v\":1,\"y_\":{\"a\":[1]}} | the field 'y_' has to be understood, and is not; leave it out",
                "{\"n\":\"x\",\"v\":1,\"t\":1e12} | bt + t is not a time in seconds since 1970 and before 2200",
                "{\"n\":\"x\",\"v\":1,\"bver\":11} | SenML versions above 10 are not known; send bver 10",
                "{\"n\":\"x//y\",\"v\":1}   | the sensor path 'x..y' has an empty part; each part between dots has a name",
            })
    void senmlRecordThatCannotBeReadIsRejectedAlone(String record, String reason) {
        Heard heard = Heard.of(Heard.TOPIC, "application/senml+json", "[{\"n\":\"a\",\"v\":1}," + record + "]");
        assertThat(heard.readings).containsExactly("a=1.0");
        assertThat(heard.rejections).containsExactly("1: " + reason);
    }

    @Test
    void brokenSenmlGivesNothingButItsReason() {
        assertThat(Heard.of(Heard.TOPIC, "application/senml+json", "{\"n\":\"a\",\"v\":1}").rejections)
                .containsExactly("0: a SenML pack is an array of records, [{\"n\":\"temperature\",\"v\":21.5}]");
        Heard cut = Heard.of(Heard.TOPIC, "application/senml+json", "[{\"n\":\"a\",\"v\":1},{\"n\"");
        assertThat(cut.readings).isEmpty();
        assertThat(cut.rejections).singleElement().asString().startsWith("0: the payload is not JSON: ");
    }

    private static Heard lines(String body) {
        return Heard.of(Heard.TOPIC, "application/x-influx-line-protocol", body);
    }

    @Test
    void lineIsMeasurementAndFieldWithItsTags() {
        assertThat(lines("""
                        weather temperature=21.5,humidity=40i,ok=t,sky="a \\"b\\", c" 1690000000000000000

                        # comment
                        cpu,cpu=cpu0,host=pump-1 usage_idle=99.5,n=-7i,u=3u
                        disk,path=/,device=sda1 used=1.,free=.5,all=+2e3
                        my\\ m\\,x,a\\=b=c\\ d f\\=g=1""").readings)
                .containsExactly(
                        "weather.temperature=21.5 @1690000000000000",
                        "weather.humidity=40.0 @1690000000000000",
                        "weather.ok=true @1690000000000000",
                        "weather.sky='a \"b\", c' @1690000000000000",
                        "cpu[cpu=cpu0].usage_idle=99.5",
                        "cpu[cpu=cpu0].n=-7.0",
                        "cpu[cpu=cpu0].u=3.0",
                        "disk[device=sda1,path=/].used=1.0",
                        "disk[device=sda1,path=/].free=0.5",
                        "disk[device=sda1,path=/].all=2000.0",
                        "my m,x[a=b=c d].f=g=1.0");
    }

    @Test
    void precisionSaysTheUnitOfTimes() {
        for (String[] pair : new String[][] {
            {"s", "1690000000"}, {"ms", "1690000000000"}, {"us", "1690000000000000"}, {"ns", "1690000000000000000"}
        }) {
            assertThat(Heard.of(
                                    Heard.TOPIC,
                                    "application/x-influx-line-protocol; precision=" + pair[0],
                                    "m f=1 " + pair[1])
                            .readings)
                    .containsExactly("m.f=1.0 @1690000000000000");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "m                | the fields are missing; a line is: measurement field=1",
                ",a=b f=1         | the measurement is missing; a line is: measurement field=1",
                "m,a f=1          | a tag is name=value, was 'a'",
                "m,a= f=1         | a tag is name=value, was 'a='",
                "m f              | a field is name=value, was 'f'",
                "m f=             | the field 'f' has no value",
                "m f=1,g=x        | the field 'g' is no number, boolean or \"text\": x",
                "m f=1ii          | the field 'f' is no number, boolean or \"text\": 1ii",
                "m f=1 noon       | the time is a whole number, was 'noon'",
                "m f=1 1690000000 | the time 1690000000 in nanoseconds is not before 2200 and after 1970; that looks like s, say precision=s",
                "m f=1 1690000000000 | the time 1690000000000 in nanoseconds is not before 2200 and after 1970; that looks like ms, say precision=ms",
                "m f=\"a\"x       | behind the field 'f' comes ',' or a space, was 'x'",
            })
    void lineWithAnythingWrongIsRejectedWholeAndTheOthersAreKept(String line, String reason) {
        Heard heard = lines("a b=1\n" + line + "\r\nc d=2");
        assertThat(heard.readings).containsExactly("a.b=1.0", "c.d=2.0");
        assertThat(heard.rejections).containsExactly("1: " + reason);
    }

    @Test
    void quoteThatNeverClosesTakesTheRestOfTheBody() {
        Heard heard = lines("a b=1\nm f=\"x\nc d=2\n");
        assertThat(heard.readings).containsExactly("a.b=1.0");
        assertThat(heard.rejections).containsExactly("1: the text of the field 'f' has no closing quote");
    }

    @Test
    void cursorFindsLinesAndTheirTags() {
        LineCursor cursor = new LineCursor(Heard.utf8("\n# x\nm,host=a\\ b,device=d f=\"x\ny\" 1\r\nn f=1"));
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.index()).isEqualTo(2);
        assertThat(cursor.tag("host")).isEqualTo("a b");
        assertThat(cursor.tag("device")).isEqualTo("d");
        assertThat(cursor.tag("m")).isNull();
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.index()).isEqualTo(4);
        assertThat(cursor.tag("host")).isNull();
        assertThat(cursor.next()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "21.5           | motor.rpm=21.5",
                " true          | motor.rpm=true",
                "\"on\"         | motor.rpm='on'",
                "on             | motor.rpm='on'",
                "21,5           | motor.rpm='21,5'",
                "a=b c          | motor.rpm='a=b c'",
                "{\"x\":1}      | motor.rpm.x=1.0",
                "[1]            | motor.rpm[0]=1.0",
            })
    void payloadWithoutContentTypeIsAValueWhereTheTopicNamesTheSensor(String payload, String reading) {
        assertThat(Heard.of(MOTOR, "", payload).readings).containsExactly(reading);
        assertThat(Heard.of(MOTOR, "text/plain; charset=utf-8", payload).readings)
                .containsExactly(reading);
    }

    @Test
    void payloadWithoutContentTypeIsJsonCborOrLinesElsewhere() {
        assertThat(Heard.of(Heard.TOPIC, "", "  {\"a\":1}").readings).containsExactly("a=1.0");
        assertThat(Heard.of(Heard.TOPIC, "", "m,a=b f=1").readings).containsExactly("m[a=b].f=1.0");
        assertThat(Heard.of(Heard.TOPIC, "text/plain", "m f=1").readings).containsExactly("m.f=1.0");
        assertThat(Heard.of(Heard.TOPIC, "text/plain;charset=UTF-8", " {\"a\":1}").readings)
                .containsExactly("a=1.0");
        assertThat(Heard.of(Heard.TOPIC, "text/plain", "[{\"a\":1},{\"a\":2}]").readings)
                .containsExactly("a=1.0", "a=2.0");
        assertThat(Heard.of(Heard.TOPIC, "text/plain", "{\"a\":").rejections)
                .containsExactly("0: the payload is not JSON: it ends at byte 5 in the middle");
        assertThat(Heard.of(Heard.TOPIC, "", "hello").rejections)
                .containsExactly("0: the payload is not JSON: at byte 0, 'h': expected a value");
        assertThat(Heard.of(MOTOR, "", "{broken").rejections)
                .containsExactly("0: the payload is not JSON: at byte 1, 'b': expected a key in quotes");
    }

    @Test
    void wrongContentTypeAndWrongTopicSayWhatIsRight() {
        assertThat(Heard.of(Heard.TOPIC, "image/png", "x").rejections)
                .containsExactly("0: content type 'image/png' cannot be read; send application/json, application/cbor,"
                        + " application/senml+json, application/senml+cbor or application/x-influx-line-protocol");
        assertThat(Heard.of(Heard.TOPIC + "/a//b", "", "1").rejections)
                .containsExactly("0: in the topic: the sensor path 'a..b' has an empty part; each part between dots has"
                        + " a name");
        assertThat(Heard.of(Heard.TOPIC + "/", "", "1").rejections)
                .containsExactly("0: in the topic: the sensor path '.' has an empty part; each part between dots has a"
                        + " name");
    }
}
