package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.gateway.IntakeSettings;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;

class PublishingTest {
    private House house = new House();

    @AfterEach
    void close() {
        house.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void publisherIsAcknowledgedOnlyAfterTheDiskHasIt(int version) throws Exception {
        try (Wire boiler = boiler(version)) {
            house.log.hold();
            boiler.send(Wire.publish(version, 1, 7, "t", "{\"temp\":21.5}"));
            House.await("the message waits for the disk", () -> house.log.waiting() == 1);
            assertThat(boiler.silentFor(100)).isTrue();

            house.log.release();

            assertThat(boiler.read().toString()).isEqualTo("40 0007");
        }
        Message message = house.stored().getFirst();
        assertThat(message.tenant()).isEqualTo(new TenantId("acme"));
        assertThat(message.device()).isEqualTo(new DeviceId("boiler"));
        assertThat(message.topic()).isEqualTo(new Topic("devices/boiler/telemetry"));
        assertThat(message.payload()).asString().isEqualTo("{\"temp\":21.5}");
        assertThat(message.publisher()).isEqualTo("b");
        assertThat(message.qos()).isEqualTo(1);
        assertThat(message.origin()).isEqualTo(Message.Origin.MQTT);
    }

    @Test
    void packetsMayComeByteByByteAndManyAtOnce() throws Exception {
        try (Wire boiler = new Wire(house.port())) {
            boiler.sendBytewise(Wire.connect(4, "b", house.keys.device("acme", "boiler")));
            assertThat(boiler.read().toString()).isEqualTo("20 0000");
            boiler.sendBytewise(Wire.publish(4, 1, 1, "t", "first"));
            assertThat(boiler.read().toString()).isEqualTo("40 0001");
            byte[] third = Wire.publish(4, 1, 3, "t", "x".repeat(3000));
            boiler.send(Wire.join(
                    Wire.publish(4, 0, 0, "t", "zero"),
                    Wire.publish(4, 1, 2, "devices/me/telemetry/a", "second"),
                    Arrays.copyOf(third, 1000)));
            assertThat(boiler.read().toString()).isEqualTo("40 0002");
            boiler.send(Arrays.copyOfRange(third, 1000, third.length));
            assertThat(boiler.read().toString()).isEqualTo("40 0003");
            boiler.send(Wire.hex("c000"));
            assertThat(boiler.read().toString()).isEqualTo("d0 ");
        }
        assertThat(house.stored())
                .extracting(message -> message.payload().length)
                .containsExactlyInAnyOrder(5, 4, 6, 3000);
    }

    @Test
    void acknowledgementsKeepTheOrderOfThePublishesOverAllPartitions() throws Exception {
        try (Wire gateway = Wire.signedIn(house.port(), 4, "g", house.keys.device("acme", "gw"))) {
            for (int i = 1; i <= 15; i++) {
                String device = i % 2 == 0 ? "gw" : "pump";
                gateway.send(Wire.publish(4, 1, i, "devices/" + device + "/telemetry", "1"));
            }
            for (int i = 1; i <= 15; i++) {
                assertThat(gateway.read().packetId()).isEqualTo(i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void qosTwoIsStoredOnceHoweverOftenItIsSentBeforeItsRelease(int version) throws Exception {
        try (Wire boiler = boiler(version)) {
            byte[] publish = Wire.publish(version, 2, 9, "t", "once");
            boiler.send(publish);
            assertThat(boiler.read().toString()).isEqualTo("50 0009");
            publish[0] |= 8;
            boiler.send(publish);
            assertThat(boiler.read().toString()).isEqualTo("50 0009");

            boiler.send(Wire.acknowledgement(0x62, 9));
            assertThat(boiler.read().toString()).isEqualTo("70 0009");
            boiler.send(Wire.acknowledgement(0x62, 9));
            assertThat(boiler.read().toString()).startsWith(version == 5 ? "70 000992" : "70 0009");

            publish[0] &= ~8;
            boiler.send(publish);
            assertThat(boiler.read().toString()).as("a new message").isEqualTo("50 0009");
        }
        assertThat(house.stored()).hasSize(2);
    }

    @Test
    void refusedPublishIsExplainedToAFiveClientAndTheConnectionStays() throws Exception {
        try (Wire boiler = boiler(5)) {
            boiler.send(Wire.publish(5, 1, 1, "devices/pump/telemetry", "1"));
            Wire.Got refusal = boiler.read();
            assertThat(refusal.reason()).isEqualTo(0x87);
            assertThat(refusal.text()).contains("'pump' is not one of them; make 'boiler' its parent");

            boiler.send(Wire.publish(5, 2, 2, "weather", "1"));
            refusal = boiler.read();
            assertThat(refusal.type()).as("PUBREC").isEqualTo(5);
            assertThat(refusal.reason()).isEqualTo(0x87);

            boiler.send(Wire.publish(5, 1, 3, "t", new byte[256 * 1024 + 1], new byte[0]));
            refusal = boiler.read();
            assertThat(refusal.reason()).isEqualTo(0x97);
            assertThat(refusal.text()).contains("intake.payload-bytes-max");

            boiler.send(Wire.publish(5, 1, 4, "t", new byte[] {(byte) 0xFF}, Wire.hex("0101")));
            assertThat(boiler.read().reason()).as("declared to be text").isEqualTo(0x99);

            boiler.send(Wire.publish(5, 1, 5, "t", "good"));
            assertThat(boiler.read().toString()).isEqualTo("40 0005");
        }
        assertThat(house.stored()).hasSize(1);
    }

    @Test
    void refusedPublishClosesAThreeClientBecauseSilenceWouldLookLikeSuccess() throws Exception {
        try (Wire boiler = boiler(4)) {
            boiler.send(Wire.publish(4, 1, 1, "t", "good"));
            boiler.send(Wire.publish(4, 1, 2, "devices/pump/telemetry", "1"));
            boiler.send(Wire.publish(4, 1, 3, "t", "never read"));

            assertThat(boiler.untilClosed()).isIn(new byte[0], Wire.hex("40020001"));
        }
        House.await("the good one is stored", () -> !house.stored().isEmpty());
        assertThat(house.stored()).extracting(m -> m.payload().length).containsExactly(4);
    }

    @Test
    void fullLogIsSaidToAFiveClientAndClosesAThreeClient() throws Exception {
        try (Wire five = boiler(5);
                Wire three = Wire.signedIn(house.port(), 4, "p", house.keys.device("acme", "pump"))) {
            house.log.full(true);
            five.send(Wire.publish(5, 1, 1, "t", "1"));
            three.send(Wire.publish(4, 1, 1, "t", "1"));

            Wire.Got refusal = five.read();
            assertThat(refusal.reason()).isEqualTo(0x97);
            assertThat(refusal.text()).contains("not stored: the disk is full");
            assertThat(three.untilClosed()).isEmpty();

            house.log.full(false);
            five.send(Wire.publish(5, 1, 2, "t", "1"));
            assertThat(five.read().toString()).isEqualTo("40 0002");
        }
    }

    @Test
    void deviceOverItsRateIsToldTheLimitInFiveAndReadLaterInThree() throws Exception {
        house.close();
        house = new House(new IntakeSettings(1024, 10, 0, 0), House.small());
        try (Wire five = boiler(5);
                Wire three = Wire.signedIn(house.port(), 4, "p", house.keys.device("acme", "pump"))) {
            house.stopClock();
            int told = 0;
            for (int i = 1; i <= 13; i++) {
                five.send(Wire.publish(5, 1, i, "t", "1"));
                Wire.Got answer = five.read();
                if (answer.reason() == 0x97) {
                    told++;
                    assertThat(answer.text()).contains("over intake.device-rate, 10 messages a second; try again in");
                }
            }
            assertThat(told).isEqualTo(3);

            for (int i = 1; i <= 13; i++) {
                three.send(Wire.publish(4, 1, i, "t", "1"));
            }
            house.startClock();
            for (int i = 1; i <= 13; i++) {
                assertThat(three.read().packetId()).isEqualTo(i);
            }
        }
    }

    @Test
    void fiveClientOverItsRateIsNotReadForAsLongAsItWasToldToWait() throws Exception {
        house.close();
        house = new House(new IntakeSettings(1024, 2, 0, 0), House.small());
        house.stopClock();
        try (Wire five = boiler(5)) {
            for (int i = 1; i <= 2; i++) {
                five.send(Wire.publish(5, 1, i, "t", "1"));
                five.read();
            }
            long before = System.nanoTime();
            five.send(Wire.publish(5, 1, 3, "t", "1"));
            Wire.Got refused = five.read();
            assertThat(refused.reason()).isEqualTo(0x97);
            long waitMillis = Long.parseLong(refused.text().replaceAll(".*try again in (\\d+) ms.*", "$1"));
            five.send(Wire.hex("c000"));
            assertThat(five.read().type()).isEqualTo(13);
            assertThat((System.nanoTime() - before) / 1_000_000).isGreaterThanOrEqualTo(waitMillis);
        }
    }

    @Test
    void fiveClientOverItsRateLosesNothingAtQosZero() throws Exception {
        house.close();
        house = new House(new IntakeSettings(1024, 10, 0, 0), House.small());
        try (Wire five = boiler(5)) {
            for (int i = 1; i <= 13; i++) {
                five.send(Wire.publish(5, 0, 0, "t", "" + i));
            }
            five.send(Wire.hex("c000"));
            assertThat(five.read().type()).isEqualTo(13);
            House.await(
                    "nobody answers QoS 0: all are stored", () -> house.stored().size() == 13);
        }
    }

    @Test
    void topicAliasesStandForTopics() throws Exception {
        try (Wire boiler = boiler(5)) {
            boiler.send(Wire.publish(5, 1, 1, "t", "1".getBytes(), Wire.hex("230003")));
            boiler.send(Wire.publish(5, 1, 2, "", "2".getBytes(), Wire.hex("230003")));
            boiler.send(Wire.publish(5, 1, 3, "devices/me/x", "3".getBytes(), Wire.hex("230003")));
            boiler.send(Wire.publish(5, 1, 4, "", "4".getBytes(), Wire.hex("230003")));
            for (int i = 1; i <= 4; i++) {
                assertThat(boiler.read().toString()).isEqualTo("40 000" + i);
            }
        }
        assertThat(house.stored())
                .extracting(message -> message.topic().value())
                .containsExactly(
                        "devices/boiler/telemetry", "devices/boiler/telemetry", "devices/boiler/x", "devices/boiler/x");
    }

    @Test
    void propertiesOfAMessageGoIntoTheLog() throws Exception {
        try (Wire boiler = boiler(5)) {
            boiler.send(
                    Wire.publish(
                            5,
                            1,
                            1,
                            "t",
                            "{}".getBytes(),
                            Wire.hex(
                                    "0101 02 0000003c 03 0001 6a 08 0001 72 09 0002 0102 26 0001 6b 0001 76 26 0001 6b 0001 77")));
            assertThat(boiler.read().toString()).isEqualTo("40 0001");
        }
        assertThat(house.stored().getFirst().properties())
                .isEqualTo(new MessageProperties(
                        "j",
                        "r",
                        new byte[] {1, 2},
                        60,
                        true,
                        List.of(
                                new MessageProperties.UserProperty("k", "v"),
                                new MessageProperties.UserProperty("k", "w"))));
    }

    @Test
    void fiveClientThatPassesTheReceiveMaximumIsDisconnected() throws Exception {
        try (Wire boiler = boiler(5)) {
            house.log.hold();
            for (int i = 1; i <= 21; i++) {
                boiler.send(Wire.publish(5, 1, i, "t", "1"));
            }
            Wire.Got goodbye = boiler.read();
            assertThat(goodbye.type()).isEqualTo(14);
            assertThat(goodbye.body()[0] & 0xFF).isEqualTo(0x93);
        }
    }

    @Test
    void threeClientIsNotReadWhileTooManyOfItsPublishesWait() throws Exception {
        try (Wire boiler = boiler(4)) {
            house.log.hold();
            for (int i = 1; i <= 100; i++) {
                boiler.send(Wire.publish(4, 1, i, "t", "1"));
            }
            House.await("twenty wait", () -> house.log.waiting() == 20);
            assertThat(boiler.silentFor(100)).isTrue();
            assertThat(house.log.waiting()).isEqualTo(20);

            house.log.release();

            for (int i = 1; i <= 100; i++) {
                assertThat(boiler.read().packetId()).isEqualTo(i);
            }
        }
    }

    @Test
    void nobodyIsReadWhileTheLogIsCongestedAndNothingIsLost() throws Exception {
        String payload = "x".repeat(100_000);
        try (Wire boiler = boiler(4)) {
            house.log.hold();
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 1; i <= 200; i++) {
                        boiler.send(Wire.publish(4, 0, 0, "t", payload));
                    }
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            House.await("the log is congested", house.log::congested);
            assertThat(boiler.silentFor(200)).isTrue();
            assertThat(house.log.waiting())
                    .as("the log's high mark is 1 MiB, one more may have been on its way")
                    .isBetween(11, 12);

            house.log.release();

            sender.join();
            House.await("all arrive", () -> house.stored().size() == 200);
        }
    }

    @Test
    void qosTwoNeverReleasedIsRefusedAtTheReceiveMaximum() throws Exception {
        for (int version : new int[] {4, 5}) {
            try (Wire boiler = boiler(version)) {
                for (int i = 1; i <= 20; i++) {
                    boiler.send(Wire.publish(version, 2, i, "t", "1"));
                    assertThat(boiler.read().packetId()).isEqualTo(i);
                }
                boiler.send(Wire.publish(version, 2, 21, "t", "1"));
                byte[] last = boiler.untilClosed();
                if (version == 5) {
                    assertThat(last[2] & 0xFF).isEqualTo(0x93);
                } else {
                    assertThat(last).isEmpty();
                }
            }
        }
    }

    private Wire boiler(int version) throws IOException {
        return Wire.signedIn(house.port(), version, "b", house.keys.device("acme", "boiler"));
    }
}
