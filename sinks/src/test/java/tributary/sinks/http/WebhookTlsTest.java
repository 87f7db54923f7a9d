package tributary.sinks.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tributary.sinks.Harness;
import tributary.sinks.SinkTls;
import tributary.testkit.TestAuthority;

/// Requests to servers whose certificates are of an authority that nobody else knows.
class WebhookTlsTest {
    @TempDir
    Path folder;

    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private TestAuthority authority;
    private HttpsServer server;
    private Harness house;

    @BeforeEach
    void open() throws Exception {
        authority = TestAuthority.root("Site", Instant.now());
        server = listen(authority.server("localhost"), false);
        house = new Harness(
                folder, "127.0.0.1, ::1", new WebhookType(), new SlackType(), new NtfyType(), new SearchType());
    }

    @AfterEach
    void close() {
        house.close();
        server.stop(0);
    }

    private HttpsServer listen(TestAuthority.Issued certificate, boolean wanted) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(certificate.store(), TestAuthority.STORE_PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                keys.getKeyManagers(),
                new SinkTls(authority.pem(), "", "").trusted().getTrustManagers(),
                null);
        HttpsServer one = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 50);
        one.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters all = context.getDefaultSSLParameters();
                all.setNeedClientAuth(wanted);
                parameters.setSSLParameters(all);
            }
        });
        one.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        one.createContext("/", exchange -> {
            bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        one.start();
        return one;
    }

    private void hook(String host, Map<String, String> more, String key) {
        Map<String, Object> config = new HashMap<>(Map.of(
                "url",
                "https://" + host + ":" + server.getAddress().getPort() + "/in",
                "retry-first",
                "50ms",
                "retry-most",
                "200ms"));
        config.putAll(more);
        house.good(
                "hook",
                "webhook",
                JsonMapper.shared().writeValueAsString(config),
                Map.of("private-key", key, "token", "canary-token"));
    }

    private String said() {
        String what = house.test("hook").what();
        assertThat(what).doesNotContain("canary");
        return what;
    }

    @Test
    void serverOfAnAuthorityOfOurOwnGetsTheRequest() {
        hook("localhost", Map.of("ca", authority.pem()), "");
        house.say("hook", "pump-1", "21.5");
        Harness.until("it is there", () -> house.done("hook"));

        assertThat(bodies).containsExactly("21.5");
    }

    @Test
    void otherAuthorityOtherNameAndACertificateThatIsOverAreSaid() throws Exception {
        hook("localhost", Map.of(), "");
        assertThat(said()).contains("not of an authority that is trusted");
        hook(
                "localhost",
                Map.of("ca", TestAuthority.root("Elsewhere", Instant.now()).pem()),
                "");
        assertThat(said()).contains("not of an authority that is trusted");
        hook("127.0.0.1", Map.of("ca", authority.pem()), "");
        assertThat(said()).contains("certificate is of another name");
        server.stop(0);
        Instant now = Instant.now();
        server = listen(
                authority.issue(
                        "localhost", wish -> wish.valid(now.minus(Duration.ofDays(9)), now.minus(Duration.ofDays(8)))),
                false);
        hook("localhost", Map.of("ca", authority.pem()), "");
        assertThat(said()).contains("certificate has expired");
        assertThat(bodies).isEmpty();
    }

    @Test
    void certificateOfOursIsShownWhereItIsWanted() throws Exception {
        server.stop(0);
        server = listen(authority.server("localhost"), true);
        hook("localhost", Map.of("ca", authority.pem()), "");
        assertThat(said()).contains("https://localhost");
        assertThat(bodies).isEmpty();
        TestAuthority.Issued us = authority.issue("tributary");
        hook("localhost", Map.of("ca", authority.pem(), "certificate", us.pem()), us.keyPem());
        house.say("hook", "pump-1", "21.5");
        Harness.until("it is there", () -> house.done("hook"));

        assertThat(bodies).containsExactly("21.5");
    }

    /// The answer is none of that of a store of documents; that it is asked is what counts.
    @ParameterizedTest
    @ValueSource(strings = {"slack", "ntfy", "opensearch"})
    void otherKindsOverHttpTrustThatAuthorityAndNoOther(String kind) {
        String url = "https://localhost:" + server.getAddress().getPort();
        Map<String, Object> config = new HashMap<>();
        Map<String, String> secrets = new HashMap<>();
        switch (kind) {
            case "slack" -> secrets.put("url", url + "/canary-hook");
            case "ntfy" -> config.putAll(Map.of("url", url, "topic", "ops"));
            default -> config.putAll(Map.of("url", url, "index", "readings"));
        }
        house.good(kind, kind, JsonMapper.shared().writeValueAsString(config), secrets);
        assertThat(house.test(kind).what())
                .contains("not of an authority that is trusted")
                .doesNotContain("canary");
        assertThat(bodies).isEmpty();

        config.put("ca", authority.pem());
        house.good(kind, kind, JsonMapper.shared().writeValueAsString(config), secrets);
        assertThat(house.test(kind).what()).doesNotContain("authority").doesNotContain("canary");
        assertThat(bodies).isNotEmpty();
    }

    @Test
    void certificatesAreForTlsAlone() {
        assertThat(house.mistakes(
                        "webhook",
                        JsonMapper.shared().writeValueAsString(Map.of("url", "http://h/", "ca", authority.pem())),
                        Map.of()))
                .singleElement()
                .asString()
                .contains("begins with http:");
    }
}
