package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Receiver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tributary.testkit.ArtemisServer;
import tributary.testkit.S3Server;

/// What talks about such platforms show, from the device to whoever hears of it.
class TalksIT {
    private static final Duration SOON = Duration.ofSeconds(120);
    private static final String REACH = "sinks.private-addresses=127.0.0.1";

    @TempDir
    private Path data;

    private static Mqtt5BlockingClient device(ServerProcess server, String id, String token) {
        Mqtt5BlockingClient client = Mqtt5Client.builder()
                .serverHost("127.0.0.1")
                .serverPort(server.mqttPort())
                .identifier(id)
                .simpleAuth()
                .username(id)
                .password(token.getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .buildBlocking();
        client.connect();
        return client;
    }

    private static void publish(Mqtt5BlockingClient client, String topic, String payload) {
        client.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.getBytes(StandardCharsets.UTF_8))
                .send();
    }

    private static void rule(Rest rest, String name, String sql, Map<String, Object> action) throws Exception {
        rest.good("PUT", "/api/v1/rules/" + name, Map.of("sql", sql, "state", "on", "actions", List.of(action)));
        Await.until(
                "the rule runs",
                SOON,
                () -> rest.good("GET", "/api/v1/rules/" + name, null)
                        .path("figures")
                        .isObject());
    }

    private static List<String> duck(String sql) throws Exception {
        List<String> rows = new ArrayList<>();
        try (Connection engine = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = engine.createStatement();
                ResultSet found = statement.executeQuery(sql)) {
            while (found.next()) {
                rows.add(found.getString(1) + " " + found.getString(2) + " " + found.getString(3));
            }
        }
        return rows;
    }

