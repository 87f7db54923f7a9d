package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.api.LiveClient.Event;
import tributary.gateway.Caller;
import tributary.gateway.Cause;
import tributary.gateway.Grounds;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.TenantId;

/// One live stream for everything that a browser shows.
@Timeout(180)
class SharedLiveTest {
    @TempDir
    Path data;

    private World world;

    @BeforeEach
    void start() {
        world = new World(data);
        world.device(TenantId.MAIN, "a");
        world.device(TenantId.MAIN, "b");
        world.device(World.OTHER, "a");
        world.device(World.OTHER, "theirs");
    }

    @AfterEach
    void stop() {
        world.close();
    }

    private LiveClient stream(String key, String lastEventId, String... wishes)
            throws IOException, InterruptedException {
        StringBuilder path = new StringBuilder("/api/v1/live/shared?");
        for (String wish : wishes) {
            path.append("want=")
                    .append(URLEncoder.encode(wish, StandardCharsets.UTF_8))
                    .append('&');
        }
        return new LiveClient(world, key, path.substring(0, path.length() - 1), lastEventId);
    }

    /// @return the next event that says something
    private static Event said(LiveClient stream) throws IOException {
        Event event = stream.next();
        while (event.name().equals("at")) {
            event = stream.next();
        }
        return event;
    }

    private static String places(Event event) {
        return Json.text(event.data().path("for"));
    }

    @Test
    void everyEventSaysWhichWishesItIsFor() throws Exception {
        try (LiveClient stream = stream(
                world.viewer, "", "values?device=a", "messages?topic=devices/%2B/telemetry", "values?device=b")) {
            stream.next("at");
            world.publish(World.OTHER, "a", "{\"t\":9}");
            world.publish(TenantId.MAIN, "a", "{\"t\":1}");
            Event message = said(stream);
            assertThat(message.name()).isEqualTo("message");
            assertThat(places(message)).isEqualTo("[1]");
            Event values = said(stream);
            assertThat(values.name()).isEqualTo("values");
            assertThat(places(values)).isEqualTo("[0]");
            assertThat(values.data().path("values").path(0).path("value").intValue())
                    .isEqualTo(1);
        }
    }

    @Test
    void otherWishesGoOnWhereTheFormerStoodWithoutAGapAndWithoutADuplicate() throws Exception {
        List<Integer> seen = new ArrayList<>();
        String id;
        try (LiveClient stream = stream(world.viewer, "", "values?device=a")) {
            id = stream.next("at").id();
            for (int i = 0; i < 5; i++) {
                world.publish(TenantId.MAIN, "a", "{\"t\":" + i + "}");
            }
            for (int i = 0; i < 3; i++) {
                Event event = said(stream);
                id = event.id();
                seen.add(value(event));
            }
        }
        for (int i = 5; i < 8; i++) {
            world.publish(TenantId.MAIN, "a", "{\"t\":" + i + "}");
        }
        try (LiveClient stream = stream(world.viewer, id, "alerts", "values?device=b", "values?device=a")) {
            for (int i = 0; i < 5; i++) {
                Event event = said(stream);
                assertThat(places(event)).isEqualTo("[2]");
                seen.add(value(event));
            }
        }
        assertThat(seen).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
    }

    private static int value(Event event) {
        return event.data().path("values").path(0).path("value").intValue();
    }

    @Test
    void idMovesOnWithWhatIsNotShownAndIsTold() throws Exception {
        String first;
        try (LiveClient stream = stream(world.viewer, "", "messages?topic=never/%23", "alerts", "attempts")) {
            first = stream.next("at").id();
            assertThat(first).matches("0:\\d+,1:\\d+,2:\\d+;alert=\\d+;attempt=\\d+");
            world.publish(TenantId.MAIN, "a", "1");
            String moved = stream.next("at").id();
            while (moved.equals(first)) { // told before what was published was read
                moved = stream.next("at").id();
            }
            assertThat(moved).matches("0:\\d+,1:\\d+,2:\\d+;alert=\\d+;attempt=\\d+");
        }
    }

