package tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonPayloadTest {
    @Test
    void objectOfValuesIsOneReadingEach() {
        assertThat(Heard.json("{\"temperature\": 21.5, \"open\":true,\"state\":\"idle\", \"n\":-3e2}").readings)
                .containsExactly("temperature=21.5", "open=true", "state='idle'", "n=-300.0");
    }

    @Test
    void nestedObjectsAreDottedPathsAndArraysAreIndexed() {
        assertThat(Heard.json("{\"door\":{\"open\":false},\"imu\":{\"gyro\":[1,2.5,[3]],\"p\":[{\"x\":4}]},\"a.b\":5}")
                        .readings)
                .containsExactly(
                        "door.open=false",
                        "imu.gyro[0]=1.0",
                        "imu.gyro[1]=2.5",
                        "imu.gyro[2][0]=3.0",
                        "imu.p[0].x=4.0",
                        "a.b=5.0");
    }

    @Test
    void timeMayComeBeforeBetweenOrBehindItsValues() {
        List<String> readings = new ArrayList<>();
        for (String payload : List.of(
                "{\"ts\":1690000000000,\"a\":1,\"b\":2}",
                "{\"a\":1,\"ts\":1690000000000,\"b\":2}",
                "{\"a\":1,\"b\":2,\"ts\":1690000000000}",
                "{\"a\":1,\"b\":2,\"\\u0074s\":\"2023-07-22T04:26:40Z\"}")) {
            readings.addAll(Heard.json(payload).readings);
        }
        assertThat(readings).hasSize(8).containsOnly("a=1.0 @1690000000000000", "b=2.0 @1690000000000000");
    }

    @Test
    void everyObjectOfABatchHasItsOwnTime() {
        assertThat(Heard.json(
                                "[{\"a\":1,\"ts\":1690000000001.5},{\"a\":2},{\"ts\":\"2026-01-31T13:00:00.25+01:00\",\"a\":3}]")
                        .readings)
                .containsExactly("a=1.0 @1690000000001500", "a=2.0", "a=3.0 @1769860800250000");
    }

    @Test
    void onlyTheTsOfAnElementIsATime() {
        assertThat(Heard.json("{\"a\":{\"ts\":7}}").readings).containsExactly("a.ts=7.0");
    }

    @Test
    void bareValueIsOfTheSensorThatTheTopicNames() {
        assertThat(Heard.json("devices/pump-1/telemetry/motor/rpm", " 1450 ").readings)
                .containsExactly("motor.rpm=1450.0");
        assertThat(Heard.json("devices/pump-1/telemetry/door.open", "true").readings)
                .containsExactly("door.open=true");
        assertThat(Heard.json("devices/pump-1/telemetry/state", "\"idle\"").readings)
                .containsExactly("state='idle'");
        assertThat(Heard.json("devices/pump-1/telemetry/gyro", "[1,2]").readings)
                .containsExactly("gyro[0]=1.0", "gyro[1]=2.0");
        assertThat(Heard.json("devices/pump-1/telemetry/imu", "[{\"x\":1},{\"x\":2,\"ts\":1690000000000}]").readings)
                .containsExactly("imu.x=1.0", "imu.x=2.0 @1690000000000000");
    }

    @Test
    void topicThatIsNotTelemetryGivesNoCall() {
        for (String topic : List.of(
                "devices/pump-1",
                "devices/pump-1/telemetryx",
                "devices/pump-1/state",
                "alerts",
                "x/devices/pump-1/telemetry",
                "devices/telemetry")) {
            Heard heard = Heard.json(topic, "{\"a\":1}");
            assertThat(heard.readings).as(topic).isEmpty();
            assertThat(heard.rejections).as(topic).isEmpty();
        }
    }

    @Test
    void nullsAndEmptyObjectsSayNothing() {
        for (String payload : List.of("{\"a\":null}", "{}", "[]", "[{}]", "{\"a\":[null,null]}", "{\"ts\":null}")) {
            Heard heard = Heard.json(payload);
            assertThat(heard.readings).as(payload).isEmpty();
            assertThat(heard.rejections).as(payload).isEmpty();
        }
        assertThat(Heard.json("{\"a\":[null,1],\"ts\":null}").readings).containsExactly("a[1]=1.0");
    }

    @Test
    void bothOfTwoValuesForOneKeyAreSaidInOrder() {
        assertThat(Heard.json("{\"a\":1,\"a\":2}").readings).containsExactly("a=1.0", "a=2.0");
    }

    @Test
    void textsKeepEveryCharacterThatJsonCanWrite() {
        assertThat(Heard.json("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20ac\\ud83d\\ude00é€😀\"}").readings)
                .containsExactly("a='\"\\/\b\f\n\r\té€😀é€😀'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "0.1",
                "-0.0",
                "1e0",
                "1E+2",
                "1e-7",
                "123456789012345678",
                "9007199254740993",
                "0.30000000000000004",
                "1.7976931348623157e308",
                "4.9e-324",
                "2.2250738585072011e-308",
                "1e23",
                "8.41e21",
                "0.000000000000000000000000000001",
                "100000000000000000000000000000000000000000",
                "1e-400"
            })
    void numberIsTheNearestDouble(String text) {
        assertThat(Heard.json("{\"a\":" + text + "}").readings).containsExactly("a=" + Double.parseDouble(text));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\":1                    | it ends at byte 6 in the middle",
                "{\"a                        | it ends at byte 3 inside a string",
                "{\"a\":1}x                  | at byte 7, 'x': the document ended before this",
                "{\"a\":1}{\"a\":2}          | at byte 7, '{': the document ended before this",
                "{\"a\":01}                  | at byte 5, '0': this is not a number",
                "{\"a\":1.}                  | at byte 5, '1': this is not a number",
                "{\"a\":+1}                  | at byte 5, '+': expected a value",
                "{\"a\":.5}                  | at byte 5, '.': expected a value",
                "{\"a\":NaN}                 | at byte 5, 'N': expected a value",
                "{\"a\":nul}                 | at byte 5, 'n': expected a value",
                "{\"a\":1e}                  | at byte 5, '1': this is not a number",
                "{\"a\":1,}                  | at byte 7, '}': expected a key in quotes",
                "{a:1}                       | at byte 1, 'a': expected a key in quotes",
                "{'a':1}                     | at byte 1, ''': expected a key in quotes",
                "{\"a\" 1}                   | at byte 5, '1': expected ':' after a key",
                "{\"a\":1 \"b\":2}           | at byte 7, '\"': expected ',' or '}'",
                "[{\"a\":1} {\"a\":1}]       | at byte 9, '{': expected ',' or ']'",
                "{\"a\":\"\\x\"}             | at byte 6, '\\': unknown escape",
                "{\"a\":\"\\u12g4\"}         | at byte 6, '\\': unknown escape",
                "{\"a\":[1,2}                | at byte 9, '}': expected ',' or ']'",
            })
    void brokenPayloadGivesNothingButItsReason(String payload, String reason) {
        Heard heard = Heard.json(payload);
        assertThat(heard.readings).isEmpty();
        assertThat(heard.rejections).containsExactly("0: the payload is not JSON: " + reason);
    }

    @Test
    void controlCharactersAndBytesThatAreNotUtf8AreNoJson() {
        assertThat(Heard.json("{\"a\":\"x\ny\"}").rejections)
                .containsExactly("0: the payload is not JSON: at byte 7, 0x0a: control characters in strings are"
                        + " written as \\u00XX");
        byte[] payload = Heard.utf8("{\"a\":\"__\"}");
        payload[6] = (byte) 0xc0;
        payload[7] = (byte) 0x80;
        assertThat(Heard.of(new PayloadDecoder(), Heard.TOPIC, "", payload).rejections)
                .containsExactly("0: the payload is not JSON: at byte 6, 0xc0: the string here is not UTF-8");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"\":1,\"b\":2}       | a sensor's name is empty; give it one",
                "{\"a..c\":1,\"b\":2}   | the sensor path 'a..c' has an empty part; each part between dots has a name",
                "{\".a\":1,\"b\":2}     | the sensor path '.a' has an empty part; each part between dots has a name",
                "{\"\":{\"a\":1},\"b\":2} | a sensor's name is empty; give it one",
                "{\"x\\ny\":1,\"b\":2}  | a sensor's name has a control character; use letters, digits and '_'",
                "{\"a\":1e999,\"b\":2}  | the number of 'a' is too large; the largest is about 1.8e308",
                "{\"a\":\"\\ud800\",\"b\":2} | the text of 'a' has half of a surrogate pair; send the whole character",
                "{\"a\":\"\\u0000\",\"b\":2} | the text of 'a' has a NUL character; leave it out",
            })
    void valueThatCannotBeAReadingIsRejectedAndTheOthersAreKept(String payload, String reason) {
        Heard heard = Heard.json(payload);
        assertThat(heard.readings).containsExactly("b=2.0");
        assertThat(heard.rejections).containsExactly("0: " + reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "1690000000        | ts 1690000000 is not a time in milliseconds since 1970 and before 2200; that looks like seconds, multiply by 1000",
                "1690000000000000  | ts 1690000000000000 is not a time in milliseconds since 1970 and before 2200; that looks like microseconds, divide by 1000",
                "1.69e18           | ts 1.69E18 is not a time in milliseconds since 1970 and before 2200; that looks like nanoseconds, divide by 1000000",
                "-1                | ts -1 is not a time in milliseconds since 1970 and before 2200",
                "\"yesterday\"     | ts is neither epoch milliseconds nor ISO 8601 with an offset, such as 2026-01-31T12:00:00Z",
                "\"2026-01-31T12:00:00\" | ts is neither epoch milliseconds nor ISO 8601 with an offset, such as 2026-01-31T12:00:00Z",
                "\"2026-02-30T12:00:00Z\" | ts is neither epoch milliseconds nor ISO 8601 with an offset, such as 2026-01-31T12:00:00Z",
                "{\"a\":1}         | ts is neither epoch milliseconds nor ISO 8601 with an offset, such as 2026-01-31T12:00:00Z",
            })
    void elementWithAnUnreadableTimeIsRejectedWhole(String time, String reason) {
        Heard heard = Heard.json("[{\"a\":1},{\"a\":2,\"ts\":" + time + ",\"b\":3},{\"a\":4}]");
        assertThat(heard.readings).containsExactly("a=1.0", "a=4.0");
        assertThat(heard.rejections).containsExactly("1: " + reason);
    }

    @Test
    void valueThatNobodyNamedIsRejectedWithWhatToDo() {
        assertThat(Heard.json("21.5").rejections).containsExactly("0: " + NameNeeded.BARE);
        Heard batch = Heard.json("[{\"a\":1},7,{\"a\":2}]");
        assertThat(batch.readings).containsExactly("a=1.0", "a=2.0");
        assertThat(batch.rejections).containsExactly("1: " + NameNeeded.IN_ARRAY);
    }

    @Test
    void limitsHaveTheirOwnWords() {
        assertThat(Heard.json("{\"a\":".repeat(16) + "1" + "}".repeat(16)).readings)
                .hasSize(1);
        assertThat(Heard.json("{\"a\":".repeat(17) + "1" + "}".repeat(17)).rejections)
                .containsExactly("0: nested deeper than 16 levels; flatten the payload");
        assertThat(Heard.json("[".repeat(100_000)).rejections)
                .containsExactly("0: nested deeper than 16 levels; flatten the payload");
        assertThat(Heard.json("{\"" + "a".repeat(256) + "\":1}").readings).hasSize(1);
        assertThat(Heard.json("{\"" + "a".repeat(257) + "\":1}").rejections)
                .containsExactly("0: a sensor's path has more than 256 bytes; use shorter names or less nesting");
        assertThat(Heard.json("{\"" + "a".repeat(250) + "\":{\"bcdefgh\":1}}").rejections)
                .containsExactly("0: a sensor's path has more than 256 bytes; use shorter names or less nesting");
        assertThat(Heard.json("{\"a\":\"" + "x".repeat(4096) + "\"}").readings).hasSize(1);
        for (String text :
                List.of("x".repeat(4097), "é".repeat(2049), "\\n".repeat(4097), "\\u20ac" + "x".repeat(9000))) {
            assertThat(Heard.json("{\"a\":\"" + text + "\"}").rejections)
                    .containsExactly("0: the text of 'a' has more than 4096 bytes; send a shorter one");
        }
        String many = "1,".repeat(9_999) + "1";
        assertThat(Heard.json("{\"a\":[" + many + "]}").readings).hasSize(10_000);
        Heard tooMany = Heard.json("{\"a\":[" + many + ",1]}");
        assertThat(tooMany.readings).isEmpty();
        assertThat(tooMany.rejections)
                .containsExactly("0: more than 10,000 readings in one message; send them as several messages");
        assertThat(Heard.json("").rejections)
                .containsExactly("0: the payload is empty; send an object, {\"temperature\": 21.5}");
    }

    @Test
    void oneStringStandsForAPathForAllMessagesOfADecoder() {
        PayloadDecoder decoder = new PayloadDecoder();
        List<String> sensors = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            decoder.decode(Heard.message(Heard.TOPIC, "", Heard.utf8("{\"a\":{\"b\":1}}")), new Heard() {
                @Override
                public void number(String sensor, long tsMicros, double value) {
                    sensors.add(sensor);
                }
            });
        }
        assertThat(sensors.get(0)).isSameAs(sensors.get(1)).isSameAs(sensors.get(2));
    }

    @Test
    void streamOfInventedNamesIsReadAndRememberedOnlySoFar() {
        PayloadDecoder decoder = new PayloadDecoder();
        for (int i = 0; i < 100_000; i++) {
            Heard heard = Heard.of(decoder, Heard.TOPIC, "", Heard.utf8("{\"name" + i + "\":" + i + "}"));
            assertThat(heard.readings).containsExactly("name" + i + "=" + (double) i);
        }
    }

    @Test
    void keysInChangingOrderAreNeverTakenForAnother() {
        PayloadDecoder decoder = new PayloadDecoder();
        String[] payloads = {
            "{\"a\":1,\"ab\":2,\"abc\":3}",
            "{\"abc\":1,\"a\":2}",
            "{\"ab\":1,\"ts\":1690000000000,\"a\":2}",
            "{\"a\\\"b\":1,\"a\":2}",
            "{\"a\\\\u0062\":1,\"a\\u0062\":2}",
            "{\"a\":1,\"a\":2,\"ab\":3}"
        };
        String[] expected = {
            "a=1.0 ab=2.0 abc=3.0",
            "abc=1.0 a=2.0",
            "ab=1.0 @1690000000000000 a=2.0 @1690000000000000",
            "a\"b=1.0 a=2.0",
            "a\\u0062=1.0 ab=2.0",
            "a=1.0 a=2.0 ab=3.0"
        };
        for (int i = 0; i < 360; i++) {
            int pick = (i * 7 + i / 6) % 6;
            Heard heard = Heard.of(decoder, Heard.TOPIC, "", Heard.utf8(payloads[pick]));
            assertThat(String.join(" ", heard.readings)).isEqualTo(expected[pick]);
        }
    }
}
