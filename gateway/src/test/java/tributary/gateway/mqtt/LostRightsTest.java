package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Device;

/// Rights that are taken away act within five seconds on whatever the client still has, and names widen none.
class LostRightsTest {
    private static final TenantId ACME = new TenantId("acme");

    /// The five seconds, and what a machine that is stopped for a while may add.
    private static final Duration SOON = Duration.ofSeconds(40);

    private final House house = new House();

    @AfterEach
    void close() {
        house.close();
    }

    private Talk talk(String clientId, String token) throws IOException {
        return Talk.begin(house, Hello.of(5, clientId, token));
    }

    /// Takes `pump` away from the gateway that carries it.
    private void moveThePump() {
        house.devices.replace(new Device(ACME, new DeviceId("pump"), null, "", Map.of(), "{}", Instant.EPOCH));
    }

    @Test
    void removedDeviceIsDisconnectedAndLeavesNoWill() throws Exception {
        Hello hello = Hello.of(5, "b", house.keys.device("acme", "boiler"))
                .will(new Hello.Testament("devices/me/state", "gone"));
        try (Talk boiler = Talk.begin(house, hello)) {
            boiler.subscribe("devices/me/#", 1);
            Instant removed = Instant.now();
            house.devices.remove(ACME, new DeviceId("boiler"));
            boiler.isEnded(0x87);
            assertThat(Duration.between(removed, Instant.now())).isLessThan(SOON);
        }
        House.await("nothing is left of it", () -> house.broker.counts().subscriptions() == 0);
        assertThat(house.stored()).as("no will").isEmpty();
    }

    @Test
    void retainedMessageOfARemovedDeviceIsNotDelivered() throws Exception {
        try (Talk boiler = talk("b", house.keys.device("acme", "boiler"));
                Talk pump = talk("p", house.keys.device("acme", "pump"))) {
            boiler.retain(1, "devices/me/state", "of the boiler");
            pump.retain(1, "devices/me/state", "of the pump");
            House.await("both are kept", () -> house.broker.counts().retained() == 2);
            house.devices.remove(ACME, new DeviceId("boiler"));
            try (Talk ear = talk("ear", house.keys.application("acme", "#"))) {
                ear.subscribe("#", 0);
                assertThat(ear.take().payload()).isEqualTo("of the pump");
                ear.hearsNothing();
            }
        }
    }

    @Test
    void messageThatWaitsIsNotDeliveredWhenItsDeviceIsRemoved() throws Exception {
        Hello ear = Hello.of(5, "ear", house.keys.application("acme", "#")).lasting();
        try (Talk first = Talk.begin(house, ear)) {
            first.subscribe("#", 1);
            first.goodbye();
        }
        try (Talk boiler = talk("b", house.keys.device("acme", "boiler"));
                Talk pump = talk("p", house.keys.device("acme", "pump"))) {
            boiler.publish(1, "t", "of the boiler");
            pump.publish(1, "t", "of the pump");
        }
        house.devices.remove(ACME, new DeviceId("boiler"));
        try (Talk again = Talk.begin(house, ear)) {
            assertThat(again.take().payload()).isEqualTo("of the pump");
            again.hearsNothing();
        }
    }

    /// Another client got the same message when that was right; what the broker knows from then counts no
    /// longer.
    @Test
    void messageInMemoryForASlowClientIsNotDeliveredWhenItsDeviceIsRemoved() throws Exception {
        String token = house.keys.application("acme", "#");
        Hello oneByOne = Hello.of(5, "slow", token).with(Fields.NONE.two(Fields.RECEIVE_MAXIMUM, 1));
        try (Talk slow = Talk.begin(house, oneByOne);
                Talk quick = talk("quick", token);
                Talk boiler = talk("b", house.keys.device("acme", "boiler"));
                Talk pump = talk("p", house.keys.device("acme", "pump"))) {
            slow.subscribe("#", 1);
            quick.subscribe("#", 1);
            boiler.retain(1, "devices/me/state", "on");
            boiler.publish(1, "devices/me/state", "of the boiler");
            assertThat(quick.take().payload()).isEqualTo("on");
            assertThat(quick.take().payload()).isEqualTo("of the boiler");
            Heard first = slow.hear();
            assertThat(first.payload()).isEqualTo("on");

            Instant removed = Instant.now();
            house.devices.remove(ACME, new DeviceId("boiler"));
            House.await("the broker has seen it", () -> house.broker.counts().retained() == 0);
            slow.send(Wire.acknowledgement(0x40, first.packetId()));
            pump.publish(1, "devices/me/state", "of the pump");
            assertThat(slow.take().payload()).isEqualTo("of the pump");
            assertThat(Duration.between(removed, Instant.now())).isLessThan(SOON);
        }
    }

