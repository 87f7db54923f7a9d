package tributary.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The packaged program in a process of its own, on a data folder of the test's; killed with the test.
public final class ServerProcess implements AutoCloseable {
    private static final int START_SECONDS_MAX = 180;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Process process;
    private final JsonNode ready;
    private final Path data;
    private final Path errors;

    private ServerProcess(Process process, JsonNode ready, Path data, Path errors) {
        this.process = process;
        this.ready = ready;
        this.data = data;
        this.errors = errors;
    }

    /// Starts `tributary up` on free ports and waits for its ready line.
    public static ServerProcess start(Path data, String... more) throws IOException {
        return begin("up", data, Map.of(), more);
    }

    /// Starts `tributary up` likewise, with more in its environment.
    public static ServerProcess start(Path data, Map<String, String> environment, String... more) throws IOException {
        return begin("up", data, environment, more);
    }

    /// Starts `tributary up` likewise, with limits from outside.
    ///
    /// @param files how many files and sockets the process may have open
    /// @param flags of Java
    public static ServerProcess limited(Path data, int files, List<String> flags, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -n " + files + "; exec \"$@\"", "sh"));
        ProcessBuilder builder = builder("up", data, Map.of(), more);
        command.addAll(builder.command());
        command.addAll(command.indexOf("-cp"), flags); // the last one of its kind counts
        return begin(builder.command(command), data);
    }

    /// Starts `tributary demo` likewise.
    static ServerProcess demo(Path data, String... more) throws IOException {
        return begin("demo", data, Map.of(), more);
    }

    /// Starts `tributary up` likewise and ends it after a time, whatever it is at.
    public static void killWhileItStarts(Path data, Map<String, String> environment, Duration after, String... more)
            throws IOException, InterruptedException {
        Process process = builder("up", data, environment, more)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        process.waitFor(after.toMillis(), TimeUnit.MILLISECONDS);
        process.destroyForcibly().waitFor();
    }

    private static ProcessBuilder builder(String way, Path data, Map<String, String> environment, String... more) {
        List<String> arguments = new ArrayList<>(List.of(way, "--data", data.toString()));
        arguments.addAll(List.of("--mqtt-port", "0", "--http-port", "0"));
        arguments.addAll(List.of(more));
        ProcessBuilder builder = command(arguments);
        builder.environment().putAll(environment);
        return builder;
    }

    private static ServerProcess begin(String way, Path data, Map<String, String> environment, String... more)
            throws IOException {
        return begin(builder(way, data, environment, more), data);
    }

    private static ServerProcess begin(ProcessBuilder builder, Path data) throws IOException {
        Path errors = Files.createTempFile("tributary-errors", ".txt");
        Process process = builder.redirectError(errors.toFile()).start();
        try {
            // A process whose main thread died may live on without ever saying a word.
            String ready = CompletableFuture.supplyAsync(() -> readyLine(process), Thread::startVirtualThread)
                    .get(START_SECONDS_MAX, TimeUnit.SECONDS);
            if (!ready.isEmpty()) {
                return new ServerProcess(process, JSON.readTree(ready), data, errors);
            }
            throw new IllegalStateException("the server did not start:\n" + Files.readString(errors));
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            process.destroyForcibly();
            throw new IllegalStateException(
                    "the server was not ready within " + START_SECONDS_MAX + " s:\n" + Files.readString(errors), e);
        }
    }

    /// @return the line that says that the server is ready, or "" where it ended without one
    private static String readyLine(Process process) {
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        return out.lines()
                .filter(line -> line.startsWith("{") && line.contains("\"ready\""))
                .findFirst()
                .orElse("");
    }

    /// Runs the packaged program with arguments to its end.
    public static Outcome run(String... arguments) throws IOException, InterruptedException {
        return runUnder(List.of(), arguments);
    }

    /// Runs it likewise, by another program that takes its command line.
    ///
    /// @param program such as `setpriv` with what it is to do
    static Outcome runUnder(List<String> program, String... arguments) throws IOException, InterruptedException {
        Path out = Files.createTempFile("tributary-out", ".txt");
        Path err = Files.createTempFile("tributary-err", ".txt");
        ProcessBuilder builder = command(List.of(arguments));
        builder.command().addAll(0, program);
        Process process =
                builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        if (!process.waitFor(180, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("did not end within 180 s: " + List.of(arguments));
        }
        return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    /// Starts the packaged program with arguments; whoever does ends it.
    static Process begin(String... arguments) throws IOException {
        return command(List.of(arguments))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /// @return the command line of the packaged program with arguments, for a program that starts it
    static List<String> line(String... arguments) {
        return command(List.of(arguments)).command();
    }

    /// What a person would see of a command that ended.
    public record Outcome(int exit, String out, String err) {}

    private static ProcessBuilder command(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m", "-XX:+UseSerialGC"));
        command.addAll(AotCache.FLAGS);
        command.addAll(AotCache.flag());
        command.addAll(List.of("-cp", AotCache.classPath(), "tributary.app.Main"));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("TRIBUTARY_"));
        return builder;
    }

    public String http() {
        return ready.path("http").asString();
    }

    public int mqttPort() {
        String url = ready.path("mqtt").asString();
        return Integer.parseInt(url.substring(url.lastIndexOf(':') + 1));
    }

    public String key() {
        try {
            return Files.readString(data.resolve("cli.key")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String errors() {
        try {
            return Files.readString(errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public long pid() {
        return process.pid();
    }

    /// Ends it as a power cut would end the process: nothing of it runs any more.
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /// Asks it to stop and waits.
    ///
    /// @return its exit code
    public int stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(90, TimeUnit.SECONDS)) {
            throw new IllegalStateException("did not stop within 90 s:\n" + errors());
        }
        return process.exitValue();
    }

    /// @return whether it still runs
    public boolean alive() {
        return process.isAlive();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
