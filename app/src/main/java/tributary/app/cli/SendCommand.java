package tributary.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// `tributary send pump-1 temperature=21.5 door.open=true`: one message as a device.
@Command(
        name = "send",
        description = {
            "Send one message as a device; a device that does not exist yet is added.",
            "Values: numbers, true, false, everything else is text."
        })
final class SendCommand implements Runnable {
    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Parameters(index = "0", paramLabel = "DEVICE", completionCandidates = Candidates.Devices.class)
    private String device = "";

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "SENSOR=VALUE",
            completionCandidates = Candidates.Sensors.class)
    private List<String> pairs = new ArrayList<>();

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "a JSON payload from a file; - for standard input")
    private @Nullable Path file;

    @Override
    public void run() {
        Object payload = payload();
        ServerClient client = server.client();
        JsonNode answer;
        try {
            answer = client.post(DeviceCommand.path(device) + "/telemetry", payload);
        } catch (CommandFailure e) {
            if (e.code() != ExitCode.NOT_FOUND) {
                throw e;
            }
            client.post("/api/v1/devices", Map.of("id", device));
            server.err().println("added device " + device);
            answer = client.post(DeviceCommand.path(device) + "/telemetry", payload);
        }
        if (server.json()) {
            server.out().println(answer);
        } else {
            server.err().println("stored: " + answer.path("accepted").asInt() + " reading(s) of " + device);
        }
    }

    private Object payload() {
        if (file != null) {
            if (!pairs.isEmpty()) {
                throw new CommandFailure(ExitCode.USAGE, "either SENSOR=VALUE or --file, not both", "");
            }
            return read(file);
        }
        Map<String, Object> values = new LinkedHashMap<>();
        for (String pair : pairs) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "'" + pair + "' is not SENSOR=VALUE",
                        "tributary send " + device + " temperature=21.5");
            }
            values.put(pair.substring(0, equals), value(pair.substring(equals + 1)));
        }
        if (values.isEmpty()) {
            throw new CommandFailure(
                    ExitCode.USAGE, "nothing to send", "tributary send " + device + " temperature=21.5");
        }
        return values;
    }

    private static JsonNode read(Path file) {
        try (InputStream in = file.toString().equals("-") ? System.in : Files.newInputStream(file)) {
            return ServerClient.JSON.readTree(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.NOT_FOUND, "cannot read " + file + ": " + e.getMessage(), "");
        } catch (JacksonException e) {
            throw new CommandFailure(ExitCode.USAGE, file + " is not JSON: " + e.getOriginalMessage(), "");
        }
    }

    private static Object value(String text) {
        if (text.equals("true") || text.equals("false")) {
            return Boolean.valueOf(text);
        }
        try {
            double number = Double.parseDouble(text);
            boolean whole = text.matches("-?\\d{1,18}");
            return whole ? (Object) Long.valueOf(text) : Double.isFinite(number) ? (Object) number : text;
        } catch (NumberFormatException e) {
            return text;
        }
    }
}
