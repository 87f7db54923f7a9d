package tributary.app.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tributary.app.server.Configuration;
import tributary.app.server.Server;
import tributary.app.server.ServerSettings;

/// `tributary up`: everything in this process, until it is told to stop.
@Command(
        name = "up",
        description = {
            "Start everything in one process and print where it listens.",
            "Without flags only this machine can connect. Settings: docs/config.md."
        })
final class UpCommand implements Runnable {
    @Mixin
    private final StartOptions options = new StartOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before any command runs
    private CommandSpec spec;

    @Override
    public void run() {
        try (Server server = Server.start(options.settings(Map.of()))) {
            Banner.print(server, Person.present(), spec.commandLine().getOut());
            server.awaitStop();
        }
    }

    /// What `up` and `demo` understand.
    static final class StartOptions {
        @Option(
                names = "--data",
                paramLabel = "DIR",
                description = "data folder, made where missing; default: $TRIBUTARY_DATA, else ./tributary-data",
                defaultValue = "${env:TRIBUTARY_DATA:-tributary-data}")
        @SuppressWarnings("NullAway.Init") // has a default
        private Path data;

        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = "settings in YAML; default: tributary.yaml where it exists")
        private @Nullable Path config;

        @Option(names = "--mqtt-port", paramLabel = "PORT", description = "default 1883, or the next free one")
        private @Nullable String mqttPort;

        @Option(names = "--http-port", paramLabel = "PORT", description = "default 8080, or the next free one")
        private @Nullable String httpPort;

        @Option(names = "--lan", description = "let other machines connect (they need credentials, as everybody does)")
        private boolean lan;

        @Option(
                names = "--tls",
                description = {
                    "speak TLS, too: MQTT on 8883, HTTPS on 8443; with a certificate that is made where none is set.",
                    "With --lan other machines get these two ports only."
                })
        private boolean tls;

        @Option(
                names = "--anonymous",
                description = {
                    "let MQTT clients of this machine in without a credential: every topic of the tenant 'main'.",
                    "For legacy devices and test suites; settings: mqtt.anonymous-*."
                })
        private boolean anonymous;

        @Option(names = "--anonymous-anywhere", description = "the same for clients of other machines, with --lan")
        private boolean anonymousAnywhere;

        @Option(names = "--set", paramLabel = "KEY=VALUE", description = "any setting of docs/config.md")
        private Map<String, String> set = new LinkedHashMap<>();

        Path data() {
            return data;
        }

        /// @param more settings that overrule what was typed
        ServerSettings settings(Map<String, String> more) {
            Map<String, String> flags = new LinkedHashMap<>(set);
            flags.put("data", data.toString());
            if (mqttPort != null) {
                flags.put("mqtt.port", mqttPort);
            }
            if (httpPort != null) {
                flags.put("http.port", httpPort);
            }
            if (tls) {
                flags.put("tls.development", "true");
            }
            if (anonymous || anonymousAnywhere) {
                flags.putIfAbsent("mqtt.anonymous-tenant", "main");
            }
            if (anonymousAnywhere) {
                flags.put("mqtt.anonymous-anywhere", "true");
            }
            if (lan) {
                flags.put("mqtt.tls-host", "0.0.0.0");
                flags.put("http.tls-host", "0.0.0.0");
            }
            if (lan && !tls) {
                flags.put("mqtt.host", "0.0.0.0");
                flags.put("http.host", "0.0.0.0");
            }
            flags.putAll(more);
            if (config != null && !config.toFile().canRead()) {
                throw new CommandFailure(ExitCode.NOT_FOUND, "cannot read " + config, "");
            }
            return Configuration.read(config == null ? Path.of("tributary.yaml") : config, System.getenv(), flags);
        }
    }
}
