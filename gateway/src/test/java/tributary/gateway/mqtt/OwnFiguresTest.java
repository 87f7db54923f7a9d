package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Topics that begin with `$`, over the real socket: a tenant's own figures for whoever may hear them, nothing of
/// another tenant for anybody.
class OwnFiguresTest {
    private static final String SECRET = "secret of other";

    private final House house = new House();

    @AfterEach
    void close() {
        house.close();
    }

    @ParameterizedTest
    @CsvSource({
        "#, $SYS/#, 0",
        "#, $SYS/broker/+/connected, 0",
        "$SYS/#, $SYS/#, 0",
        "$SYS/#, $SYS/broker/uptime, 0",
        "$SYS/broker/uptime, $SYS/broker/uptime, 0",
        "$SYS/broker/uptime, $SYS/#, 135",
        "$SYS/#, #, 135",
        "+/#, $SYS/#, 135",
        "+/broker/#, $SYS/broker/uptime, 135",
        "devices/#, $SYS/#, 135",
        "#, $share/g/$SYS/#, 135",
        "#, $queue/#, 135",
        "#, $SYSTEM/#, 135",
    })
    void figuresAreForWhoseScopeIsAllOrNamesThem(String scope, String filter, int code) throws Exception {
        try (Talk talk = Talk.begin(house, Hello.of(5, "app", house.keys.application("acme", scope)))) {
            assertThat(talk.subscribe(Fields.NONE, filter, 0)).isEqualTo(code);
        }
    }

    @Test
    void subscriberGetsTheFiguresOfItsTenantAtOnceAndAsRetained() throws Exception {
        try (Talk crowd = Talk.begin(house, Hello.of(4, "crowd", house.keys.device("acme", "boiler")));
                Talk app = Talk.begin(house, Hello.of(5, "app", house.keys.application("acme", "#")))) {
            crowd.publish(1, "t", "1");
            crowd.retain(1, "devices/me/status", "on");
            House.await("retained", () -> house.broker.counts().retained() == 1);
            app.subscribe("$SYS/#", 1);
            List<Heard> heard = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                heard.add(app.hear());
            }
            assertThat(heard).allMatch(one -> one.retain() && one.qos() == 0);
            Map<String, String> figures = heard.stream().collect(Collectors.toMap(Heard::topic, Heard::payload));
            assertThat(figures)
                    .containsEntry("$SYS/broker/clients/connected", "2")
                    .containsEntry("$SYS/broker/clients/total", "2")
                    .containsEntry("$SYS/broker/messages/received", "2")
                    .containsEntry("$SYS/broker/messages/dropped", "0")
                    .containsEntry("$SYS/broker/subscriptions/count", "1")
                    .containsEntry("$SYS/broker/retained messages/count", "1")
                    .containsEntry("$SYS/broker/version", "tributary dev");
            assertThat(figures.get("$SYS/broker/uptime")).matches("\\d+ seconds");
            app.isAlive();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#",
                "+/#",
                "$SYS/#",
                "$share/g/#",
                "$share/g/$SYS/#",
                "$share/g/+/other/#",
                "$queue/#",
                "$exclusive",
                "$delayed"
            })
    void noFilterBringsAByteOfAnotherTenant(String filter) throws Exception {
        try (Talk other = Talk.begin(house, Hello.of(5, "same", house.keys.application("other", "#")));
                Talk ear = Talk.begin(house, Hello.of(5, "ear", house.keys.application("other", "#")));
                Talk spy = Talk.begin(house, Hello.of(5, "same", house.keys.application("acme", "#")))) {
            other.retain(1, "devices/boiler/" + SECRET, SECRET);
            House.await("retained", () -> house.broker.counts().retained() == 1);
            ear.subscribe("$share/g/#", 1);
            boolean granted = spy.subscribe(Fields.NONE, filter, 1) < 3;
            for (int i = 0; i < 3; i++) {
                other.publish(1, "other/" + SECRET, SECRET);
                assertThat(ear.take().payload()).isEqualTo(SECRET);
            }
            boolean figured = granted && filter.startsWith("$SYS");
            List<Heard> heard = new ArrayList<>();
            for (int i = 0; figured && i < 9; i++) {
                heard.add(spy.hear());
            }
            heard.addAll(all(spy));
            assertThat(heard.toString()).doesNotContain(SECRET);
            if (figured) {
                Map<String, String> figures = heard.stream().collect(Collectors.toMap(Heard::topic, Heard::payload));
                assertThat(figures)
                        .containsEntry("$SYS/broker/clients/total", "1")
                        .containsEntry("$SYS/broker/messages/received", "0")
                        .containsEntry("$SYS/broker/subscriptions/count", "1")
                        .containsEntry("$SYS/broker/retained messages/count", "0");
            } else {
                assertThat(heard).isEmpty();
            }
        }
    }

    /// @return what comes until nothing does for a moment
    private static List<Heard> all(Talk talk) throws IOException {
        List<Heard> heard = new ArrayList<>();
        talk.wire().socket().setSoTimeout(300);
        while (true) {
            try {
                heard.add(talk.hear());
            } catch (SocketTimeoutException e) {
                return heard;
            }
        }
    }
}