    @Test
    void gatewayThatLosesAChildHearsAndSpeaksForItNoLonger() throws Exception {
        try (Talk gateway = talk("gw", house.keys.device("acme", "gw"));
                Talk pump = talk("p", house.keys.device("acme", "pump"))) {
            gateway.subscribe("devices/pump/#", 0);
            gateway.subscribe("devices/me/#", 0);
            gateway.send(Wire.publish(5, 0, 0, "devices/pump/telemetry", "for the pump"));
            assertThat(gateway.take().payload()).isEqualTo("for the pump");

            moveThePump();
            gateway.send(Wire.publish(5, 1, 1, "devices/pump/telemetry", "for the pump still"));
            assertThat(gateway.wire().read().reason()).as("at once").isEqualTo(0x87);
            House.await("the subscription ends", () -> house.broker.counts().subscriptions() == 1);
            pump.publish(1, "devices/me/telemetry", "not for the gateway");
            gateway.hearsNothing();
            gateway.isAlive();
        }
    }

    @Test
    void whatWaitsInMemoryForAGatewayThatLosesAChildIsNotDelivered() throws Exception {
        Hello oneByOne =
                Hello.of(5, "gw", house.keys.device("acme", "gw")).with(Fields.NONE.two(Fields.RECEIVE_MAXIMUM, 1));
        try (Talk gateway = Talk.begin(house, oneByOne);
                Talk pump = talk("p", house.keys.device("acme", "pump"));
                Talk owner = talk("owner", house.keys.application("acme", "#"))) {
            gateway.subscribe("devices/pump/#", 1);
            gateway.subscribe("devices/me/#", 1);
            pump.publish(1, "devices/me/state", "first");
            pump.publish(1, "devices/me/state", "second");
            Heard first = gateway.hear();
            assertThat(first.payload()).isEqualTo("first");
            House.await("the second waits", () -> waiting("gw") == 1);

            moveThePump();
            House.await("the subscription ends", () -> house.broker.counts().subscriptions() == 1);
            gateway.send(Wire.acknowledgement(0x40, first.packetId()));
            owner.publish(1, "devices/gw/state", "of its own");
            assertThat(gateway.take().payload()).isEqualTo("of its own");
        }
    }

    private long waiting(String clientId) {
        return house.broker.of(ACME).session(clientId).orElseThrow().waiting();
    }

    @Test
    void whatAGatewayDidNotAcknowledgeIsNotSentAgainWhenItHasLostTheChild() throws Exception {
        Hello hello = Hello.of(5, "gw", house.keys.device("acme", "gw")).lasting();
        try (Talk pump = talk("p", house.keys.device("acme", "pump"));
                Talk owner = talk("owner", house.keys.application("acme", "#"))) {
            try (Talk gateway = Talk.begin(house, hello)) {
                gateway.subscribe("devices/pump/#", 1);
                gateway.subscribe("devices/me/#", 1);
                pump.publish(1, "devices/me/state", "for the gateway");
                assertThat(gateway.hear().payload()).isEqualTo("for the gateway");
            }
            moveThePump();
            owner.publish(1, "devices/gw/state", "of its own");
            try (Talk again = Talk.begin(house, hello)) {
                assertThat(again.welcome().sessionPresent()).isTrue();
                assertThat(again.take().payload()).isEqualTo("of its own");
            }
        }
    }

    @Test
    void whatWasNotAcknowledgedIsNotSentAgainWhenItsDeviceIsRemoved() throws Exception {
        Hello ear = Hello.of(5, "ear", house.keys.application("acme", "#")).lasting();
        try (Talk boiler = talk("b", house.keys.device("acme", "boiler"));
                Talk pump = talk("p", house.keys.device("acme", "pump"))) {
            try (Talk first = Talk.begin(house, ear)) {
                first.subscribe("#", 1);
                boiler.publish(1, "t", "of the boiler");
                assertThat(first.hear().payload()).isEqualTo("of the boiler");
            }
            house.devices.remove(ACME, new DeviceId("boiler"));
            pump.publish(1, "t", "of the pump");
            try (Talk again = Talk.begin(house, ear)) {
                assertThat(again.take().payload()).isEqualTo("of the pump");
            }
        }
    }

