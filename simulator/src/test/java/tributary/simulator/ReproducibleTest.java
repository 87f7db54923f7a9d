package tributary.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Same seed, same bytes: on any number of threads, from any tick, on any machine (the hashes below were
/// computed once and stay).
class ReproducibleTest {
    private static final int DEVICES = 10;
    private static final int TICKS = 10_000;
    private static final long FIRST_TICK = 28_000_000;

    @ParameterizedTest
    @CsvSource({
        "pump, 1, dcf0d058f827f842fba94ea9",
        "pump, 4, dcf0d058f827f842fba94ea9",
        "heart-rate, 1, f11f3735e907bdff1d80e1ad",
        "heart-rate, 4, f11f3735e907bdff1d80e1ad",
        "car-fleet, 1, 7175a80f5053f39c1135ebf3",
        "car-fleet, 4, 7175a80f5053f39c1135ebf3",
        "waterworks, 1, 25039df081d00235f585e1c0",
        "waterworks, 4, 25039df081d00235f585e1c0",
        "every-word, 1, 88f077b3194bbf4d5440d0d0",
        "every-word, 4, 88f077b3194bbf4d5440d0d0"
    })
    void theSameSeedGivesTheSameBytesOnAnyThreadCount(String name, int threads, String golden) throws Exception {
        assertThat(digest(scenario(name), threads)).isEqualTo(golden);
    }

    @Test
    void anotherSeedGivesOtherBytes() throws Exception {
        Scenario pump = Loads.good("pump");

        assertThat(digest(pump.withSeed(8), 1)).isNotEqualTo(digest(pump, 1));
    }

    @ParameterizedTest
    @CsvSource({"pump", "car-fleet", "every-word"})
    void aTickIsTheSameWhetherReachedStepByStepOrAtOnce(String name) {
        Scenario scenario = scenario(name);
        List<String> inOrder = Loads.payloads(scenario.device(1), FIRST_TICK, FIRST_TICK + 5000);
        List<Long> ticks = new ArrayList<>();
        for (long tick = FIRST_TICK; tick < FIRST_TICK + 5000; tick++) {
            ticks.add(tick);
        }
        Collections.shuffle(ticks, new Random(1));
        VirtualDevice device = scenario.device(1);
        List<List<String>> shuffled = new ArrayList<>(Collections.nCopies(ticks.size(), List.of()));
        for (long tick : ticks.subList(0, 300)) {
            shuffled.set((int) (tick - FIRST_TICK), Loads.payloads(device, tick, tick + 1));
        }

        for (long tick : ticks.subList(0, 300)) {
            List<String> alone = shuffled.get((int) (tick - FIRST_TICK));
            assertThat(inOrder).containsAll(alone);
        }
        assertThat(shuffled.stream().filter(list -> !list.isEmpty())).isNotEmpty();
    }

    private static Scenario scenario(String name) {
        return name.equals("every-word")
                ? Loads.good("src/test/resources/every-word.yaml").withCount(DEVICES)
                : Loads.good(name).withCount(DEVICES);
    }

    private static String digest(Scenario scenario, int threads) throws Exception {
        List<Future<byte[]>> parts = new ArrayList<>();
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            for (int i = 0; i < DEVICES; i++) {
                int index = i;
                parts.add(pool.submit(() -> one(scenario.device(index))));
            }
        }
        MessageDigest all = MessageDigest.getInstance("SHA-256");
        for (Future<byte[]> part : parts) {
            all.update(part.get());
        }
        return HexFormat.of().formatHex(all.digest(), 0, 12);
    }

    private static byte[] one(VirtualDevice device) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (long tick = FIRST_TICK; tick < FIRST_TICK + TICKS; tick++) {
            device.messages(tick, message -> {
                digest.update(message.topic().getBytes(StandardCharsets.UTF_8));
                digest.update(message.payload());
            });
        }
        return digest.digest();
    }
}
