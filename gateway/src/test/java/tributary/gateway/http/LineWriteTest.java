package tributary.gateway.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.zip.GZIPOutputStream;
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

    /// Telegraf itself does not run here. The form is that of its source as of 2026.
    /// From `plugins/outputs/influxdb_v2`: path, query, headers, gzip unless told otherwise, and a body of
    /// unknown length, so in chunks, of which Go's client makes the first a byte long.
    /// From `plugins/serializers/influx`: tags sorted, floats without an exponent, whole numbers with `i`,
    /// nanoseconds, a line feed behind each. The lines are such as its inputs cpu, disk, system and mem write.
    @Test
    void requestAsTelegrafsOutputWritesItIsStored() throws Exception {
        String lines = """
                cpu,cpu=cpu0,host=pump usage_idle=97.26315789466214,usage_user=1.6842105263157894 1690000000000000000
                cpu,cpu=cpu-total,host=pump usage_idle=98,usage_user=0.00001 1690000000000000000
                disk,device=nvme0n1p4,fstype=ext4,host=pump,mode=rw,path=/mnt/my\\ disk free=65652391936i,used_percent=50.5 1690000000000000000
                system,host=pump load1=0.23,n_cpus=2i 1690000000000000000
                system,host=pump uptime=889498i 1690000000000000000
                system,host=pump uptime_format="10 days,  7:04" 1690000000000000000
                mem,host=nobody available_percent=61.4,huge=9223372036854775807i,swapped=false 1690000000000000000
                """;

        assertThat(telegraf(lines)).startsWith("HTTP/1.1 204 ");

        assertThat(street.readings())
                .containsExactlyInAnyOrder(
                        "pump cpu[cpu=cpu0].usage_idle=97.26315789466214",
                        "pump cpu[cpu=cpu0].usage_user=1.6842105263157894",
                        "pump cpu[cpu=cpu-total].usage_idle=98.0",
                        "pump cpu[cpu=cpu-total].usage_user=1.0E-5",
                        "pump disk[device=nvme0n1p4,fstype=ext4,mode=rw,path=/mnt/my disk].free=6.5652391936E10",
                        "pump disk[device=nvme0n1p4,fstype=ext4,mode=rw,path=/mnt/my disk].used_percent=50.5",
                        "pump system.load1=0.23",
                        "pump system.n_cpus=2.0",
                        "pump system.uptime=889498.0",
                        "pump system.uptime_format='10 days,  7:04'",
                        "gw mem[host=nobody].available_percent=61.4",
                        "gw mem[host=nobody].huge=9.223372036854776E18",
                        "gw mem[host=nobody].swapped=false");
        assertThat(street.times()).hasSize(11).containsOnly(Instant.ofEpochSecond(1_690_000_000));
    }

    @Test
    void telegrafIsToldInItsOwnWordsWhatToDropAndWhenToComeAgain() throws Exception {
        assertThat(telegraf("cpu,host=pump usage=warm 1690000000000000000\n"))
                .startsWith("HTTP/1.1 400 ")
                .contains("{\"code\":\"invalid\",\"message\":\"nothing was stored: line 1: ");

        street.log.full(true);
        assertThat(telegraf("cpu,host=pump usage=1 1690000000000000000\n"))
                .startsWith("HTTP/1.1 503 ")
                .containsIgnoringCase("\r\nretry-after: 5\r\n");
    }

    /// @return the answer's head, and of its body what came with it
    private String telegraf(String lines) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(lines.getBytes(UTF_8));
        }
        byte[] body = packed.toByteArray();
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes("""
                POST /api/v2/write?bucket=any&org=any HTTP/1.1\r
                Host: 127.0.0.1:%d\r
                User-Agent: Telegraf/1.36.1 Go/1.25.0\r
                Transfer-Encoding: chunked\r
                Authorization: Token %s\r
                Content-Encoding: gzip\r
                Content-Type: text/plain; charset=utf-8\r
                Accept-Encoding: gzip\r
                \r
                """.formatted(street.port(), gateway).getBytes(UTF_8));
        chunk(request, body, 0, 1);
        chunk(request, body, 1, body.length - 1);
        chunk(request, body, body.length, 0);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), street.port())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(request.toByteArray());
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    private static void chunk(ByteArrayOutputStream into, byte[] bytes, int from, int length) {
        into.writeBytes((Integer.toHexString(length) + "\r\n").getBytes(UTF_8));
        into.write(bytes, from, length);
        into.writeBytes("\r\n".getBytes(UTF_8));
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