    /// The client may hold the identifier, and would take the next message under it for the same one.
    @Test
    void identifierOfWhatIsNotSentAgainAtQosTwoIsReleased() throws Exception {
        Hello ear = Hello.of(5, "ear", house.keys.application("acme", "#")).lasting();
        try (Talk boiler = talk("b", house.keys.device("acme", "boiler"))) {
            Heard heard;
            try (Talk first = Talk.begin(house, ear)) {
                first.subscribe("#", 2);
                boiler.publish(2, "t", "of the boiler");
                heard = first.hear();
                assertThat(heard.qos()).isEqualTo(2);
            }
            house.devices.remove(ACME, new DeviceId("boiler"));
            try (Talk again = Talk.begin(house, ear)) {
                Wire.Got pubrel = again.wire().read();
                assertThat(pubrel.first()).as("PUBREL: %s", pubrel).isEqualTo(0x62);
                assertThat(pubrel.packetId()).isEqualTo(heard.packetId());
                again.send(Wire.acknowledgement(0x70, heard.packetId()));
                House.await(
                        "nothing is under way",
                        () -> house.broker.of(ACME).session("ear").orElseThrow().inFlight() == 0);
            }
        }
    }

    @Test
    void sessionOfARevokedKeyIsGoneAndItsClientIdFree() throws Exception {
        String token = house.keys.application("acme", "#");
        Talk ear = Talk.begin(house, Hello.of(5, "ear", token).lasting());
        ear.subscribe("#", 1);
        ear.goodbye();
        house.keys.revokeSecret(token);
        House.await("it is gone", () -> house.broker.counts().sessions() == 0);
        assertThat(house.broker.counts().subscriptions()).isZero();
        try (Talk again = talk("ear", house.keys.application("acme", "#"))) {
            assertThat(again.welcome().sessionPresent()).isFalse();
        }
    }

    @Test
    void willForAChildThatWasLostIsNotSpoken() throws Exception {
        Hello hello = Hello.of(5, "gw", house.keys.device("acme", "gw"))
                .will(new Hello.Testament("devices/pump/state", "gone"));
        Talk gateway = Talk.begin(house, hello);
        moveThePump();
        gateway.close();
        House.await("it is gone", () -> house.broker.counts().sessions() == 0);
        try (Talk boiler = talk("b", house.keys.device("acme", "boiler"))) {
            boiler.publish(1, "t", "after it");
        }
        assertThat(house.stored()).hasSize(1);
    }

    @Test
    void willOfARevokedCredentialIsNotSpoken() throws Exception {
        String token = house.keys.device("acme", "boiler");
        Hello hello = Hello.of(5, "b", token).will(new Hello.Testament("devices/me/state", "gone"));
        try (Talk boiler = Talk.begin(house, hello)) {
            house.keys.revokeSecret(token);
            boiler.isEnded(0x87);
        }
        House.await("it is gone", () -> house.broker.counts().sessions() == 0);
        assertThat(house.stored()).isEmpty();
    }

    /// A client id is a name and no pattern: it stands in no topic and in no right.
    @ParameterizedTest
    @ValueSource(strings = {"#", "+", "a/b", "devices/pump", "$share/g/#", "other", "../boiler"})
    void clientIdThatLooksLikeAFilterWidensNothing(String clientId) throws Exception {
        try (Talk odd = talk(clientId, house.keys.device("acme", "boiler"));
                Talk pump = talk("p", house.keys.device("acme", "pump"));
                Talk stranger = talk("s", house.keys.device("other", "boiler"))) {
            odd.subscribe("devices/me/#", 0);
            assertThat(odd.subscribe(Fields.NONE, "devices/pump/#", 0)).isEqualTo(0x87);
            pump.publish(1, "devices/me/state", "of the pump");
            stranger.publish(1, "devices/me/state", "of another tenant");
            odd.hearsNothing();
            odd.send(Wire.publish(5, 1, 1, "devices/pump/state", "as the pump"));
            assertThat(odd.wire().read().reason()).isEqualTo(0x87);
            odd.send(Wire.publish(5, 0, 0, "devices/me/state", "its own"));
            assertThat(odd.take().topic()).isEqualTo("devices/boiler/state");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"#", "+/#", "$share/g/#", "$share/g/$SYS/#", "$share/g/+/other/#", "$queue/#", "$delayed/#"})
    void widestFilterOfOneTenantHearsNothingOfAnother(String filter) throws Exception {
        try (Talk ear = talk("ear", house.keys.application("acme", "#"));
                Talk stranger = talk("s", house.keys.device("other", "boiler", "#"))) {
            ear.subscribe(Fields.NONE, filter, 1);
            stranger.publish(1, "devices/me/state", "of another tenant");
            stranger.retain(1, "other/state", "of another tenant");
            ear.hearsNothing();
            ear.isAlive();
        }
    }
}
