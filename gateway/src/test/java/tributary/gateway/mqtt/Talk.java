package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/// A conversation with the door after CONNECT, in packets: [Wire] with words for what most tests say.
final class Talk implements AutoCloseable {
    /// The loop may read a ping before it does what it was given to do; not so often.
    private static final int PINGS = 3;

    private final House house;
    private final Wire wire;
    private final int version;
    private final Welcome welcome;

    /// Packets that came while another was waited for.
    private final Deque<Wire.Got> early = new ArrayDeque<>();

    /// What the CONNACK said.
    record Welcome(boolean sessionPresent, int reason, Fields fields) {
        static Welcome of(Wire.Got connack, int version) {
            assertThat(connack.first()).as("CONNACK: %s", connack).isEqualTo(0x20);
            ByteBuffer in = ByteBuffer.wrap(connack.body());
            int flags = in.get();
            assertThat(flags).as("flags of CONNACK").isBetween(0, 1);
            int reason = in.get() & 0xFF;
            Fields fields = version == 5 ? Fields.read(in) : Fields.NONE;
            assertThat(in.hasRemaining()).isFalse();
            return new Welcome(flags == 1, reason, fields);
        }
    }

    private Talk(House house, Wire wire, int version, Welcome welcome) {
        this.house = house;
        this.wire = wire;
        this.version = version;
        this.welcome = welcome;
    }

    /// A client that has signed in.
    static Talk begin(House house, Hello hello) throws IOException {
        Talk talk = attempt(house, hello);
        assertThat(talk.welcome().reason()).isZero();
        return talk;
    }

    /// A client that got some CONNACK.
    static Talk attempt(House house, Hello hello) throws IOException {
        Wire wire = new Wire(house.port());
        wire.send(hello.bytes());
        return new Talk(house, wire, hello.version(), Welcome.of(wire.read(), hello.version()));
    }

    Welcome welcome() {
        return welcome;
    }

    Wire wire() {
        return wire;
    }

    void send(byte[] packet) throws IOException {
        wire.send(packet);
    }

    /// Subscribes and insists that it is granted.
    void subscribe(String filter, int options) throws IOException {
        assertThat(subscribe(Fields.NONE, filter, options))
                .as("granted: %s", filter)
                .isLessThan(3);
    }

    /// @return the code that SUBACK gave
    int subscribe(Fields fields, String filter, int options) throws IOException {
        send(subscribe(version, 77, fields, List.of(filter), options));
        return suback(77).getFirst();
    }

    /// @return the codes of a SUBACK
    List<Integer> suback(int packetId) throws IOException {
        Wire.Got got = wire.read();
        assertThat(got.first()).as("SUBACK: %s", got).isEqualTo(0x90);
        return codes(got, packetId);
    }

    /// @return the codes; none in 3.1.1
    List<Integer> unsubscribe(String... filters) throws IOException {
        send(unsubscribe(version, 78, filters));
        Wire.Got got = wire.read();
        assertThat(got.first()).as("UNSUBACK: %s", got).isEqualTo(0xB0);
        return codes(got, 78);
    }

    private List<Integer> codes(Wire.Got got, int packetId) {
        ByteBuffer in = ByteBuffer.wrap(got.body());
        assertThat(in.getShort() & 0xFFFF).isEqualTo(packetId);
        if (version == 5) {
            Fields.read(in);
        }
        return IntStream.range(0, in.remaining())
                .mapToObj(i -> in.get(in.position() + i) & 0xFF)
                .toList();
    }

    /// Publishes and waits until the server has taken it.
    void publish(int qos, String topic, String payload) throws IOException {
        publish(qos, topic, payload, false, Fields.NONE);
    }

    void retain(int qos, String topic, String payload) throws IOException {
        publish(qos, topic, payload, true, Fields.NONE);
    }

    void publish(int qos, String topic, String payload, boolean retain, Fields fields) throws IOException {
        send(publish(version, qos << 1 | (retain ? 1 : 0), 99, topic, payload, fields));
        if (qos == 0) {
            send(Wire.hex("c000"));
            assertThat(wire.read().type()).as("PINGRESP").isEqualTo(13);
        } else if (qos == 1) {
            assertThat(wire.read().toString()).isEqualTo("40 0063");
        } else {
            assertThat(wire.read().toString()).isEqualTo("50 0063");
            send(Wire.acknowledgement(0x62, 99));
            assertThat(wire.read().toString()).isEqualTo("70 0063");
        }
    }

