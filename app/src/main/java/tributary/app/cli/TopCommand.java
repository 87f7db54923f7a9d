package tributary.app.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// `tributary top`: what the server does just now, again and again.
@Command(
        name = "top",
        description = {
            "Show rates, what waits, the busiest devices of the last minute, what was refused and why; again and again.",
            "Where nobody reads along it is printed once. Ctrl-C ends it."
        })
final class TopCommand implements Runnable {
    private static final String BUSIEST = "SELECT device, count(*) FROM messages"
            + " WHERE received > now() - INTERVAL '1 minute' AND device IS NOT NULL"
            + " GROUP BY device ORDER BY 2 DESC, 1 LIMIT 10";
    /// The busiest devices are asked by SQL, which is worth less often than the rest.
    private static final int BUSIEST_EVERY = 5;

    private static final String HOME_AND_CLEAR = "\u001b[H\u001b[J";

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Option(
            names = "--every",
            paramLabel = "TIME",
            converter = SimulateCommand.Time.class,
            description = "how often, such as 5s (2s)")
    private Duration every = Duration.ofSeconds(2);

    @Option(
            names = {"-n", "--count"},
            paramLabel = "N",
            description = "end after N times")
    private int count;

    @Override
    public void run() {
        if (every.compareTo(Duration.ofMillis(200)) < 0) {
            throw new CommandFailure(ExitCode.USAGE, "--every is at least 0.2s", "tributary top --every 2s");
        }
        ServerClient client = server.client();
        boolean screen = Person.present() && !server.json();
        long rounds = count > 0 ? count : screen ? Long.MAX_VALUE : 1;
        JsonNode busiest = ServerClient.JSON.createArrayNode();
        for (long round = 0; round < rounds; round++) {
            if (round > 0) {
                LockSupport.parkNanos(every.toNanos());
            }
            if (round % BUSIEST_EVERY == 0) {
                busiest = client.post("/api/v1/sql?format=json", Map.of("sql", BUSIEST))
                        .path("rows");
            }
            show(new Look(client.get("/api/v1/status"), client.get("/api/v1/fleet"), busiest), screen);
        }
    }

    /// What is known at a moment.
    private record Look(JsonNode status, JsonNode fleet, JsonNode busiest) {}

    private void show(Look look, boolean screen) {
        PrintWriter out = server.out();
        if (server.json()) {
            out.println(ServerClient.JSON.writeValueAsString(
                    Map.of("status", look.status, "fleet", look.fleet, "busiest", look.busiest)));
        } else {
            if (screen) {
                out.print(HOME_AND_CLEAR);
            }
            lines(look).forEach(out::println);
        }
        out.flush();
    }

    private static List<String> lines(Look look) {
        JsonNode status = look.status;
        List<String> lines = new ArrayList<>();
        JsonNode problems = status.path("problems");
        lines.add("tributary %s · up %s · %s · %s"
                .formatted(
                        status.path("version").asString(""),
                        time(status.path("uptimeSeconds").asLong()),
                        problems.isEmpty() ? "healthy" : problems.size() + " problems: tributary status",
                        InstantSource.system().instant().truncatedTo(ChronoUnit.SECONDS)));
        lines.add("");
        lines.add("messages/s  %,12.1f    readings/s  %,12.1f    not yet in SQL  %,d"
                .formatted(
                        status.path("rates").path("messagesPerSecond").asDouble(),
                        status.path("rates").path("readingsPerSecond").asDouble(),
                        status.path("lagRecords").asLong()));
        JsonNode sessions = status.path("sessions");
        lines.add("connected   %,12d    away        %,12d    waiting for them  %,d"
                .formatted(
                        sessions.path("connected").asLong(),
                        sessions.path("away").asLong(),
                        sessions.path("waiting").asLong()));
        JsonNode fleet = look.fleet;
        lines.add("devices     %,12d    late        %,12d    live streams  %,d"
                .formatted(
                        fleet.path("devices").asLong(),
                        fleet.path("late").asLong(),
                        status.path("liveStreams").asLong()));
        lines.add("log         %9.1f GB    lake        %9.1f GB    disk free  %.1f GB"
                .formatted(
                        gb(status.path("log").path("bytes")),
                        gb(status.path("lake").path("bytes")),
                        gb(status.path("disk").path("freeBytes"))));
        lines.add("");
        lines.add("busiest of the last minute");
        look.busiest.forEach(row -> lines.add(
                "  %-40s %,8d".formatted(row.path(0).asString(""), row.path(1).asLong())));
        List<String> refused = new ArrayList<>();
        status.path("refused").properties().forEach(reason -> {
            if (reason.getValue().asLong() > 0) {
                refused.add("  %-40s %,8d"
                        .formatted(reason.getKey(), reason.getValue().asLong()));
            }
        });
        lines.add("");
        lines.add(refused.isEmpty() ? "nothing was refused since the start" : "refused since the start, by reason");
        lines.addAll(refused);
        return lines;
    }

    private static double gb(JsonNode bytes) {
        return bytes.asDouble() / (1L << 30);
    }

    private static String time(long seconds) {
        return "%d:%02d:%02d"
                .formatted(TimeUnit.SECONDS.toHours(seconds), TimeUnit.SECONDS.toMinutes(seconds) % 60, seconds % 60);
    }
}
