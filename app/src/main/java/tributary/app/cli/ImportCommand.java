package tributary.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tributary.app.load.Import;
import tributary.app.load.Mapping;
import tributary.app.load.Server;
import tributary.app.load.Times;

/// `tributary import history.csv --device-column device --time-column time`: files of readings into a server.
@Command(
        name = "import",
        description = {
            "Bring files of readings into a server: CSV, Parquet, line protocol, ThingsBoard's telemetry.",
            "Times stay. Cut off, it goes on where it was when it is called again; what is there twice is one row."
        })
final class ImportCommand implements Callable<Integer> {
    private static final int BAR = 30;
    private static final int MISSING_SHOWN = 10;

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "files of one kind; names may end with .gz")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "csv, parquet, lines or thingsboard; default: by the name")
    private Import.@Nullable Format format;

    @Option(names = "--device", paramLabel = "NAME", description = "the device whose readings all are")
    private @Nullable String device;

    @Option(names = "--device-column", paramLabel = "COLUMN", description = "column with the device")
    private @Nullable String deviceColumn;

    @Option(names = "--device-tag", paramLabel = "TAG", description = "tag with it; default: device, else host")
    private @Nullable String deviceTag;

    @Option(names = "--time-column", paramLabel = "COLUMN", description = "column with the time")
    private @Nullable String timeColumn;

    @Option(
            names = "--time-unit",
            paramLabel = "UNIT",
            description = "what times that are numbers count: s, ms, us or ns; default: ms, in line protocol ns")
    private Times.@Nullable Unit timeUnit;

    @Option(
            names = "--zone",
            paramLabel = "ZONE",
            description = "of times without an offset: UTC, Europe/Berlin, +01:00")
    private @Nullable String zone;

    @Option(
            names = "--columns",
            paramLabel = "COLUMN[=SENSOR]",
            split = ",",
            description = "columns that are sensors, a row holding several; default: all others")
    private List<String> columns = new ArrayList<>();

    @Option(
            names = "--sensor-column",
            paramLabel = "COLUMN",
            description = "column with the sensor, a row holding one value")
    private @Nullable String sensorColumn;

    @Option(names = "--value-column", paramLabel = "COLUMN", description = "column with its value")
    private @Nullable String valueColumn;

    @Option(
            names = "--as-text",
            paramLabel = "SENSOR",
            split = ",",
            description = "sensors whose values stay text, though they look like numbers")
    private Set<String> asText = new HashSet<>();

    @Option(
            names = "--delimiter",
            paramLabel = "CHAR",
            description = "between cells of CSV; default: ,",
            defaultValue = ",")
    private char delimiter;

    @Option(names = "--add-devices", description = "add devices that are not there")
    private boolean addDevices;

    @Option(names = "--again", description = "begin anew what was begun or is through")
    private boolean again;

    @Option(names = "--dry-run", description = "say what would be done, and do nothing")
    private boolean dryRun;

    @Override
    public Integer call() {
        List<Import.How> ways = new ArrayList<>();
        for (Path file : files) {
            if (!Files.isReadable(file) || Files.isDirectory(file)) {
                throw new CommandFailure(ExitCode.NOT_FOUND, file + " cannot be read", "");
            }
            ways.add(how(file));
        }
        Uplink uplink = new Uplink(server.client());
        boolean allTaken = true;
        for (int i = 0; i < files.size(); i++) {
            Import load = new Import(uplink, ways.get(i), new Bar(files.get(i), Person.present()));
            allTaken &= fits(files.get(i), load);
        }
        return (allTaken ? ExitCode.OK : ExitCode.FAILED).number();
    }

    private Import.How how(Path file) {
        try {
            Import.Format kind = format == null ? Import.Format.of(file) : format;
            Map<String, String> sensors = new LinkedHashMap<>();
            for (String column : columns) {
                int equals = column.indexOf('=');
                sensors.put(
                        equals < 0 ? column : column.substring(0, equals),
                        equals < 0 ? column : column.substring(equals + 1));
            }
            Times.Unit unit = timeUnit != null ? timeUnit : kind == Import.Format.LINES ? Times.Unit.NS : Times.Unit.MS;
            Times times = new Times(unit, zone == null ? null : ZoneId.of(zone));
            Mapping mapping =
                    new Mapping(device, deviceColumn, timeColumn, sensorColumn, valueColumn, sensors, asText, times);
            return new Import.How(kind, mapping, delimiter, deviceTag, addDevices);
        } catch (DateTimeException e) {
            throw new CommandFailure(ExitCode.USAGE, "--zone: " + e.getMessage(), "");
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), "tributary import --help");
        }
    }

    /// @return whether nothing is refused
    /// @throws CommandFailure where the file is not what is said of it
    private boolean fits(Path file, Import load) {
        try {
            return dryRun ? look(file, load.look(file, again)) : one(file, load.run(file, again));
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.USAGE, file + ": " + e.getMessage(), "");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCode.INTERRUPTED, "interrupted; the same command goes on", "");
        }
    }

    private boolean look(Path file, Import.Look look) {
        Set<String> missing = new TreeSet<>(look.devices());
        DeviceCommand.each(
                server.client(), "", known -> missing.remove(known.path("id").asString("")));
        if (server.json()) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("file", file.toString());
            answer.put("rows", look.pieces());
            answer.put("refused", look.refused());
            answer.put("already", look.already());
            answer.put("devices", look.devices().size());
            answer.put("missing", missing);
            server.out().println(ServerClient.JSON.writeValueAsString(answer));
        } else if (look.already()) {
            server.err().println(file + ": imported before, nothing would be done; --again does it again");
        } else {
            server.err()
                    .println("%s: %,d rows of %,d devices would be sent, %,d refused; nothing was done"
                            .formatted(file, look.pieces(), look.devices().size(), look.refused()));
            look.reasons().forEach((reason, count) -> server.err().println("  %,d times: %s".formatted(count, reason)));
            missing.stream()
                    .limit(MISSING_SHOWN)
                    .forEach(device -> server.err()
                            .println("  device " + device
                                    + (addDevices ? " would be added" : " is not there: its rows would be refused")));
            if (missing.size() > MISSING_SHOWN) {
                server.err().println("  and %,d more such devices".formatted(missing.size() - MISSING_SHOWN));
            }
        }
        server.err().flush();
        return look.refused() == 0 && (addDevices || missing.isEmpty());
    }

    /// @return whether nothing was refused
    private boolean one(Path file, Import.Outcome outcome) {
        if (Person.present()) {
            server.err().print("\r\033[K");
        }
        if (server.json()) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("file", file.toString());
            answer.put("rows", outcome.pieces());
            answer.put("readings", outcome.readings());
            answer.put("refused", outcome.refused());
            answer.put("already", outcome.already());
            server.out().println(ServerClient.JSON.writeValueAsString(answer));
        } else {
            server.err()
                    .println("%s: %,d rows, %,d readings stored, %,d refused%s"
                            .formatted(
                                    file,
                                    outcome.pieces(),
                                    outcome.readings(),
                                    outcome.refused(),
                                    outcome.already() ? " (imported before; --again does it again)" : ""));
            outcome.reasons()
                    .forEach((reason, count) -> server.err().println("  %,d times: %s".formatted(count, reason)));
            if (outcome.refused() > 0) {
                server.err().println("  all of them: " + outcome.report());
            }
        }
        server.err().flush();
        return outcome.refused() == 0;
    }

    /// Shows on a terminal how far it is.
    private final class Bar implements Import.Watcher {
        private final Path file;
        private final boolean terminal;

        Bar(Path file, boolean terminal) {
            this.file = file;
            this.terminal = terminal;
        }

        @Override
        public void at(double done, long readings, long refused) {
            if (terminal) {
                int full = (int) Math.round(done * BAR);
                server.err()
                        .print("\r\033[K%s [%s%s] %3.0f %%  %,d readings%s"
                                .formatted(
                                        file.getFileName(),
                                        "#".repeat(full),
                                        ".".repeat(BAR - full),
                                        done * 100,
                                        readings,
                                        refused == 0 ? "" : ", %,d refused".formatted(refused)));
                server.err().flush();
            }
        }

        @Override
        public void waits(String reason) {
            if (terminal) {
                server.err().print("\r\033[Kwaiting: " + reason);
                server.err().flush();
            }
        }
    }

    /// The server, over REST.
    private record Uplink(ServerClient client) implements Server {
        @Override
        public Reply batch(byte[] body) {
            ServerClient.Answer said = client.postRaw("/api/v1/telemetry/batch", "application/x-ndjson", body);
            try (InputStream in = said.body()) {
                byte[] bytes = in.readAllBytes();
                JsonNode answer =
                        bytes.length == 0 ? ServerClient.JSON.createObjectNode() : ServerClient.JSON.readTree(bytes);
                return new Reply(said.status(), answer, said.retryAfterSeconds());
            } catch (IOException | JacksonException e) {
                throw new CommandFailure(ExitCode.CANNOT_CONNECT, "the server broke off; the same command goes on", "");
            }
        }

        @Override
        public void addDevice(String id) {
            try {
                client.post("/api/v1/devices", Map.of("id", id));
            } catch (CommandFailure e) {
                if (e.code() != ExitCode.CONFLICT) {
                    throw e;
                }
            }
        }
    }
}
