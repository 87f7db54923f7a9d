package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tributary.api.LiveClient.Event;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Principal;

/// Live streams as server-sent events.
@Timeout(180)
class LiveTest {
    @TempDir
    Path data;

    private World world;

    @BeforeEach
    void start() {
        start(data, Duration.ofMinutes(2));
    }

    /// @param stuck how long a client may read nothing: long, where none is meant to be cut off for that
    private void start(Path folder, Duration stuck) {
        ApiSettings d = ApiSettings.DEFAULTS;
        world = new World(
                folder,
                new ApiSettings(
                        d.bodyBytesMax(),
                        3,
                        4,
                        20_000,
                        stuck,
                        Duration.ofMillis(300),
                        d.queryTimeoutMax(),
                        true,
                        false,
                        List.of(),
                        "test",
                        folder));
        world.device(TenantId.MAIN, "a");
        world.device(TenantId.MAIN, "b");
        world.device(World.OTHER, "a");
    }

    @AfterEach
    void stop() {
        world.close();
    }

    @Test
    void resumingWithTheLastEventIdGivesEveryMessageOnceWhileManyArrive() throws Exception {
        int total = 6_000;
        AtomicInteger sent = new AtomicInteger();
        SplittableRandom random = new SplittableRandom(7);
        List<Integer> seen = new ArrayList<>();
        try (ExecutorService writers = Executors.newFixedThreadPool(3)) {
            for (int writer = 0; writer < 3; writer++) {
                writers.submit(() -> {
                    for (int i = sent.getAndIncrement(); i < total; i = sent.getAndIncrement()) {
                        world.publish(TenantId.MAIN, i % 2 == 0 ? "a" : "b", "" + i);
                        world.publish(World.OTHER, "a", "-1");
                        if (i % 50 == 0) {
                            Thread.yield();
                        }
                    }
                });
            }
            String id = "";
            int connections = 0;
            while (seen.size() < total) {
                connections++;
                String query = id.isEmpty() ? "&since=-1h" : "";
                try (LiveClient stream = stream(world.viewer, "kind=messages" + query, id)) {
                    int take = 1 + random.nextInt(900);
                    for (int i = 0; i < take && seen.size() < total; i++) {
                        Event event = stream.next("message");
                        seen.add(event.data().path("payload").intValue());
                        id = event.id();
                    }
                }
            }
            assertThat(connections).isGreaterThan(5);
        }
        assertThat(seen).hasSize(total).doesNotHaveDuplicates().doesNotContain(-1);
    }

    @Test
    void aStreamBeginsNowAndShowsWhatArrivesAfterIt() throws Exception {
        world.publish(TenantId.MAIN, "a", "0");
        try (LiveClient stream = stream(world.viewer, "topic=devices/%2B/telemetry", "")) {
            stream.opened();
            world.publish(TenantId.MAIN, null, "alerts/x", "7".getBytes(StandardCharsets.UTF_8));
            world.publish(TenantId.MAIN, "a", "1");
            Event event = stream.next("message");
            assertThat(event.data().path("payload").intValue()).isEqualTo(1);
            assertThat(event.data().path("topic").asString()).isEqualTo("devices/a/telemetry");
            assertThat(event.id()).matches("0:\\d+,1:\\d+,2:\\d+");
        }
    }

    @Test
    void valuesOfAMessageComeTogetherInOneEvent() throws Exception {
        try (LiveClient stream = stream(world.viewer, "kind=values&device=a", "")) {
            stream.opened();
            world.publish(TenantId.MAIN, "a", "not json");
            world.publish(TenantId.MAIN, "b", "{\"t\":9}");
            world.publish(
                    TenantId.MAIN, "a", "{\"t\":1.5,\"door\":{\"open\":true},\"name\":\"x\",\"ts\":1690000000000}");
            Event event = stream.next("values");
            assertThat(event.data().path("device").asString()).isEqualTo("a");
            assertThat(Json.text(event.data().path("values")))
                    .isEqualTo("[{\"sensor\":\"t\",\"ts\":\"2023-07-22T04:26:40Z\",\"value\":1.5},"
                            + "{\"sensor\":\"door.open\",\"ts\":\"2023-07-22T04:26:40Z\",\"value\":true},"
                            + "{\"sensor\":\"name\",\"ts\":\"2023-07-22T04:26:40Z\",\"text\":\"x\"}]");
            assertThat(event.id()).matches("\\d:\\d+");
        }
    }

    @Test
    void aQuietStreamBeatsAndItsIdMovesOnWithWhatItDoesNotShow() throws Exception {
        try (LiveClient stream = stream(world.viewer, "topic=never/%23", "")) {
            stream.opened();
            world.publish(TenantId.MAIN, "a", "1");
            String moved = stream.heartbeat();
            while (!moved.contains(":1")) {
                moved = stream.heartbeat();
            }
            assertThat(moved).matches("0:\\d+,1:\\d+,2:\\d+");
        }
    }

