package tributary.bench;

import java.time.InstantSource;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tributary.simulator.ServerApi;

/// `tributary bench connect`: how many devices a second sign in with a token that the server has never seen.
@Command(
        name = "connect",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Opens a socket, signs in, says goodbye, and so on with the next device: each with an RS256 token of its own",
            "that is used once. Adding the devices and their tokens takes longer than the run itself.",
            "Ends with 1 where one is not let in."
        })
final class ConnectCommand implements Callable<Integer> {
    private static final long STUCK_NANOS = 30_000_000_000L;

    private final InstantSource clock = InstantSource.system();
    private final LongSupplier nanos = System::nanoTime;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "20000",
            description = "devices, the warm-up's included (${DEFAULT-VALUE})")
    private int count = 20_000;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            defaultValue = "5000",
            description = "devices that pass before it is measured (${DEFAULT-VALUE})")
    private int warmUp = 5000;

    @Option(
            names = "--at-once",
            paramLabel = "N",
            defaultValue = "64",
            description = "connections that are being opened at the same time (${DEFAULT-VALUE})")
    private int atOnce = 64;

    @Option(
            names = "--credential",
            paramLabel = "KIND",
            defaultValue = "jwt",
            description = "jwt or token (${DEFAULT-VALUE})")
    private String credential = "jwt";

    @Mixin
    private Target target = new Target();

    @Override
    public Integer call() throws InterruptedException {
        return target.judge(spec, () -> {
            if (count < 1 || count > 200_000 || warmUp < 0 || warmUp >= count || atOnce < 1 || atOnce > 4096) {
                throw new IllegalArgumentException(
                        "--count: 1 to 200000, --warm-up: less than that, --at-once: 1 to 4096");
            }
            ServerApi.Credential kind =
                    credential.equals("token") ? ServerApi.Credential.TOKEN : ServerApi.Credential.JWT;
            Notes.say(spec, "adding %,d devices with a credential each".formatted(count));
            try (Crew crew = Crew.enlist(target, clock.millis(), count, kind)) {
                return run(crew);
            }
        });
    }

    private Figures run(Crew crew) throws InterruptedException {
        try (Loops loops = new Loops(1)) {
            Turnstile turnstile = new Turnstile(
                    loops.next(),
                    new Opener(loops, target.mqtt(), nanos),
                    i -> Ear.Script.idle(i, target.version(), crew.asDevice(i, 30)),
                    count,
                    warmUp);
            Notes.say(spec, "signing in");
            OptionalLong cpuBefore = target.cpuNanos();
            loops.next().submit(() -> turnstile.begin(Math.min(atOnce, count))).syncUninterruptibly();
            int done = await(turnstile);
            OptionalLong cpu = target.cpuSince(cpuBefore);
            long clientCpu = loops.cpuNanos();
            Map<String, Long> troubles = loops.next()
                    .submit(turnstile::troubles)
                    .syncUninterruptibly()
                    .getNow();
            double perSecond = (done - warmUp) / turnstile.measuredSeconds();
            return new Figures("connect · %,d devices, a %s each · %d at once".formatted(count, credential, atOnce))
                    .count("through", "connected", done)
                    .number("rate", "connectsPerSecond", "%,.0f connections/s", perSecond)
                    .latency("welcome after", "connectMillis", turnstile.latency())
                    .number(
                            "generator",
                            "generatorCpuMicrosPerConnect",
                            "%.2f us CPU a connection",
                            clientCpu / 1e3 / Math.max(1, done))
                    .serverCpu("serverCpuMicrosPerConnect", cpu, "connection", done)
                    .memory("server memory", "serverResidentBytes", target.residentBytes())
                    .promise(done == count, (count - done) + " did not get an answer")
                    .promise(troubles.isEmpty(), "not everybody was let in: " + troubles);
        }
    }

    private int await(Turnstile turnstile) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        int before = -1;
        long movedAt = nanos.getAsLong();
        while (turnstile.done() < count && nanos.getAsLong() - movedAt < STUCK_NANOS) {
            if (turnstile.done() != before) {
                before = turnstile.done();
                movedAt = nanos.getAsLong();
            }
            never.await(2, TimeUnit.MILLISECONDS);
        }
        return turnstile.done();
    }
}
