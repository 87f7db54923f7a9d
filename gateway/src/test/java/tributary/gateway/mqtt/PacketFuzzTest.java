package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Any bytes are a packet or a fault of the client, never a mistake of ours: good packets, changed at random from a
/// seed. `-Dtributary.fuzz=100000000` makes it run longer; what it finds becomes a line of [#CORPUS].
class PacketFuzzTest {
    private static final int RUNS = Integer.getInteger("tributary.fuzz", 200_000);
    private static final int BYTES_MAX = 64 * 1024;

    /// Good packets to begin from, and bytes that once were trouble.
    private static final List<String> CORPUS = List.of(
            "101000044d515454 04 02 003c 0004 61626364",
            "102000044d515454 05 c6 003c 05 1100000e10 0001 61 00 0001 74 0001 70 0001 75 0001 73",
            "3003 0001 61",
            "3206 0001 61 0001 00",
            "341a 0003 612f62 0007 0e 01 01 02 0000000a 26 0001 6b 0001 76 78",
            "300a 0001 61 06 08 0001 72 23 01",
            "400200 01",
            "40040001 1000",
            "50020007",
            "62020001",
            "70020001",
            "820800 01 00 0003 612f23 01",
            "820c0001 02 0b05 0005 2b2f2b2f23 2d",
            "a207000100 0002 2f23",
            "c000",
            "e000",
            "e0070405 1100000001",
            "f000",
            "30ffffff7f",
            "30ffffffff01",
            "3280808000",
            "3004 0002 c080");

    @ParameterizedTest
    @ValueSource(ints = {0, PacketReader.VERSION_3_1_1, PacketReader.VERSION_5})
    void anyBytesAreAPacketOrAFaultOfTheClient(int version) {
        SplittableRandom random = new SplittableRandom(20_260_101 + version);
        PacketReader reader = new PacketReader();
        int[] seen = new int[3];
        for (int run = 0; run < RUNS; run++) {
            byte[] bytes = run < CORPUS.size() ? Wire.hex(CORPUS.get(run)) : changed(random);
            seen[read(reader, bytes, version)]++;
        }
        assertThat(seen[0]).as("packets").isGreaterThan(RUNS / 1_000);
        assertThat(seen[1]).as("faults").isGreaterThan(RUNS / 100);
        assertThat(seen[2]).as("waits for more").isGreaterThan(RUNS / 1_000);
    }

    /// @return 0 where it was a packet, 1 for a fault, 2 where more bytes are needed
    static int read(PacketReader reader, byte[] bytes, int version) {
        ByteBuf in = Unpooled.wrappedBuffer(bytes);
        PacketReader.Context context = new PacketReader.Context(version, BYTES_MAX, new TopicNames());
        int outcome = 2;
        try {
            while (true) {
                int before = in.readerIndex();
                Packet packet = reader.next(in, context);
                if (packet == null) {
                    assertThat(in.readerIndex())
                            .as("nothing is taken of half a packet")
                            .isEqualTo(before);
                    return outcome;
                }
                assertThat(in.readerIndex()).isBetween(before + 2, bytes.length);
                outcome = 0;
            }
        } catch (MqttFault fault) {
            assertThat(fault.detail()).isNotBlank();
            return 1;
        } catch (RuntimeException e) {
            throw new AssertionError(
                    "version " + version + ": " + HexFormat.of().formatHex(bytes), e);
        }
    }

    /// One packet of the corpus, or some, with a few bytes changed, left out, put in, doubled or cut off.
    private static byte[] changed(SplittableRandom random) {
        List<Byte> bytes = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            for (byte b : Wire.hex(CORPUS.get(random.nextInt(CORPUS.size())))) {
                bytes.add(b);
            }
        }
        for (int i = random.nextInt(4); i > 0 && !bytes.isEmpty(); i--) {
            int at = random.nextInt(bytes.size());
            switch (random.nextInt(6)) {
                case 0 -> bytes.set(at, (byte) random.nextInt());
                case 1 -> bytes.set(at, (byte) (bytes.get(at) ^ 1 << random.nextInt(8)));
                case 2 -> bytes.remove(at);
                case 3 -> bytes.add(at, (byte) random.nextInt());
                case 4 -> bytes.addAll(at, List.copyOf(bytes.subList(at, bytes.size())));
                default -> bytes.subList(at, bytes.size()).clear();
            }
        }
        byte[] array = new byte[bytes.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = bytes.get(i);
        }
        return array;
    }

    /// What Jazzer found worth keeping stays good without it.
    @Test
    void corpusIsJudgedInEveryBuild() throws Exception {
        Path folder = Path.of(Objects.requireNonNull(
                        PacketFuzzTest.class.getResource("PacketFuzzInputs/anyBytesAreAPacketOrAFaultOfTheClient"))
                .toURI());
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> all = files.toList();
            for (Path file : all) {
                PacketFuzz.judge(Files.readAllBytes(file));
            }
            assertThat(all).isNotEmpty();
        }
    }

    /// However much a packet announces, nothing is set aside for it before it is there.
    @Test
    void announcementCostsNothing() throws Exception {
        PacketReader reader = new PacketReader();
        PacketReader.Context context =
                new PacketReader.Context(PacketReader.VERSION_5, Integer.MAX_VALUE, new TopicNames());
        ByteBuf in = Unpooled.wrappedBuffer(Wire.hex("30ffffff7f 00"));
        for (int i = 0; i < 10_000; i++) {
            assertThat(reader.next(in, context)).isNull();
        }
        assertThat(in.readerIndex()).isZero();
    }
}