    @Test
    void whatIsNoLongerKeptIsNamedAsAGap() throws Exception {
        for (int i = 0; i < 10; i++) {
            world.publish(TenantId.MAIN, "a", "" + i);
        }
        int partition = world.log.partitionOf(TenantId.MAIN, new DeviceId("a"), "");
        world.log.forgetBefore(partition, 6);
        try (LiveClient stream = stream(world.viewer, "device=a", partition + ":2")) {
            Event gap = stream.next("gap");
            assertThat(gap.data().path("from").intValue()).isEqualTo(2);
            assertThat(gap.data().path("to").intValue()).isEqualTo(6);
            assertThat(stream.next("message").data().path("payload").intValue()).isEqualTo(6);
        }
    }

    @Test
    void aTenantHasSoManyStreamsAndNoMore() throws Exception {
        try (LiveClient one = stream(world.viewer, "", "");
                LiveClient two = stream(world.viewer, "", "");
                LiveClient three = stream(world.viewer, "", "");
                LiveClient other = stream(world.stranger, "", "")) {
            one.opened();
            two.opened();
            three.opened();
            other.opened();
            World.Reply refused = world.get(world.viewer, "/api/v1/live");
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.detail()).contains("api.streams-per-tenant-max");
        }
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (status("liveStreams") > 0 && System.nanoTime() < deadline) {
            world.publish(TenantId.MAIN, "a", "1");
            world.publish(World.OTHER, "a", "1");
        }
        assertThat(status("liveStreams")).isZero();
    }

    @Test
    void aClientThatFallsTooFarBehindIsToldSoAndEnded() throws Exception {
        String end = "";
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(4096);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), world.server.port()));
            socket.setSoTimeout(60_000);
            OutputStream out = socket.getOutputStream();
            out.write(("GET /api/v1/live HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + world.viewer + "\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            while (!lines.readLine().startsWith("retry:")) {
                // headers and chunk sizes
            }
            String filler = "\"" + "x".repeat(500) + "\"";
            for (int i = 0; i < 40_000; i++) {
                world.publish(TenantId.MAIN, "a", filler);
            }
            for (String line = lines.readLine(); end.isEmpty(); line = lines.readLine()) {
                end = line.contains("\"reason\":\"slow\"") ? line : "";
            }
        }
        assertThat(end).contains("records behind, more than 20000").contains("last event");
    }

    @Test
    void aClientThatDoesNotReadAtAllIsCutOffAndHoldsNothing(@TempDir Path folder) throws Exception {
        world.close();
        start(folder, Duration.ofSeconds(2));
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(4096);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), world.server.port()));
            socket.getOutputStream()
                    .write(("GET /api/v1/live HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + world.viewer
                                    + "\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            // before there is anything to write: afterwards it may be cut off at any moment
            RulesTest.await(() -> status("liveStreams") == 1);
            String filler = "\"" + "x".repeat(2_000) + "\"";
            for (int i = 0; i < 8_000; i++) {
                world.publish(TenantId.MAIN, "a", filler);
            }
            RulesTest.await(() -> status("liveStreams") == 0);
        }
    }

    @Test
    void aRevokedCredentialEndsItsStream() throws Exception {
        String key = world.registry
                .credentials()
                .issueKey(TenantId.MAIN, "t", Principal.Role.VIEWER, Set.of(), Set.of(), null)
                .secret();
        String id = world.registry.credentials().issued(TenantId.MAIN, null).stream()
                .filter(issue -> issue.title().equals("t"))
                .findFirst()
                .orElseThrow()
                .credential();
        try (LiveClient stream = stream(key, "", "")) {
            stream.opened();
            world.registry.credentials().revoke(TenantId.MAIN, id);
            assertThat(stream.next("end").data().path("reason").asString()).isEqualTo("credential");
        }
    }

    @Test
    void aStoppingServerSaysGoodbye() throws Exception {
        try (LiveClient stream = stream(world.viewer, "", "")) {
            stream.opened();
            world.api.close();
            assertThat(stream.next("end").data().path("reason").asString()).isEqualTo("stopping");
        }
    }

    @Test
    void aDeviceHearsOnlyItself() throws Exception {
        try (LiveClient stream = stream(world.token(TenantId.MAIN, "a"), "topic=%23", "")) {
            stream.opened();
            world.publish(TenantId.MAIN, "b", "2");
            world.publish(TenantId.MAIN, null, "alerts/x", "3".getBytes(StandardCharsets.UTF_8));
            world.publish(TenantId.MAIN, "a", "1");
            assertThat(stream.next("message").data().path("payload").intValue()).isEqualTo(1);
        }
    }

    @Test
    void anIdThatIsNoneIsRefused() {
        World.Reply reply = world.send("GET", world.viewer, "/api/v1/live", null, "Last-Event-ID", "seven");
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.detail()).startsWith("Last-Event-ID");
    }

    private int status(String field) {
        return world.get(world.viewer, "/api/v1/status").json().path(field).intValue();
    }

    private LiveClient stream(String key, String query, String lastEventId) throws IOException, InterruptedException {
        return new LiveClient(world, key, "/api/v1/live?" + query, lastEventId);
    }
}
