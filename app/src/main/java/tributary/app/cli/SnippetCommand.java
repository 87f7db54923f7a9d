package tributary.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tributary.model.Settings;

/// `tributary snippet python pump-1`: the program to paste, as the portal shows it, filled in for this server.
@Command(
        name = "snippet",
        description = {
            "Print a small program that publishes as a device, ready to run; without a language, the list of them.",
            "A device that does not exist yet is added; where no token is given a new one is made for it."
        })
final class SnippetCommand implements Runnable {
    private static final Pattern PLACE = Pattern.compile("\\{\\{([A-Z_]+)}}");
    private static final Map<String, String> FILES = files();

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Parameters(index = "0", arity = "0..1", paramLabel = "LANG", completionCandidates = Candidates.Languages.class)
    private @Nullable String language;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "DEVICE",
            description = "${DEFAULT-VALUE} where not given",
            completionCandidates = Candidates.Devices.class)
    private String device = "my-first";

    @Option(names = "--token", paramLabel = "TOKEN", description = "a token of the device, where there is one already")
    private @Nullable String token;

    @Override
    public void run() {
        if (language == null) {
            FILES.keySet().forEach(server.out()::println);
            server.out().flush();
            return;
        }
        String file = FILES.get(language);
        if (file == null) {
            String near = Settings.nearest(language, FILES.keySet());
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "there is no snippet for '" + language + "'" + (near == null ? "" : "; did you mean " + near + "?"),
                    "tributary snippet      lists the languages");
        }
        ServerClient client = server.client();
        server.out().println(filled(text(file), words(client)));
        server.out().flush();
    }

    static Iterable<String> languages() {
        return FILES.keySet();
    }

    private Map<String, String> words(ServerClient client) {
        InetSocketAddress mqtt = server.mqtt();
        String url = client.base().toString();
        return Map.of(
                "HOST",
                mqtt.getHostString(),
                "MQTT_PORT",
                Integer.toString(mqtt.getPort()),
                "URL",
                url,
                "WS_URL",
                url.replaceFirst("^http", "ws"),
                "DEVICE",
                device,
                "TOKEN",
                token == null ? freshToken(client) : token);
    }

    private String freshToken(ServerClient client) {
        try {
            client.get(DeviceCommand.path(device));
        } catch (CommandFailure e) {
            if (e.code() != ExitCode.NOT_FOUND) {
                throw e;
            }
            client.post("/api/v1/devices", Map.of("id", device));
            server.err().println("added device " + device);
        }
        server.err().println("with a new token of " + device + "; tributary device show " + device + " lists them");
        server.err().flush();
        return client.post(DeviceCommand.path(device) + "/credentials", Map.of("kind", "token"))
                .path("secret")
                .asString();
    }

    private static String filled(String text, Map<String, String> words) {
        return PLACE.matcher(text)
                .replaceAll(place -> Matcher.quoteReplacement(words.getOrDefault(place.group(1), "")))
                .stripTrailing();
    }

    private static String text(String file) {
        try (@Nullable InputStream in = SnippetCommand.class.getResourceAsStream("snippets/" + file)) {
            if (in == null) {
                throw new IllegalStateException("the build lacks the snippet " + file);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("the snippet " + file + " cannot be read", e);
        }
    }

    /// The same files that the portal shows.
    private static Map<String, String> files() {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("shell", "shell.sh");
        files.put("curl", "curl.sh");
        files.put("python", "python.py");
        files.put("micropython", "micropython.py");
        files.put("arduino", "arduino.ino");
        files.put("node", "node.mjs");
        files.put("java", "Sensor.java");
        files.put("telegraf", "telegraf.conf");
        files.put("any", "any.txt");
        return files;
    }
}
