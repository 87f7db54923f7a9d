package tributary.gateway.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tributary.model.Message;

/// Readings of many devices in one request.
class BatchWriteTest {
    private final Street street = new Street();
    private final String key = street.keys.application("acme", "devices/#");

    @AfterEach
    void close() {
        street.close();
    }

    private HttpResponse<String> batch(String token, String body) throws Exception {
        return street.send(street.to("/api/v1/telemetry/batch")
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/x-ndjson")
                .POST(BodyPublishers.ofByteArray(body.getBytes(UTF_8))));
    }

    @Test
    void eachLineIsAMessageOfItsDeviceByteForByte() throws Exception {
        HttpResponse<String> answer = batch(key, """
                {"device": "boiler", "readings": [{"ts": 1690000000000, "t": 1.50}, {"ts": 1690000001000, "t": 2}]}

                {"note": {"device": "gw"}, "readings": {"ü": 1}, "device": "pump"}
                """);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"accepted\":3}");
        assertThat(street.readings()).containsExactlyInAnyOrder("boiler t=1.5", "boiler t=2.0", "pump ü=1.0");
        assertThat(street.log.messages())
                .extracting(message -> new String(message.payload(), UTF_8))
                .containsExactlyInAnyOrder(
                        "[{\"ts\": 1690000000000, \"t\": 1.50}, {\"ts\": 1690000001000, \"t\": 2}]", "{\"ü\": 1}");
        assertThat(street.log.messages()).extracting(Message::origin).containsOnly(Message.Origin.HTTP);
    }

    @Test
    void lineProtocolMayStandInPlaceOfReadings() throws Exception {
        HttpResponse<String> answer = batch(
                key,
                "{\"device\": \"boiler\", \"precision\": \"s\","
                        + " \"lines\": \"weather,device=boiler t=21.5 1690000000\\nweather t=warm 1690000000\"}\n"
                        + "{\"device\": \"boiler\", \"precision\": \"year\", \"lines\": \"weather t=1 1\"}");

        assertThat(answer.body())
                .contains("\"accepted\":1,\"rejectedCount\":2")
                .contains("{\"line\":0,\"index\":1,\"code\":\"payload-unreadable\"")
                .contains("{\"line\":1,\"code\":\"payload-unreadable\"");
        assertThat(street.readings()).contains("boiler weather.t=21.5");
    }

    @Test
    void whatCannotBeStoredIsNamedAndTheRestIsStored() throws Exception {
        HttpResponse<String> answer = batch(key, """
                {"device": "nobody", "readings": [{"t": 1}]}
                {"device": "boiler", "readings": [{"t": 1}, {"t": 2, "ts": "noon"}]}
                {"device": "boiler", "readings": [{"t": 3}]
                {"device": "no/body", "readings": [{"t": 4}]}
                {"device": "boiler"}
                """);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .contains("\"accepted\":1,\"rejectedCount\":5")
                .contains("{\"line\":0,\"code\":\"unknown-device\",\"reason\":\"there is no device 'nobody'")
                .contains("{\"line\":1,\"index\":1,\"code\":\"payload-unreadable\",\"reason\":\"ts is neither")
                .contains("{\"line\":2,\"code\":\"payload-unreadable\"")
                .contains("{\"line\":3,\"code\":\"device-invalid\"")
                .contains("{\"line\":4,\"code\":\"payload-unreadable\",\"reason\":\"a line is {");
        assertThat(street.readings()).contains("boiler t=1.0").noneMatch(reading -> reading.contains("t=3"));
    }

    @Test
    void deviceMayOnlySendWhatItCarriesAndNobodyReachesAnotherTenant() throws Exception {
        String gateway = street.keys.device("acme", "gw");
        HttpResponse<String> answer = batch(gateway, """
                {"device": "pump", "readings": [{"t": 1}]}
                {"device": "boiler", "readings": [{"t": 2}]}
                """);

        assertThat(answer.body()).contains("\"accepted\":1,\"rejectedCount\":1").contains("\"code\":\"forbidden\"");
        assertThat(street.log.messages())
                .extracting(message -> message.tenant() + " " + message.device())
                .containsExactly("acme pump");
        assertThat(batch("nonsense", "{}").statusCode()).isEqualTo(401);
    }

    @Test
    void batchOfTooManyLinesIsRefusedWhole() throws Exception {
        HttpResponse<String> answer = batch(key, "{\"device\":\"boiler\",\"readings\":{\"t\":1}}\n".repeat(10_001));

        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(street.log.messages()).isEmpty();
    }
}
