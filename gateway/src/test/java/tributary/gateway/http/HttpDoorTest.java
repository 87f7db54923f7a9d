package tributary.gateway.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.gateway.IntakeSettings;
import tributary.gateway.ws.WsSettings;
import tributary.model.Message;
import tributary.model.Topic;

class HttpDoorTest {
    private static final String OWN = "/api/v1/telemetry";
    private static final String JSON = "application/json";

    private Street street = new Street();
    private final String boiler = street.keys.device("acme", "boiler");
    private final String gateway = street.keys.device("acme", "gw");

    @AfterEach
    void close() {
        street.close();
    }

    private HttpResponse<String> post(String path, String bearer, String type, String body) throws Exception {
        return street.post(path, bearer, type, body.getBytes(UTF_8));
    }

    @Test
    void readingsOfTheBearersOwnDeviceAreStoredAndCounted() throws Exception {
        HttpResponse<String> answer = post(OWN, boiler, JSON, "{\"temperature\":21.5,\"door\":{\"open\":true}}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"accepted\":2}");
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(street.readings()).containsExactly("boiler temperature=21.5", "boiler door.open=true");
        Message message = street.log.messages().getFirst();
        assertThat(message.origin()).isEqualTo(Message.Origin.HTTP);
        assertThat(message.topic()).isEqualTo(new Topic("devices/boiler/telemetry"));
        assertThat(message.publisher()).isEqualTo("device:boiler");
    }

    @Test
    void whatCurlSendsByItselfIsRead() throws Exception {
        HttpResponse<String> answer = post(OWN, boiler, "application/x-www-form-urlencoded", "{\"temperature\":21.5}");

        assertThat(answer.body()).isEqualTo("{\"accepted\":1}");
        assertThat(street.readings()).containsExactly("boiler temperature=21.5");
    }

    @Test
    void whatABrowserSendsByItselfIsRead() throws Exception {
        HttpResponse<String> answer = post(OWN, boiler, "text/plain;charset=UTF-8", "{\"temperature\":21.5}");

        assertThat(answer.body()).isEqualTo("{\"accepted\":1}");
        assertThat(street.readings()).containsExactly("boiler temperature=21.5");
    }

    @Test
    void gatewayPostsForADeviceThatItCarriesAndForOneSensor() throws Exception {
        assertThat(post("/api/v1/devices/pump/telemetry", gateway, JSON, "[{\"a\":1},{\"a\":2}]")
                        .body())
                .isEqualTo("{\"accepted\":2}");
        assertThat(post("/api/v1/devices/pump/telemetry/motor/rpm", gateway, "text/plain", "1450")
                        .body())
                .isEqualTo("{\"accepted\":1}");
        assertThat(post("/api/v1/devices/me/telemetry/state", gateway, "", "idle")
                        .body())
                .isEqualTo("{\"accepted\":1}");

        assertThat(street.readings())
                .containsExactlyInAnyOrder("pump a=1.0", "pump a=2.0", "pump motor.rpm=1450.0", "gw state='idle'");
    }

    @Test
    void messageToAnyTopicIsKeptAsItIs() throws Exception {
        String key = street.keys.application("acme", "weather/#");
        HttpResponse<String> answer = street.post(
                "/api/v1/messages/weather/brisbane%20west?retain=true", key, "image/png", new byte[] {0, 1, 2});

        assertThat(answer.statusCode()).isEqualTo(204);
        Message message = street.log.messages().getFirst();
        assertThat(message.topic()).isEqualTo(new Topic("weather/brisbane west"));
        assertThat(message.payload()).containsExactly(0, 1, 2);
        assertThat(message.retain()).isTrue();
        assertThat(message.device()).isNull();
        assertThat(message.properties().contentType()).isEqualTo("image/png");
    }

