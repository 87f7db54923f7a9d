package tributary.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import tributary.simulator.MqttWire;
import tributary.simulator.ServerApi;
import tributary.simulator.ServerException;

/// The options that say which server is loaded and how the figures are shown.
final class Target {
    private static final int FAILED = 1;
    private static final int NOT_ALLOWED = 4;
    private static final int UNREACHABLE = 5;

    @Option(
            names = "--server",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8080",
            description = "Tributary's HTTP address (${DEFAULT-VALUE})")
    private URI server = URI.create("http://127.0.0.1:8080");

    @Option(
            names = "--mqtt-port",
            paramLabel = "PORT",
            defaultValue = "1883",
            description = "Tributary's MQTT port (${DEFAULT-VALUE})")
    private int mqttPort = 1883;

    @Option(names = "--key", paramLabel = "KEY", description = "an owner's API key; otherwise DATA/cli.key is read")
    private String key = "";

    @Option(
            names = "--data",
            paramLabel = "DATA",
            defaultValue = "tributary-data",
            description = "the server's data folder, for cli.key and the bare flush (${DEFAULT-VALUE})")
    private Path data = Path.of("tributary-data");

    @Option(
            names = "--url",
            paramLabel = "URL",
            description =
                    "load this instead: mqtt://host:port; a profile of publishing alone also http://host:port/path"
                            + " or ws://host:port/path")
    private @Nullable URI url;

    @Option(names = "--user", paramLabel = "NAME", description = "for --url: user name of every connection")
    private @Nullable String user;

    @Option(
            names = "--password",
            paramLabel = "TEXT",
            description = "for --url: password or bearer token of every connection")
    private @Nullable String password;

    @Option(
            names = "--pid",
            paramLabel = "PID",
            defaultValue = "0",
            description = "the server's process: its CPU time and memory are printed too")
    private long pid;

    @Option(
            names = "--mqtt-version",
            paramLabel = "V",
            defaultValue = "3.1.1",
            description = "3.1.1 or 5 (${DEFAULT-VALUE})")
    private String mqttVersion = "3.1.1";

    @Option(names = "--keep", description = "do not remove the devices afterwards")
    private boolean keep;

    @Option(names = "--json", description = "one JSON document instead of a table")
    private boolean json;

    /// What a command does between reading its options and printing.
    interface Work {
        Figures run() throws InterruptedException, IOException;
    }

    /// The same with the printing.
    interface Run {
        /// @return whether every promise held
        boolean run() throws InterruptedException, IOException;
    }

    /// Runs the work, prints the figures and says how the command ends, as [#end] does.
    int judge(@Nullable CommandSpec spec, Work work) throws InterruptedException {
        return end(spec, () -> {
            Figures figures = work.run();
            print(spec, json ? figures.json() : figures.table());
            return figures.good();
        });
    }

    static void print(@Nullable CommandSpec spec, String text) {
        PrintWriter out = line(spec).getOut();
        out.println(text);
        out.flush();
    }

    /// Says how the command ends: 0 where every promise held, 1 where one did not, 2 for wrong options, 4 where the
    /// key is refused, 5 where the server is not there.
    static int end(@Nullable CommandSpec spec, Run run) throws InterruptedException {
        CommandLine line = line(spec);
        try {
            return run.run() ? 0 : FAILED;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(line, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            line.getErr().println("tributary bench: " + e.getMessage());
            return FAILED;
        } catch (ServerException e) {
            line.getErr().println("tributary bench: " + e.getMessage());
            return switch (e.kind()) {
                case UNREACHABLE -> UNREACHABLE;
                case NOT_ALLOWED -> NOT_ALLOWED;
                case REFUSED -> FAILED;
            };
        }
    }

    private static CommandLine line(@Nullable CommandSpec spec) {
        if (spec == null) {
            throw new IllegalStateException("run by picocli only");
        }
        return spec.commandLine();
    }

    /// Moves to where a server that was started for the run listens.
    void at(URI httpAddress, int portOfMqtt) {
        server = httpAddress;
        mqttPort = portOfMqtt;
    }

    /// Loads the broker there.
    void at(URI broker) {
        url = broker;
    }

    /// @param folder of the data, where it is a Tributary
    /// @return the options that name this server to another command
    List<String> address(Path folder) {
        return url == null
                ? List.of("--server=" + server, "--mqtt-port=" + mqttPort, "--data=" + folder, "--pid=" + pid)
                : List.of("--url=" + url, "--pid=" + pid);
    }

    /// The process of a server that was started for the run.
    void at(long process) {
        pid = process;
    }

    /// Whether a Tributary is loaded, and not any broker.
    boolean own() {
        return url == null;
    }

    /// @return what is loaded instead of a Tributary, or null
    @Nullable
    URI url() {
        return url;
    }

    InetSocketAddress mqtt() {
        if (url == null) {
            return new InetSocketAddress(server.getHost(), mqttPort);
        }
        if (!"mqtt".equals(url.getScheme()) || url.getHost() == null) {
            throw new IllegalArgumentException("--url needs to be like mqtt://host:1883, was '" + url + "'");
        }
        return new InetSocketAddress(url.getHost(), port(url, 1883));
    }

    InetSocketAddress http() {
        return new InetSocketAddress(server.getHost(), port(server, 8080));
    }

    static int port(URI uri, int otherwise) {
        return uri.getPort() > 0 ? uri.getPort() : otherwise;
    }

    ServerApi api() {
        return new ServerApi(server, ownerKey());
    }

    MqttWire.Version version() {
        return switch (mqttVersion) {
            case "3.1.1", "3", "4" -> MqttWire.Version.V311;
            case "5", "5.0" -> MqttWire.Version.V5;
            default -> throw new IllegalArgumentException("--mqtt-version is 3.1.1 or 5, was '" + mqttVersion + "'");
        };
    }

    @Nullable
    String user() {
        return user;
    }

    @Nullable
    String password() {
        return password;
    }

    Path data() {
        return data;
    }

    boolean keep() {
        return keep;
    }

    boolean json() {
        return json;
    }

    long pid() {
        return pid;
    }

    /// @return CPU time that the server's process used so far, or empty where it is not known
    OptionalLong cpuNanos() {
        return pid > 0 ? CpuTime.ofProcess(pid) : OptionalLong.empty();
    }

    /// @return CPU time that it used since `before`
    OptionalLong cpuSince(OptionalLong before) {
        OptionalLong now = cpuNanos();
        return before.isPresent() && now.isPresent()
                ? OptionalLong.of(now.getAsLong() - before.getAsLong())
                : OptionalLong.empty();
    }

    OptionalLong residentBytes() {
        return pid > 0 ? CpuTime.residentBytes(pid) : OptionalLong.empty();
    }

    private String ownerKey() {
        if (!key.isEmpty()) {
            return key;
        }
        Path file = data.resolve("cli.key");
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new ServerException(
                    ServerException.Kind.NOT_ALLOWED,
                    "no API key: " + file + " cannot be read. Name the server's data folder with --data, or give a key"
                            + " with --key");
        }
    }
}