    private static List<Path> files(Path folder, String ending) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> file.toString().endsWith(ending)).toList();
        }
    }

    /// `SELECT * FROM 'health/#'` with a delivery stream into a bucket, and SQL over what is there.
    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void healthMessagesGoIntoADeliveryStreamAndSqlReadsThem() throws Exception {
        try (S3Server s3 = S3Server.start();
                ServerProcess server = ServerProcess.start(data, "--set", REACH)) {
            Path objects = s3.bucket("health");
            Rest rest = Rest.of(server);
            rest.good(
                    "PUT",
                    "/api/v1/sinks/stream",
                    Map.of(
                            "type",
                            "bucket",
                            "config",
                            Map.of(
                                    "bucket", "s3://health/raw-data",
                                    "endpoint", s3.endpoint(),
                                    "path-style", true,
                                    "access-key", S3Server.ACCESS_KEY,
                                    "format", "parquet",
                                    "columns", "device(), at time, pulse number, topic(), raw()",
                                    "prefix", "hive-day",
                                    "every", "1s"),
                            "secrets",
                            Map.of("secret-key", S3Server.SECRET_KEY)));
            rule(rest, "health", "SELECT *, timestamp() AS at FROM 'health/#'", Map.of("sink", "stream", "raw", true));
            rest.good("POST", "/api/v1/devices", Map.of("id", "band-1"));
            String token = rest.good(
                            "POST",
                            "/api/v1/devices/band-1/credentials",
                            Map.of("kind", "jwt", "publish", List.of("health/#")))
                    .path("secret")
                    .asString();
            Mqtt5BlockingClient band = device(server, "band-1", token);
            for (int n = 0; n < 40; n++) {
                publish(band, "health/band-1/heart", "{\"pulse\":" + (60 + n % 20) + "}");
            }
            band.disconnect();

            String read = "read_parquet('" + objects + "/raw-data/**/*.parquet', hive_partitioning = true)";
            Await.until(
                    "all is in the bucket",
                    SOON,
                    () -> !files(objects, ".parquet").isEmpty()
                            && duck("SELECT count(*), 0, 0 FROM " + read)
                                    .getFirst()
                                    .startsWith("40 "));
            assertThat(duck("SELECT device, count(*), avg(pulse) FROM " + read + " WHERE year >= 2024 GROUP BY device"))
                    .containsExactly("band-1 40 69.5");
            assertThat(duck("SELECT topic, count(*), max(raw) FROM " + read + " GROUP BY topic"))
                    .containsExactly("health/band-1/heart 40 {\"pulse\":79}");
            Await.until(
                    "SQL of the platform sees them, too",
                    SOON,
                    () -> rest.number("SELECT count(*) FROM messages WHERE topic LIKE 'health/%'") == 40);
        }
    }

    /// The temperature behind a warehouse door rises rapidly: one push, within five seconds where the machine has time.
    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void temperatureThatRisesRapidlyIsPushedToThePhoneOnceAndSoon() throws Exception {
        BlockingQueue<String> pushes = new LinkedBlockingQueue<>();
        AtomicLong pushed = new AtomicLong();
        HttpServer phone = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 10);
        phone.createContext("/", exchange -> {
            pushed.compareAndSet(0, System.nanoTime());
            pushes.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        phone.start();
        try (ServerProcess server = ServerProcess.start(data, "--set", REACH)) {
            Rest rest = Rest.of(server);
            rest.good(
                    "PUT",
                    "/api/v1/sinks/phone",
                    Map.of(
                            "type",
                            "ntfy",
                            "config",
                            Map.of(
                                    "url",
                                            "http://127.0.0.1:"
                                                    + phone.getAddress().getPort(),
                                    "topic", "warehouse",
                                    "message", "${device()} rises to ${temp}")));
            rule(
                    rest,
                    "door",
                    "SELECT device_id() AS door, temp, rate(temp) AS per_s FROM 'devices/+/telemetry'"
                            + " ALERT rises PER device_id() WHEN rate(temp) > 0.5 CLEAR WHEN rate(temp) < 0.1",
                    Map.of("sink", "phone"));
            Mqtt5BlockingClient door = device(server, "door-1", rest.device("door-1"));
            for (int n = 0; n < 5; n++) {
                publish(door, "t", "{\"temp\":4}");
                Thread.sleep(100);
            }
            assertThat(pushes).isEmpty();
            long rising = System.nanoTime();
            for (int n = 1; n <= 20; n++) {
                publish(door, "t", "{\"temp\":" + (4 + n) + "}");
                Thread.sleep(100);
            }
            String push = pushes.poll(60, TimeUnit.SECONDS);
            assertThat(push).contains("door-1 rises to");
            // when it came, not when it is looked for; and a machine that is busy or pauses may take longer than ours
            assertThat(Duration.ofNanos(pushed.get() - rising)).isLessThan(Duration.ofSeconds(20));
            assertThat(pushes.poll(3, TimeUnit.SECONDS)).as("a second push").isNull();
            door.disconnect();
        } finally {
            phone.stop(0);
        }
    }

    /// Events by AMQP 1.0, to a real broker.
    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void eventsAreHeardByAmqp() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = free.getLocalPort();
        }
        Process artemis = new ProcessBuilder(ArtemisServer.command(port, data.resolve("artemis")))
                .redirectErrorStream(true)
                .redirectOutput(data.resolve("artemis.log").toFile())
                .start();
        try (ServerProcess server = ServerProcess.start(data.resolve("server"), "--set", REACH);
                Client amqp = Client.create()) {
            Await.until("the broker listens", SOON, () -> {
                try (Socket socket = new Socket("127.0.0.1", port)) {
                    return socket.isConnected();
                } catch (IOException e) {
                    return false;
                }
            });
            Rest rest = Rest.of(server);
            rest.good(
                    "PUT",
                    "/api/v1/sinks/hub",
                    Map.of(
                            "type",
                            "amqp",
                            "config",
                            Map.of("host", "127.0.0.1", "port", port, "tls", false, "address", "events")));
            rule(rest, "events", "SELECT device_id() AS device, n FROM 'devices/+/telemetry'", Map.of("sink", "hub"));
            Mqtt5BlockingClient pump = device(server, "pump-1", rest.device("pump-1"));
            for (int n = 0; n < 20; n++) {
                publish(pump, "t", "{\"n\":" + n + "}");
            }
            pump.disconnect();
            Receiver receiver = amqp.connect(
                            "127.0.0.1", port, new ConnectionOptions().user("x").password("x"))
                    .openReceiver("events");
            List<String> heard = new ArrayList<>();
            for (int n = 0; n < 20; n++) {
                Delivery delivery = receiver.receive(30, TimeUnit.SECONDS);
                assertThat(delivery).as("event " + n).isNotNull();
                Object body = delivery.message().body();
                heard.add(body instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : body.toString());
                delivery.accept();
            }
            for (int n = 0; n < 20; n++) {
                assertThat(heard.get(n)).isEqualTo("{\"device\":\"pump-1\",\"n\":" + n + "}");
            }
        } finally {
            artemis.destroyForcibly().waitFor();
        }
    }
}
