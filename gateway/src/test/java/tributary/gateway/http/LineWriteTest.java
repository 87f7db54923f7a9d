package tributary.gateway.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// InfluxDB's write route, as Telegraf uses it.
class LineWriteTest {
    private final Street street = new Street();
    private final String gateway = street.keys.device("acme", "gw");

    @AfterEach
    void close() {
        street.close();
    }

    private HttpResponse<String> write(String query, String token, String body) throws Exception {
        return street.send(street.to("/api/v2/write" + query)
                .header("Authorization", "Token " + token)
                .header("Content-Type", "text/plain; charset=utf-8")
                .POST(BodyPublishers.ofByteArray(body.getBytes(UTF_8))));
    }

    @Test
    void linesAreOfTheDeviceThatTheirTagNamesElseOfTheBearers() throws Exception {
        HttpResponse<String> answer = write("?org=x&bucket=y&precision=s", gateway, """
                cpu,host=pump usage=1 1690000000
                cpu,host=nobody usage=2 1690000000
                cpu,device=pump,host=gw usage=3 1690000000
                cpu usage=4 1690000000
                """);

        assertThat(answer.statusCode()).isEqualTo(204);
        assertThat(answer.body()).isEmpty();
        assertThat(street.readings())
                .containsExactlyInAnyOrder(
                        "pump cpu.usage=1.0",
                        "gw cpu[host=nobody].usage=2.0",
                        "pump cpu[host=gw].usage=3.0",
                        "gw cpu.usage=4.0");
        assertThat(street.log.messages()).hasSize(2);
    }

    @Test
    void applicationWritesForAnyDeviceOfItsScopeByTag() throws Exception {
        String key = street.keys.application("acme", "devices/#");

        assertThat(write("", key, "m,device=boiler f=1\nm,device=pump f=2").statusCode())
                .isEqualTo(204);

        assertThat(street.readings()).containsExactlyInAnyOrder("boiler m.f=1.0", "pump m.f=2.0");
    }

    @Test
    void linesThatFailAreNumberedAndTheOthersAreStored() throws Exception {
        HttpResponse<String> answer = write("", gateway, "m,host=pump f=1\n\nm f=\nm,host=pump f=x\nm f=2\n");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body())
                .isEqualTo("{\"code\":\"invalid\",\"message\":\"partial write: line 3: the field 'f' has no value; line"
                        + " 4: the field 'f' is no number, boolean or \\\"text\\\": x. The other lines are stored.\"}");
        assertThat(street.readings()).contains("pump m.f=1.0", "gw m.f=2.0");
    }

    @Test
    void applicationsLineForAnUnknownDeviceFailsWithTheReason() throws Exception {
        String key = street.keys.application("acme", "devices/#");
        HttpResponse<String> answer = write("", key, "m,device=boiler f=1\nm,device=nobody f=2\nm f=3");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body())
                .contains("line 2: there is no device 'nobody'; add it first: tributary device add nobody")
                .contains("line 3: 'devices/me/telemetry' means the publisher's own device");
        assertThat(street.readings()).containsExactly("boiler m.f=1.0");
    }

    @Test
    void writeWithNothingRightIsRefusedInInfluxWords() throws Exception {
        HttpResponse<String> bad = write("", gateway, "hello");
        assertThat(bad.statusCode()).isEqualTo(400);
        assertThat(bad.body())
                .isEqualTo("{\"code\":\"invalid\",\"message\":\"nothing was stored: line 1: the fields are missing; a"
                        + " line is: measurement field=1\"}");

        HttpResponse<String> stranger = write("", "nonsense", "m f=1");
        assertThat(stranger.statusCode()).isEqualTo(401);
        assertThat(stranger.body()).startsWith("{\"code\":\"unauthorized\",\"message\":\"The credential is wrong");

        HttpResponse<String> empty = write("", gateway, "\n# only a comment\n");
        assertThat(empty.statusCode()).isEqualTo(400);
        assertThat(empty.body()).contains("there is no line");

        HttpResponse<String> precision = write("?precision=fortnight", gateway, "m f=1");
        assertThat(precision.statusCode()).isEqualTo(400);
        assertThat(precision.body()).contains("precision is one of ns, us, ms, s.");
        assertThat(street.log.messages()).isEmpty();
    }

    @Test
    void largeWriteBecomesSeveralMessagesInOrder() throws Exception {
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < 30_000; i++) {
            body.append("m,host=pump f=")
                    .append(i)
                    .append("i,text=\"line\nbreak\" ")
                    .append(1_690_000_000_000L + i)
                    .append('\n');
        }
        body.append("m,host=pump f=oops\n");

        HttpResponse<String> answer = write("?precision=ms", gateway, body.toString());

        assertThat(answer.body())
                .isEqualTo("{\"code\":\"invalid\",\"message\":\"partial write: line 60001: the field 'f' is no number,"
                        + " boolean or \\\"text\\\": oops. The other lines are stored.\"}");
        assertThat(street.log.messages()).hasSizeBetween(7, 40);
        assertThat(street.readings()).hasSize(60_001);
        assertThat(street.readings().get(59_998)).isEqualTo("pump m.f=29999.0");
    }

    @Test
    void linesWithManyFieldsStayBelowTheReadingsOfAMessage() throws Exception {
        StringBuilder body = new StringBuilder();
        for (int line = 0; line < 300; line++) {
            body.append("m a=1");
            for (int field = 0; field < 99; field++) {
                body.append(",f").append(field).append("=1");
            }
            body.append('\n');
        }

        assertThat(write("", gateway, body.toString()).statusCode()).isEqualTo(204);

        assertThat(street.readings()).hasSize(30_000);
    }

    @Test
    void fullDiskIsSaidInInfluxWords() throws Exception {
        street.log.full(true);
        HttpResponse<String> answer = write("", gateway, "m f=1");

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).hasValue("5");
        assertThat(answer.body()).startsWith("{\"code\":\"unavailable\",\"message\":\"the disk is full");
    }
}
