package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tributary.gateway.IntakeSettings;

/// Thousands of clients that mix good steps with broken ones, each from its seed, while a healthy pair goes on.
/// `-Dsim.clients=100000 -Dsim.first=1` runs more of them than a build.
class HostileClientsScenario {
    private static final int CLIENTS = Integer.getInteger("sim.clients", 2_000);
    private static final long FIRST = Long.getLong("sim.first", 1);
    private static final int AT_ONCE = 16;
    private static final int STEPS_MAX = 12;
    private static final long HEAP_BYTES_MAX = 64L << 20;
    private static final long STORED_BYTES_MAX = 2_048;

    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger connected = new AtomicInteger();

    @Test
    void healthyClientsDoNotNoticeThousandsOfHostileOnes() throws Exception {
        try (House house = new House(IntakeSettings.DEFAULTS, House.small())) {
            long before = usedBytes();
            AtomicBoolean over = new AtomicBoolean();
            List<Thread> hostile = new ArrayList<>();
            try (Talk mouth = Talk.begin(house, Hello.of(5, "healthy", house.keys.device("acme", "pump")));
                    Talk ear = Talk.begin(house, Hello.of(5, "ear", house.keys.application("acme", "#")))) {
                ear.subscribe("devices/pump/#", 2);
                String token = house.keys.device("acme", "boiler");
                for (int i = 0; i < AT_ONCE; i++) {
                    hostile.add(Thread.ofVirtual().start(() -> attack(house, token)));
                }
                Thread.ofVirtual().start(() -> end(hostile, over));
                int said = 0;
                while (!over.get() || said < 10) {
                    mouth.publish(said % 3, "devices/me/healthy", "m" + said);
                    assertThat(ear.take().payload()).isEqualTo("m" + said);
                    said++;
                }
                mouth.goodbye();
                ear.goodbye();
            }
            House.await("no connection is left", () -> house.door.counts().connections() == 0);
            House.await("no session has a client", () -> house.broker.counts().connected() == 0);
            assertThat(next.get()).isGreaterThanOrEqualTo(CLIENTS);
            assertThat(house.door.mistakes()).as("exceptions that were ours").isZero();
            assertThat(house.door.counts().malformed()).as("broken steps").isGreaterThan(CLIENTS / 10);
            assertThat(house.door.counts().accepted()).as("good steps").isGreaterThan(CLIENTS / 4);
            assertThat(connected.get()).isEqualTo(CLIENTS);
            long stored = (long) house.stored().size() * STORED_BYTES_MAX;
            assertThat(usedBytes() - before).isLessThan(HEAP_BYTES_MAX + stored);
        }
    }

    private static void end(List<Thread> hostile, AtomicBoolean over) {
        try {
            for (Thread thread : hostile) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        over.set(true);
    }

    private static long usedBytes() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private void attack(House house, String token) {
        int client;
        while ((client = next.getAndIncrement()) < CLIENTS) {
            SplittableRandom random = new SplittableRandom(FIRST + client);
            try (Wire wire = new Wire(house.port())) {
                connected.incrementAndGet();
                live(wire, random, token);
            } catch (IOException e) {
                // the door closed it while it was still talking
            }
        }
    }

    private static void live(Wire wire, SplittableRandom random, String token) throws IOException {
        int version = random.nextBoolean() ? 5 : 4;
        byte[] connect = Wire.connect(version, "hostile-" + random.nextInt(40), token);
        send(wire, random, random.nextInt(8) == 0 ? broken(random, connect) : connect);
        if (random.nextInt(4) != 0) {
            wire.socket().setSoTimeout(500);
            wire.socket().getInputStream().read();
        }
        for (int i = random.nextInt(STEPS_MAX); i > 0; i--) {
            byte[] step = step(random, version);
            send(wire, random, random.nextInt(6) == 0 ? broken(random, step) : step);
            if (random.nextInt(3) == 0) {
                InputStream in = wire.socket().getInputStream();
                in.skipNBytes(Math.min(in.available(), random.nextInt(200)));
            }
        }
        switch (random.nextInt(4)) {
            case 0 -> wire.socket().setSoLinger(true, 0); // a reset
            case 1 -> wire.socket().shutdownOutput();
            case 2 -> wire.send(Wire.hex("e000"));
            default -> {} // no goodbye
        }
    }

    /// In one piece, in two, or byte by byte.
    private static void send(Wire wire, SplittableRandom random, byte[] bytes) throws IOException {
        switch (random.nextInt(8)) {
            case 0 -> wire.sendBytewise(bytes);
            case 1 -> {
                int half = bytes.length / 2;
                wire.send(Arrays.copyOf(bytes, half));
                wire.send(Arrays.copyOfRange(bytes, half, bytes.length));
            }
            default -> wire.send(bytes);
        }
    }

    private static byte[] step(SplittableRandom random, int version) {
        int id = 1 + random.nextInt(30);
        String[] topics = {"t", "devices/me/x", "devices/pump/x", "a/b/c", "devices/me/" + random.nextInt(300)};
        String[] filters = {"#", "devices/me/#", "devices/+/x", "$share/g/devices/me/#", "a/#/b", "$SYS/#"};
        String topic = topics[random.nextInt(topics.length)];
        String filter = filters[random.nextInt(filters.length)];
        return switch (random.nextInt(12)) {
            case 0, 1, 2 -> Wire.publish(version, random.nextInt(3), id, topic, "x".repeat(random.nextInt(200)));
            case 3 -> Wire.subscribe(version, id, filter, random.nextInt(3));
            case 4 -> Talk.unsubscribe(version, id, filter);
            case 5 -> Wire.acknowledgement(0x62, id);
            case 6 -> Wire.acknowledgement(0x40 + (random.nextInt(2) << 4), id);
            case 7 -> Wire.acknowledgement(0x70, id);
            case 8 -> Wire.hex("c000");
            case 9 -> Wire.hex("20020000");
            case 10 -> Wire.hex("30ffffff7f00");
            default -> {
                byte[] noise = new byte[random.nextInt(1, 64)];
                random.nextBytes(noise);
                yield noise;
            }
        };
    }

    private static byte[] broken(SplittableRandom random, byte[] packet) {
        byte[] bytes =
                Arrays.copyOf(packet, random.nextInt(3) == 0 ? random.nextInt(1, packet.length + 1) : packet.length);
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        return bytes;
    }
}