    @Test
    void answerLeavesOnlyWhenTheDiskHasIt() throws Exception {
        street.log.hold();
        CompletableFuture<HttpResponse<String>> answer = CompletableFuture.supplyAsync(() -> {
            try {
                return post(OWN, boiler, JSON, "{\"a\":1}");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        Street.await("the message waits", () -> street.log.waiting() == 1);
        assertThat(answer).isNotDone();

        street.log.release();

        assertThat(answer.get().statusCode()).isEqualTo(200);
    }

    @Test
    void partsThatCannotBeReadAreNamedAndTheOthersAreStored() throws Exception {
        HttpResponse<String> answer =
                post(OWN, boiler, JSON, "[{\"a\":1},7,{\"a\":2,\"ts\":\"noon\"},{\"a\":3,\"\":4}]");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .startsWith("{\"accepted\":2,\"rejectedCount\":3,\"rejected\":[{\"index\":1,\"reason\":\"an array"
                        + " element that is not an object needs a topic")
                .contains("{\"index\":2,\"reason\":\"ts is neither epoch milliseconds nor ISO 8601")
                .endsWith("{\"index\":3,\"reason\":\"a sensor's name is empty; give it one\"}]}");
        assertThat(street.readings()).contains("boiler a=1.0", "boiler a=3.0");
    }

    @Test
    void payloadWithoutAnyReadingIsRefusedAndNothingIsStored() throws Exception {
        HttpResponse<String> answer = post(OWN, boiler, JSON, "{\"a\":1");

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(answer.body())
                .isEqualTo("{\"type\":\"/problems/payload-unreadable\",\"title\":\"No reading in it\",\"status\":422,"
                        + "\"detail\":\"Nothing was stored: the payload is not JSON: it ends at byte 6 in the middle."
                        + " docs/payloads.md shows each format.\",\"rejected\":[{\"index\":0,\"reason\":\"the payload is"
                        + " not JSON: it ends at byte 6 in the middle\"}]}");
        assertThat(street.log.messages()).isEmpty();
    }

    @Test
    void contentTypeThatNobodyReadsIsNamed() throws Exception {
        HttpResponse<String> answer = post(OWN, boiler, "image/png", "x");

        assertThat(answer.statusCode()).isEqualTo(415);
        assertThat(answer.body())
                .contains("Nothing was stored: content type 'image/png' cannot be read; send"
                        + " application/json, application/cbor");
    }

    @Test
    void compressedBodiesAreRead() throws Exception {
        byte[] plain = "{\"temperature\":21.5}".getBytes(UTF_8);
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
            out.write(plain);
        }
        ByteArrayOutputStream deflate = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = new DeflaterOutputStream(deflate)) {
            out.write(plain);
        }
        assertThat(coded("gzip", gzip.toByteArray()).body()).isEqualTo("{\"accepted\":1}");
        assertThat(coded("deflate", deflate.toByteArray()).body()).isEqualTo("{\"accepted\":1}");
        assertThat(coded("zstd", Zstd.compress(plain)).body()).isEqualTo("{\"accepted\":1}");
        assertThat(coded("identity", plain).body()).isEqualTo("{\"accepted\":1}");
        assertThat(street.log.messages()).hasSize(4).allMatch(message -> message.payload().length == plain.length);
    }

    private HttpResponse<String> coded(String coding, byte[] body) throws IOException, InterruptedException {
        return street.send(street.to(OWN)
                .header("Authorization", "Bearer " + boiler)
                .header("Content-Type", JSON)
                .header("Content-Encoding", coding)
                .POST(BodyPublishers.ofByteArray(body)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "zstd"})
    void bombIsRefusedAtTheDecompressedLimit(String coding) throws Exception {
        byte[] zeros = new byte[64 * 1024 * 1024];
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        switch (coding) {
            case "gzip" -> {
                try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
                    out.write(zeros);
                }
            }
            case "deflate" -> {
                try (DeflaterOutputStream out = new DeflaterOutputStream(packed)) {
                    out.write(zeros);
                }
            }
            default -> packed.write(Zstd.compress(zeros));
        }
        assertThat(packed.size()).as("a bomb").isLessThan(zeros.length / 500);

        HttpResponse<String> answer = coded(coding, packed.toByteArray());

        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.body())
                .contains("A body has at most 4194304 bytes, decompressed (http.body-bytes-max). Send it in several"
                        + " requests.");
        assertThat(post(OWN, boiler, JSON, "{\"a\":1}").statusCode())
                .as("the door lives on")
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "zstd"})
    void brokenCompressionIsNamed(String coding) throws Exception {
        HttpResponse<String> answer = coded(coding, "{\"temperature\":21.5}".getBytes(UTF_8));

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("The body is not " + coding + " as Content-Encoding says");
    }

    @Test
    void unknownCompressionIsNamedWithWhatIsKnown() throws Exception {
        HttpResponse<String> answer = coded("br", new byte[] {1});

        assertThat(answer.statusCode()).isEqualTo(415);
        assertThat(answer.body())
                .contains("Content-Encoding 'br' cannot be read. Use gzip, zstd or deflate, once, or send the body"
                        + " plain.");
        assertThat(answer.headers().firstValue("Accept-Encoding")).hasValue("gzip, zstd, deflate");
    }

    @Test
    void bodyOfUnknownLengthIsReadUpToTheLimit() throws Exception {
        HttpResponse<String> small = street.send(street.to(OWN)
                .header("Authorization", "Bearer " + boiler)
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream("{\"a\":1}".getBytes(UTF_8)))));
        assertThat(small.body()).isEqualTo("{\"accepted\":1}");

        HttpResponse<String> large = street.send(street.to(OWN)
                .header("Authorization", "Bearer " + boiler)
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[5 * 1024 * 1024]))));
        assertThat(large.statusCode()).isEqualTo(413);
    }

    @Test
    void messageOverTheIntakesLimitIsRefusedWithBothFigures() throws Exception {
        HttpResponse<String> answer = street.post(OWN, boiler, JSON, new byte[300_000]);

        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.body()).contains("the payload has 300000 bytes and at most 262144 are allowed");
        assertThat(street.log.messages()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "                     | Bearer realm=\"tributary\"                         | This needs a credential.",
                "Bearer nonsense      | Bearer realm=\"tributary\", error=\"invalid_token\" | The credential is wrong, expired or revoked.",
                "Bearer               | Bearer realm=\"tributary\"                         | This needs a credential.",
                "Basic YWxhZGRpbjpzZQ | Bearer realm=\"tributary\"                         | This needs a credential.",
            })
    void whoShowsNoGoodCredentialIsTold(String authorization, String challenge, String detail) throws Exception {
        var request = street.to(OWN).POST(BodyPublishers.ofString("{\"a\":1}"));
        HttpResponse<String> answer =
                street.send(authorization == null ? request : request.header("Authorization", authorization));

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("WWW-Authenticate")).hasValue(challenge);
        assertThat(answer.body()).contains(detail).contains("tributary device token <device>");
        assertThat(street.log.messages()).isEmpty();
    }

    @Test
    void expiredCredentialIsTold() throws Exception {
        String expiring = street.keys.device("acme", "boiler", Instant.now().plusSeconds(60));
        assertThat(post(OWN, expiring, JSON, "{\"a\":1}").statusCode()).isEqualTo(200);

        street.ahead.set(Duration.ofMinutes(2));

        HttpResponse<String> answer = post(OWN, expiring, JSON, "{\"a\":1}");
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.body()).contains("the credential expired at");
    }

    @Test
    void anotherDeviceIsForbiddenAndSaysWhose() throws Exception {
        HttpResponse<String> answer = post("/api/v1/devices/boiler/telemetry", gateway, JSON, "{\"a\":1}");

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body())
                .contains("device 'gw' may publish as itself and as the devices it carries, and 'boiler' is not one of"
                        + " them");
        assertThat(street.log.messages()).isEmpty();
    }

    @Test
    void deviceOfAnotherTenantDoesNotExistHere() throws Exception {
        String key = street.keys.application("other", "#");
        HttpResponse<String> answer = post("/api/v1/devices/pump/telemetry", key, JSON, "{\"a\":1}");

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("there is no device 'pump'; add it first: tributary device add pump");
    }

    @Test
    void applicationHasNoDeviceOfItsOwn() throws Exception {
        HttpResponse<String> answer = post(OWN, street.keys.application("acme", "#"), JSON, "{\"a\":1}");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("this credential is not a device's; write devices/<id>/telemetry");
    }

    @Test
    void topicThatCannotBeIsNamed() throws Exception {
        HttpResponse<String> answer = post("/api/v1/messages/a/%23", gateway, "", "x");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("a topic to publish to has no wildcard ('+', '#')");
    }

    @Test
    void otherMethodsAreRefusedWithTheRightOne() throws Exception {
        HttpResponse<String> answer = street.send(street.to(OWN).GET());

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).hasValue("POST");
        assertThat(answer.body()).contains("GET is nothing here. Send the data with POST.");
    }

    @Test
    void senderOverItsRateIsToldWhenToComeBack() throws Exception {
        reopen(new IntakeSettings(256 * 1024, 1, 0, 0), HttpSettings.DEFAULTS);
        String token = street.keys.device("acme", "boiler");
        int status = 200;
        HttpResponse<String> answer = null;
        for (int i = 0; i < 10 && status == 200; i++) {
            answer = post(OWN, token, JSON, "{\"a\":1}");
            status = answer.statusCode();
        }

        assertThat(status).isEqualTo(429);
        assertThat(answer.headers().firstValue("Retry-After"))
                .hasValueSatisfying(v -> assertThat(v).matches("[1-9]"));
        assertThat(answer.body()).contains("Nothing was stored: the limit is intake.device-rate, 1 messages a second");
    }

    @Test
    void fullDiskIsSaidAndNothingIsAcknowledged() throws Exception {
        street.log.full(true);
        HttpResponse<String> answer = post(OWN, boiler, JSON, "{\"a\":1}");

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).hasValue("5");
        assertThat(answer.body())
                .contains("/problems/log-full")
                .contains("the disk is full; free some space. Nothing of it was stored; send it again later.");

        street.log.full(false);
        assertThat(post(OWN, boiler, JSON, "{\"a\":1}").statusCode()).isEqualTo(200);
    }

    @Test
    void diskThatDoesNotAnswerIsSaidInTime() throws Exception {
        reopen(IntakeSettings.DEFAULTS, new HttpSettings(1024, Duration.ofMillis(200)));
        street.log.hold();
        HttpResponse<String> answer = post(OWN, street.keys.device("acme", "boiler"), JSON, "{\"a\":1}");

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("the data may or may not be stored. Send it again with the same ts");
    }

    private void reopen(IntakeSettings limits, HttpSettings settings) {
        street.close();
        street = new Street(limits, settings, WsSettings.DEFAULTS);
    }

    @Test
    void plainRequestToTheWebSocketSaysHowToConnect() throws Exception {
        assertThat(street.send(street.to("/api/v1/ws").GET()).statusCode()).isEqualTo(401);
        HttpResponse<String> answer = street.send(street.to("/api/v1/ws")
                .header("Authorization", "Bearer " + boiler)
                .GET());
        assertThat(answer.statusCode()).isEqualTo(426);
        assertThat(answer.body()).contains("Connect with a WebSocket client");
    }

    @Test
    void manySendersAtOnceAreAllStoredOnce() throws Exception {
        List<CompletableFuture<Integer>> answers = new java.util.ArrayList<>();
        try (var threads = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 500; i++) {
                int value = i;
                answers.add(CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return post(OWN, boiler, JSON, "{\"n\":" + value + "}")
                                        .statusCode();
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        threads));
            }
        }
        assertThat(answers).allSatisfy(answer -> assertThat(answer.get()).isEqualTo(200));
        assertThat(street.readings()).hasSize(500).doesNotHaveDuplicates();
    }
}
