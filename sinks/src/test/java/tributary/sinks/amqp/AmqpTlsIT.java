package tributary.sinks.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tributary.sinks.Harness;
import tributary.sinks.Server;
import tributary.sinks.SinkTls;
import tributary.testkit.ArtemisServer;
import tributary.testkit.TestAuthority;

/// Messages by AMQP over TLS, to ActiveMQ Artemis with a certificate of an authority that nobody else knows and with a
/// user.
class AmqpTlsIT {
    @TempDir
    static Path home;

    private static TestAuthority authority;
    private static int port;
    private static Server artemis;

    @TempDir
    Path folder;

    private Harness house;

    @BeforeAll
    static void start() throws Exception {
        authority = TestAuthority.root("Site", Instant.now());
        Path store = authority.server("localhost").store(home.resolve("store"));
        port = Server.freePort();
        artemis =
                new Server(ArtemisServer.command(port, home.resolve("data"), store), home.resolve("artemis.log"), port);
        artemis.start();
    }

    @AfterAll
    static void end() {
        artemis.close();
    }

    @BeforeEach
    void open() {
        house = new Harness(folder, "127.0.0.1, ::1", new AmqpType());
    }

    @AfterEach
    void close() {
        house.close();
    }

    private void sink(String host, TestAuthority trusted, String password) {
        house.good(
                "hub",
                "amqp",
                JsonMapper.shared()
                        .writeValueAsString(Map.of(
                                "host",
                                host,
                                "port",
                                port,
                                "address",
                                "events",
                                "user",
                                ArtemisServer.USER,
                                "ca",
                                trusted.pem(),
                                "retry-first",
                                "50ms",
                                "retry-most",
                                "200ms")),
                Map.of("password", password));
    }

    /// @return what the sink says about what stands against it
    private String said() throws Exception {
        String what = house.test("hub").what();
        assertThat(what).doesNotContain("canary");
        return what;
    }

    @Test
    void messagesArriveAtTheBrokerOfAnAuthorityOfOurOwnInOrder() throws Exception {
        sink("localhost", authority, ArtemisServer.PASSWORD);
        IntStream.range(0, 50).forEach(n -> house.say("hub", "pump-1", Integer.toString(n)));
        Harness.until("all are there", () -> house.done("hub"));

        ConnectionOptions options =
                new ConnectionOptions().user(ArtemisServer.USER).password(ArtemisServer.PASSWORD);
        options.sslEnabled(true).sslOptions().sslContextOverride(new SinkTls(authority.pem(), "", "").context());
        try (Client client = Client.create();
                Connection connection = client.connect("localhost", port, options);
                Receiver receiver = connection.openReceiver("events")) {
            for (int n = 0; n < 50; n++) {
                Delivery delivery = receiver.receive(90, TimeUnit.SECONDS);
                Message<byte[]> message = delivery.message();
                assertThat(new String(message.body())).isEqualTo(Integer.toString(n));
            }
        }
    }

    @Test
    void otherAuthorityOtherNameAndOtherPasswordAreSaid() throws Exception {
        sink("localhost", TestAuthority.root("Elsewhere", Instant.now()), ArtemisServer.PASSWORD);
        assertThat(said()).contains("not of an authority that is trusted").contains("ca");
        sink("127.0.0.1", authority, ArtemisServer.PASSWORD);
        assertThat(said()).contains("certificate is of another name");
        sink("localhost", authority, "canary-wrong");
        assertThat(said()).contains("does not know the user, or the password is another");
        assertThat(house.dead("hub")).isEmpty();
    }

    @Test
    void whatIsNoCertificateIsToldAtOnceAndTheKeyIsNotRepeated() {
        String pem =
                JsonMapper.shared().writeValueAsString(authority.issue("us").pem());
        String config = "{\"host\":\"h\",\"address\":\"a\",\"certificate\":" + pem;

        assertThat(house.mistakes("amqp", "{\"host\":\"h\",\"address\":\"a\",\"ca\":\"/etc/ca.pem\"}", Map.of()))
                .singleElement()
                .asString()
                .contains("/config/ca")
                .contains("-----BEGIN CERTIFICATE-----");
        assertThat(house.mistakes("amqp", config + "}", Map.of()))
                .singleElement()
                .asString()
                .contains("belong together");
        String other = authority.issue("other").keyPem();
        List<String> flaws = house.mistakes("amqp", config + "}", Map.of("private-key", other));
        assertThat(flaws).singleElement().asString().contains("/secrets/private-key");
        assertThat(flaws.getFirst())
                .doesNotContain(other.lines().skip(1).findFirst().orElseThrow());
        assertThat(house.mistakes("amqp", config + ",\"tls\":false}", Map.of("private-key", other)))
                .singleElement()
                .asString()
                .contains("tls is off");
    }
}