    /// Reads a PUBLISH and leaves it unanswered.
    Heard hear() throws IOException {
        return Heard.of(early.isEmpty() ? wire.read() : early.remove(), version);
    }

    /// @return whether a PUBLISH or another packet comes within that time
    boolean ready(int millis) throws IOException, InterruptedException {
        return !early.isEmpty() || wire.ready(millis);
    }

    /// Reads a PUBLISH and answers it as its QoS asks for.
    Heard take() throws IOException {
        Heard heard = hear();
        if (heard.qos() == 1) {
            send(Wire.acknowledgement(0x40, heard.packetId()));
        } else if (heard.qos() == 2) {
            send(Wire.acknowledgement(0x50, heard.packetId()));
            Wire.Got pubrel = wire.read();
            while (pubrel.type() == 3) {
                early.add(pubrel);
                pubrel = wire.read();
            }
            assertThat(pubrel.first()).as("PUBREL: %s", pubrel).isEqualTo(0x62);
            assertThat(pubrel.packetId()).isEqualTo(heard.packetId());
            send(Wire.acknowledgement(0x70, heard.packetId()));
        }
        return heard;
    }

    /// Nothing comes: all that is durable was offered, and what the server sends next are its answers to pings. What it
    /// reads back from the log for the client gets a moment beside.
    void hearsNothing() throws IOException, InterruptedException {
        assertThat(early).isEmpty();
        house.settle();
        for (int i = 0; i < PINGS; i++) {
            isAlive();
        }
        assertThat(wire.silentFor(50)).isTrue();
    }

    /// The client is still served.
    void isAlive() throws IOException {
        send(Wire.hex("c000"));
        assertThat(wire.read().type()).as("PINGRESP").isEqualTo(13);
    }

    /// The server ends the connection: a 5.0 client is told `reason`, a 3.1.1 client nothing.
    void isEnded(int reason) throws IOException {
        if (version == 5) {
            Wire.Got goodbye = wire.read();
            assertThat(goodbye.first()).as("DISCONNECT: %s", goodbye).isEqualTo(0xE0);
            assertThat(goodbye.body()[0] & 0xFF).as("%s", goodbye.text()).isEqualTo(reason);
        }
        assertThat(wire.untilClosed()).isEmpty();
    }

    /// Says DISCONNECT and waits for the server to close.
    void goodbye() throws IOException {
        goodbye(Wire.hex("e000"));
    }

    void goodbye(byte[] disconnect) throws IOException {
        send(disconnect);
        assertThat(wire.untilClosed()).isEmpty();
        close();
    }

    @Override
    public void close() throws IOException {
        wire.close();
    }

    /// @param flags the four low bits of the first byte
    static byte[] publish(int version, int flags, int packetId, String topic, String payload, Fields fields) {
        byte[] id = (flags & 6) == 0 ? new byte[0] : id(packetId);
        byte[] block = version == 5 ? fields.block() : new byte[0];
        return Wire.packet(0x30 | flags, Wire.join(text(topic), id, block, payload.getBytes(StandardCharsets.UTF_8)));
    }

    /// @param options of each of the filters
    static byte[] subscribe(int version, int packetId, Fields fields, List<String> filters, int... options) {
        byte[] body = Wire.join(id(packetId), version == 5 ? fields.block() : new byte[0]);
        for (int i = 0; i < filters.size(); i++) {
            body = Wire.join(body, text(filters.get(i)), new byte[] {(byte) options[i]});
        }
        return Wire.packet(0x82, body);
    }

    static byte[] unsubscribe(int version, int packetId, String... filters) {
        byte[] body = Wire.join(id(packetId), version == 5 ? new byte[1] : new byte[0]);
        for (String filter : filters) {
            body = Wire.join(body, text(filter));
        }
        return Wire.packet(0xA2, body);
    }

    static byte[] text(String text) {
        return Fields.sized(text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] id(int packetId) {
        return new byte[] {(byte) (packetId >> 8), (byte) packetId};
    }
}
