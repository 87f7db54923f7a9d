package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.DeviceId;
import tributary.model.TenantId;

/// Expectation 14: how long a wrong secret takes does not tell how much of it was right.
///
/// The measure is Welch's t of 10,000 samples of either kind, taken in turn. What makes it hold is that secrets are
/// looked up by their digests; the measure would notice a comparison that stops at the first wrong character, and the
/// second test shows that it does.
final class ConstantTimeTest {
    private static final int SAMPLES = 10_000;
    private static final int CALLS = 5;
    private static final double T_MAX = 4.5;
    private static final int ATTEMPTS = 8;

    @TempDir
    Path folder;

    @Test
    void expectation14WrongBeginningAndWrongEndTakeTheSameTime() {
        World world = new World(new SettableClock(), new SecureRandom(), new ReadyKeys());
        try (Registry registry = SqlRegistry.open(RegistrySettings.DEFAULTS, folder, world)) {
            DeviceId pump = new DeviceId("pump-1");
            registry.devices().add(new Device(TenantId.MAIN, pump, null, "", Map.of(), "{}", world.now()));
            String secret =
                    registry.credentials().issueToken(TenantId.MAIN, pump, null).secret();
            String body = secret.substring(0, Secret.BODY_CHARS);
            String wrongFirst = Secret.seal(Secret.DEVICE_TOKEN + other(body.charAt(4)) + body.substring(5));
            String wrongLast =
                    Secret.seal(body.substring(0, body.length() - 1) + other(body.charAt(body.length() - 1)));

            double best = Double.MAX_VALUE;
            for (int i = 0; i < ATTEMPTS && best >= T_MAX; i++) {
                best = Math.min(
                        best,
                        t(
                                wrongFirst,
                                wrongLast,
                                one -> registry.credentials().verify(one) instanceof Credentials.Verdict.Accepted));
            }

            assertThat(best)
                    .as("the least |t| of a few attempts; a leak shows in all")
                    .isLessThan(T_MAX);
        }
    }

    @Test
    void comparisonThatStopsAtTheFirstWrongCharacterWouldBeNoticed() {
        String secret = "a".repeat(400);
        Predicate<String> leaky = presented -> {
            for (int i = 0; i < secret.length(); i++) {
                if (secret.charAt(i) != presented.charAt(i)) {
                    return false;
                }
            }
            return true;
        };
        String wrongFirst = "b" + secret.substring(1);
        String wrongLast = secret.substring(1) + "b";

        double best = 0;
        for (int i = 0; i < ATTEMPTS && best < T_MAX; i++) {
            best = Math.max(best, t(wrongFirst, wrongLast, leaky));
        }

        assertThat(best).isGreaterThan(T_MAX);
    }

    private static char other(char c) {
        return c == 'z' ? 'y' : 'z';
    }

    /// @return the size of Welch's t between the times of the two texts; interruptions, the slowest tenth, are cut off
    private static double t(String first, String second, Predicate<String> verify) {
        double[][] times = new double[2][SAMPLES];
        int right = 0;
        for (int i = -1_000; i < SAMPLES; i++) {
            for (int turn = 0; turn < 2; turn++) {
                int kind = (i + turn) & 1; // each is the first of the two as often as the other
                String text = kind == 0 ? first : second;
                long start = System.nanoTime();
                for (int call = 0; call < CALLS; call++) {
                    right += verify.test(text) ? 1 : 0;
                }
                if (i >= 0) {
                    times[kind][i] = System.nanoTime() - start;
                }
            }
        }
        assertThat(right).isZero();
        double[] a = Arrays.stream(times[0]).sorted().limit(SAMPLES * 9 / 10).toArray();
        double[] b = Arrays.stream(times[1]).sorted().limit(SAMPLES * 9 / 10).toArray();
        return Math.abs(mean(a) - mean(b)) / Math.sqrt(variance(a) / a.length + variance(b) / b.length);
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    private static double variance(double[] values) {
        double mean = mean(values);
        return Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / (values.length - 1);
    }
}