    @Test
    void whatIsRefusedComesBehindTheNumberThatWasSeen() throws Exception {
        String id;
        try (LiveClient stream = stream(world.viewer, "", "attempts")) {
            id = stream.next("at").id();
        }
        world.attempts.note(
                Caller.of(Message.Origin.HTTP, "10.0.0.1", "", "ESP-3F"),
                new Grounds(Cause.PUBLISH_NOT_ALLOWED, "not there", TenantId.MAIN, "device:a", new DeviceId("a")));
        try (LiveClient stream = stream(world.viewer, id, "alerts", "attempts")) {
            Event event = said(stream);
            assertThat(event.name()).isEqualTo("attempt");
            assertThat(places(event)).isEqualTo("[1]");
        }
    }

    @Test
    void lastValuesComeWholeAndThenAsTheyChange() throws Exception {
        world.publish(TenantId.MAIN, "a", "{\"t\":1,\"u\":5}");
        try (LiveClient stream = stream(world.viewer, "", "latest?sensor=t&limit=1", "latest?device=b")) {
            Event whole = said(stream);
            assertThat(whole.data().path("whole").booleanValue()).isTrue();
            assertThat(whole.data().path("more").booleanValue()).isTrue();
            assertThat(whole.data().path("devices")).hasSize(1);
            JsonNode first = whole.data().path("devices").path(0);
            assertThat(first.path("values")).hasSize(1);
            assertThat(places(said(stream))).isEqualTo("[1]");
            world.publish(TenantId.MAIN, "a", "{\"t\":2,\"u\":5}");
            Event change = said(stream);
            assertThat(places(change)).isEqualTo("[0]");
            assertThat(change.data().has("whole")).isFalse();
            assertThat(change.data()
                            .path("devices")
                            .path(0)
                            .path("values")
                            .path(0)
                            .path("value")
                            .intValue())
                    .isEqualTo(2);
            world.device(TenantId.MAIN, "0");
            Event others = said(stream);
            assertThat(others.data().path("whole").booleanValue()).isTrue();
            assertThat(others.data().path("devices").path(0).path("device").asString())
                    .isEqualTo("0");
        }
    }

    @Test
    void deviceOfAnotherTenantOfNobodyAndOfTheDeadHasNoEvents() throws Exception {
        try (LiveClient stream = stream(
                world.viewer,
                "",
                "values?device=theirs",
                "values?device=never",
                "latest?device=theirs",
                "values?device=a")) {
            assertThat(Json.text(said(stream).data().path("devices"))).isEqualTo("[]");
            world.publish(World.OTHER, "theirs", "{\"t\":9}");
            world.publish(World.OTHER, "a", "{\"t\":9}");
            world.publish(TenantId.MAIN, "a", "{\"t\":1}");
            Event event = said(stream);
            assertThat(places(event)).isEqualTo("[3]");
            assertThat(value(event)).isEqualTo(1);
        }
    }

    @Test
    void whatIsNoWishIsRefusedWithWhatWouldBeOne() {
        for (String wrong : List.of(
                "nothing",
                "values%3Fdevic%3Da",
                "latest%3Flimit%3D0",
                "latest%3Flimit%3D501",
                "latest%3Flabel%3Dx",
                "messages%3Ftopic%3D%2523%252Fa",
                "values%3Fdevice%3D%25zz",
                "alerts%3Fdevice%3Da")) {
            assertThat(world.get(world.viewer, "/api/v1/live/shared?want=" + wrong)
                            .status())
                    .as(wrong)
                    .isEqualTo(400);
        }
        assertThat(world.get(world.viewer, "/api/v1/live/shared?want=values%3Fdevic%3Da")
                        .detail())
                .contains("did you mean device");
        assertThat(world.get(world.viewer, "/api/v1/live/shared").status()).isEqualTo(400);
        for (String id : List.of("seven", "0:1;alert", "0:1;alert=x", "0:1;other=1", "9:1")) {
            assertThat(world.send("GET", world.viewer, "/api/v1/live/shared?want=alerts", null, "Last-Event-ID", id)
                            .status())
                    .as(id)
                    .isEqualTo(400);
        }
    }
}
