package tributary.gateway.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.gateway.Attempt;
import tributary.gateway.Attempts;
import tributary.gateway.Balancers;
import tributary.gateway.IntakeSettings;
import tributary.gateway.ws.WsSettings;
import tributary.model.Settings;
import tributary.model.TenantId;

/// Load balancers that say on the HTTP port whom they speak for, and others that would like to.
class BalancedConnectionsTest {
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

    /// 192.0.2.7:4660 to 10.0.0.20:8080.
    private static final String CLIENT = SIGNATURE + "2111000c" + "c0000207" + "0a000014" + "1234" + "1f90";

    private static final String CLIENT_IPV6 = SIGNATURE
            + "21210024"
            + "20010db8000000000000000000000007"
            + "20010db8000000000000000000000001"
            + "1234"
            + "1f90";

    /// The balancer itself asks whether the server is there.
    private static final String CHECK = SIGNATURE + "20000000";

    /// 127.0.0.1 as the balancer sees it.
    private static final String OWN = SIGNATURE + "2111000c" + "7f000001" + "0a000014" + "1234" + "1f90";

    private static final String WITH_A_WRONG_TOKEN = """
            POST /api/v1/telemetry HTTP/1.1\r
            Host: localhost\r
            Authorization: Bearer wrong\r
            Content-Length: 2\r
            Connection: close\r
            \r
            {}""";

    private static final String SOCKET_WITH_A_WRONG_TOKEN = """
            GET /api/v1/ws HTTP/1.1\r
            Host: localhost\r
            Authorization: Bearer wrong\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            \r
            """;

    private static Street street(String balancers) {
        return new Street(
                IntakeSettings.DEFAULTS,
                HttpSettings.DEFAULTS,
                WsSettings.DEFAULTS,
                Balancers.read(new Settings(Map.of("http.proxy-from", balancers)), "http.proxy-from"));
    }

    /// @return the first line of the answer; "" where the connection is closed without one
    private static String answer(Street street, byte[] first, String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", street.port())) {
            socket.setSoTimeout(60_000);
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.writeBytes(first);
            all.writeBytes(request.getBytes(US_ASCII));
            socket.getOutputStream().write(all.toByteArray());
            byte[] answer = new byte[64];
            int length = socket.getInputStream().read(answer);
            return length < 0
                    ? ""
                    : new String(answer, 0, length, US_ASCII)
                            .lines()
                            .findFirst()
                            .orElse("");
        } catch (SocketException e) {
            return ""; // closed while something of ours was on its way
        }
    }

    private static byte[] header(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static List<Attempt> noted(Street street) {
        return street.attempts.before(
                new Attempts.Wanted(new TenantId("acme"), true, null, Set.of(), 0), Long.MAX_VALUE, 99);
    }

    @Test
    void whatTheBalancerTellsCountsAsTheClientsAddress() throws Exception {
        try (Street street = street("127.0.0.1")) {
            assertThat(answer(street, header(CLIENT), WITH_A_WRONG_TOKEN)).isEqualTo("HTTP/1.1 401 Unauthorized");
            assertThat(noted(street)).extracting(Attempt::address).containsExactly("192.0.2.7");

            assertThat(answer(street, header(CLIENT_IPV6), WITH_A_WRONG_TOKEN)).isEqualTo("HTTP/1.1 401 Unauthorized");
            assertThat(noted(street)).extracting(Attempt::address).containsExactly("2001:db8:0:0:0:0:0:7", "192.0.2.7");
        }
    }

    @Test
    void webSocketComesFromWhereTheBalancerTells() throws Exception {
        try (Street street = street("127.0.0.1")) {
            assertThat(answer(street, header(CLIENT), SOCKET_WITH_A_WRONG_TOKEN))
                    .startsWith("HTTP/1.1 ");
            Street.await("the refusal", () -> !noted(street).isEmpty());
            assertThat(noted(street)).extracting(Attempt::address).containsOnly("192.0.2.7");
        }
    }

    @Test
    void webSocketBehindABalancerIsOpened() throws Exception {
        try (Street street = street("127.0.0.1")) {
            String request = SOCKET_WITH_A_WRONG_TOKEN.replace("wrong", street.keys.device("acme", "boiler"));
            assertThat(answer(street, header(CLIENT), request)).isEqualTo("HTTP/1.1 101 Switching Protocols");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {CHECK, OWN})
    void healthChecksAndWhatTheBalancerCallsItsOwnMachineAreTheBalancers(String header) throws Exception {
        try (Street street = street("127.0.0.1")) {
            assertThat(answer(street, header(header), WITH_A_WRONG_TOKEN)).isEqualTo("HTTP/1.1 401 Unauthorized");
            assertThat(noted(street)).extracting(Attempt::address).containsExactly("127.0.0.1");
        }
    }

    @Test
    void balancerThatDoesNotSayItIsClosedAndTheLogSaysWhy() throws Exception {
        try (Street street = street("127.0.0.1")) {
            assertThat(answer(street, new byte[0], WITH_A_WRONG_TOKEN)).isEmpty();
            assertThat(noted(street))
                    .extracting(Attempt::sentence)
                    .containsExactly("no PROXY protocol header of version 2: turn it on in the load balancer, or take"
                            + " its address out of http.proxy-from");
        }
    }

    @Test
    void firstVersionIsClosedAndTheLogNamesTheSecond() throws Exception {
        try (Street street = street("127.0.0.1")) {
            byte[] old = "PROXY TCP4 192.0.2.7 10.0.0.20 4660 8080\r\n".getBytes(US_ASCII);
            assertThat(answer(street, old, WITH_A_WRONG_TOKEN)).isEmpty();
            assertThat(noted(street).getFirst().sentence()).startsWith("a PROXY protocol header of version 1");
        }
    }

    @Test
    void headerFromElsewhereIsRefusedAndClientsThatComeDirectlyAreNot() throws Exception {
        try (Street street = street("10.0.0.5")) {
            assertThat(answer(street, header(CLIENT), WITH_A_WRONG_TOKEN)).isEmpty();
            assertThat(noted(street)).extracting(Attempt::address).containsExactly("127.0.0.1");
            assertThat(noted(street).getFirst().sentence()).contains("not in http.proxy-from");

            String boiler = street.keys.device("acme", "boiler");
            assertThat(street.send(street.to("/api/v1/telemetry")
                                    .header("Authorization", "Bearer " + boiler)
                                    .POST(BodyPublishers.ofString("{\"a\":1}")))
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    /// Each connection has a place of `http.connections-max`.
    @Test
    void connectionsThatAreRefusedGiveTheirPlacesBack() throws Exception {
        try (Street street = street("127.0.0.1")) {
            for (int i = 0; i <= Street.BALANCED_MAX; i++) {
                assertThat(answer(street, new byte[0], WITH_A_WRONG_TOKEN)).isEmpty();
            }
            assertThat(answer(street, header(CLIENT), WITH_A_WRONG_TOKEN)).isEqualTo("HTTP/1.1 401 Unauthorized");
        }
    }
}
