package tributary.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tributary.simulator.ServerException;

/// `tributary bench compare`: one profile against Tributary and other brokers, in turns within the same
/// minutes, each server started for its turn alone and stopped after it.
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Runs a profile against Tributary and against other brokers in turns, and prints how many times faster or",
            "slower they are, and the CPU time of each. Options behind the profile's name go to the profile.",
            "Example: ./dev bench compare --rounds 3 pubsub --qos 0 --window 20",
            "Ends with 1 where no server could be measured."
        })
final class CompareCommand implements Callable<Integer> {
    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> PROFILES =
            List.of("mqtt", "latency", "pubsub", "fanout", "stalled", "idle", "connect", "ack-latency");
    private static final List<String> RATES =
            List.of("deliveriesPerSecond", "connectsPerSecond", "messagesPerSecond", "pings");
    private static final List<String> COSTS = List.of(
            "serverCpuMicrosPerMessage",
            "serverCpuMicrosPerDelivery",
            "serverCpuMicrosPerConnect",
            "residentBytesPerConnection",
            "heapBytesPerConnection");

    private final LongSupplier nanos = System::nanoTime;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "turns of each server (${DEFAULT-VALUE})")
    private int rounds = 3;

    @Option(
            names = "--with",
            paramLabel = "NAMES",
            split = ",",
            defaultValue = "mosquitto,hivemq,moquette",
            description = "of the other brokers (${DEFAULT-VALUE}); one that cannot be started is left out")
    private List<String> with = List.of();

    @Option(
            names = "--own",
            paramLabel = "COMMAND",
            defaultValue = "./tributary up --data {folder} --mqtt-port {port} --http-port 0 --set query.memory=3GB",
            description = "what starts Tributary, words parted by blanks; '' leaves it out (${DEFAULT-VALUE})")
    private String own = "";

    @Option(
            names = "--peers",
            paramLabel = "FOLDER",
            defaultValue = "bench/target/peers",
            description = "holds hivemq.classpath, Hivemq.java and moquette.classpath (${DEFAULT-VALUE})")
    private Path peers = Path.of("bench/target/peers");

    @Option(names = "--json", description = "one JSON document instead of a table")
    private boolean json;

    @Parameters(
            index = "0",
            arity = "1",
            paramLabel = "PROFILE",
            description = "mqtt, pubsub, fanout, stalled, idle, connect or ack-latency")
    private String profile = "";

    /// Whatever is not ours is the profile's.
    @Unmatched
    private List<String> options = new ArrayList<>();

    @Override
    public Integer call() throws InterruptedException, IOException {
        if (!PROFILES.contains(profile)) {
            throw usage("compare runs one of %s, was '%s'; the profile's options go behind its name"
                    .formatted(String.join(", ", PROFILES), profile));
        }
        List<Peer> others = new ArrayList<>();
        for (String name : with) {
            try {
                others.add(Peer.of(name));
            } catch (IllegalArgumentException e) {
                throw usage(String.valueOf(e.getMessage()));
            }
        }
        Map<String, List<JsonNode>> results = new LinkedHashMap<>();
        Map<String, String> absent = new LinkedHashMap<>();
        for (int round = 1; round <= rounds; round++) {
            if (!own.isBlank()) {
                turn("tributary", null, round, results, absent);
            }
            for (Peer peer : others) {
                turn(peer.label(), peer, round, results, absent);
            }
        }
        PrintWriter out = command().commandLine().getOut();
        out.println(json ? JSON.writeValueAsString(results) : table(results, absent));
        out.flush();
        return results.isEmpty() ? 1 : 0;
    }

    /// Starts one server, runs the profile against it, stops it.
    private void turn(
            String name,
            @Nullable Peer peer,
            int round,
            Map<String, List<JsonNode>> results,
            Map<String, String> absent)
            throws InterruptedException, IOException {
        if (absent.containsKey(name)) {
            return;
        }
        Notes.say(spec, "round %d: %s".formatted(round, name));
        Path folder = Files.createTempDirectory("bench-" + name + "-");
        Target target = new Target();
        try {
            int port = freePort();
            List<String> start = peer == null
                    ? Arrays.stream(own.replace(
                                            "{folder}", folder.resolve("data").toString())
                                    .replace("{port}", Integer.toString(port))
                                    .split(" +"))
                            .toList()
                    : peer.command(folder, port, new Peer.Classpaths(peers));
            if (peer != null) {
                target.at(URI.create("mqtt://127.0.0.1:" + port));
            }
            try (Child child = new Child(start, target, nanos)) {
                child.start();
                child.awaitReady();
                JsonNode result = load(target.address(folder.resolve("data")));
                results.computeIfAbsent(name, _ -> new ArrayList<>()).add(result);
            }
        } catch (IOException | ServerException e) {
            absent.put(name, String.valueOf(e.getMessage()));
            Notes.say(spec, name + " is left out: " + e.getMessage());
        } finally {
            delete(folder);
        }
    }

    private JsonNode load(List<String> address) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(profile, "--json"));
        arguments.addAll(options);
        arguments.addAll(address);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = new CommandLine(new Bench())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments.toArray(String[]::new));
        if (code == CommandLine.ExitCode.USAGE) {
            throw usage(err.toString());
        }
        if (out.toString().isBlank()) {
            String said = err.toString().strip();
            throw new IOException("the profile ended with " + code + ": " + said.substring(said.lastIndexOf('\n') + 1));
        }
        return JSON.readTree(out.toString());
    }

    private String table(Map<String, List<JsonNode>> results, Map<String, String> absent) {
        StringBuilder text = new StringBuilder("  compare %s %s · %d rounds in turns, medians\n\n"
                .formatted(profile, String.join(" ", options), rounds));
        List<JsonNode> first =
                results.isEmpty() ? List.of() : results.values().iterator().next();
        for (String key : Stream.concat(RATES.stream(), COSTS.stream()).toList()) {
            double base = median(first, key);
            if (Double.isNaN(base)) {
                continue;
            }
            text.append("  ").append(key).append('\n');
            results.forEach((name, runs) -> text.append("    %-12s %,14.2f   %6.2f times   of %s%n"
                    .formatted(name, median(runs, key), median(runs, key) / base, each(runs, key))));
        }
        results.forEach((name, runs) -> {
            long bad = runs.stream()
                    .filter(run -> !run.path("good").asBoolean(true))
                    .count();
            if (bad > 0) {
                text.append("  %s broke a promise in %d of %d: %s%n"
                        .formatted(name, bad, runs.size(), runs.getLast().path("broken")));
            }
        });
        absent.forEach((name, why) -> text.append("  %s was left out: %s%n".formatted(name, why.split("\n")[0])));
        return text.toString();
    }

    private static double median(List<JsonNode> runs, String key) {
        double[] sorted = runs.stream()
                .filter(run -> run.has(key))
                .mapToDouble(run -> run.path(key).asDouble())
                .sorted()
                .toArray();
        return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
    }

    private static String each(List<JsonNode> runs, String key) {
        return String.join(
                ", ",
                runs.stream()
                        .map(run -> "%,.2f".formatted(run.path(key).asDouble()))
                        .toList());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private ParameterException usage(String text) {
        return new ParameterException(command().commandLine(), text);
    }

    private CommandSpec command() {
        if (spec == null) {
            throw new IllegalStateException("run by picocli only");
        }
        return spec;
    }
}
