package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.app.cli.CommandRun;

/// What a person reads when something is wrong around the process; each message says what, why and what to do.
class WrongInputIT {
    @TempDir
    private Path folder;

    @Test
    void aPortThatIsTakenAndWasAskedForIsNamedWithTheSettingThatChangesIt() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String port = Integer.toString(taken.getLocalPort());

            ServerProcess.Outcome outcome =
                    ServerProcess.run("up", "--data", data(), "--mqtt-port", port, "--http-port", "0");

            assertThat(outcome.exit()).isEqualTo(1);
            assertThat(outcome.err()).contains(port).contains("in use").contains("--mqtt-port");
        }
    }

    @Test
    void aDataFolderThatIsAFileIsSaidToBeOne() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "x");

        ServerProcess.Outcome outcome = ServerProcess.run("up", "--data", file.toString());

        assertThat(outcome.exit()).isEqualTo(1);
        assertThat(outcome.err())
                .contains(file.toString())
                .contains("not a folder")
                .contains("--data");
    }

    /// Root may write everywhere, so it is run without that.
    @Test
    void aDataFolderOfSomebodyElseIsSaidToBe() throws Exception {
        Path data = Files.createDirectory(folder.resolve("data"));
        assertThat(shell("chown 65534 " + data + " && chmod 700 " + data))
                .as("needs root to give a folder away")
                .isZero();

        ServerProcess.Outcome outcome = ServerProcess.runUnder(
                List.of("setpriv", "--inh-caps=-all", "--bounding-set=-all"), "up", "--data", data());

        assertThat(outcome.exit()).isEqualTo(1);
        assertThat(outcome.err())
                .contains("the data folder " + data + " cannot be used")
                .contains("user root may not write there")
                .contains("--data DIR")
                .doesNotContain("Exception");
    }

    @Test
    void aDataFolderThatIsMountedReadOnlyIsSaidToBe() throws Exception {
        Path data = Files.createDirectory(folder.resolve("data"));
        assertThat(shell("mount -t tmpfs -o ro,size=1m tributary-test " + data))
                .as("needs root to mount")
                .isZero();
        try {
            ServerProcess.Outcome outcome = ServerProcess.run("up", "--data", data());

            assertThat(outcome.exit()).isEqualTo(1);
            assertThat(outcome.err())
                    .contains("the data folder " + data + " cannot be used")
                    .contains("mounted read-only")
                    .contains("--data DIR")
                    .doesNotContain("Exception");
        } finally {
            shell("umount -l " + data);
        }
    }

    @Test
    void aSecondServerOnTheSameFolderIsToldAboutTheFirst() throws Exception {
        try (ServerProcess first = ServerProcess.start(folder.resolve("data"))) {
            ServerProcess.Outcome outcome =
                    ServerProcess.run("up", "--data", data(), "--mqtt-port", "0", "--http-port", "0");

            assertThat(outcome.exit()).isEqualTo(1);
            assertThat(outcome.err()).contains("in use by another process").contains(data());
            assertThat(Rest.of(first).call("GET", "/health/ready", null).status())
                    .isEqualTo(200);
        }
    }

    @Test
    void everyMistakeInTheSettingsIsReportedAtOnce() throws Exception {
        ServerProcess.Outcome outcome = ServerProcess.run(
                "up", "--data", data(), "--set", "mqtt.prot=1", "--set", "http.port=x", "--set", "log.keep=long");

        assertThat(outcome.exit()).isEqualTo(2);
        assertThat(outcome.err())
                .contains("the configuration has 3 mistakes")
                .contains("did you mean mqtt.port?")
                .contains("http.port must be a whole number")
                .contains("log.keep must be a time");
    }

    @Test
    void aTypoInACommandGetsASuggestion() throws Exception {
        ServerProcess.Outcome outcome = ServerProcess.run("devcie", "ls");

        assertThat(outcome.exit()).isEqualTo(2);
        assertThat(outcome.err()).contains("devcie").contains("device");
    }

    @Test
    void withoutAServerACommandSaysHowToStartOne() throws Exception {
        ServerProcess.Outcome outcome = ServerProcess.run("status", "--data", data());

        assertThat(outcome.exit()).isEqualTo(5);
        assertThat(outcome.err()).contains("no server runs").contains("tributary up");
    }

    @Test
    void exitCodesTellAScriptWhatHappened() throws Exception {
        try (ServerProcess server = ServerProcess.start(folder.resolve("data"))) {
            assertThat(server.pid()).isPositive();

            assertThat(CommandRun.of("device", "add", "pump-1", "--data", data())
                            .exit())
                    .isZero();
            // this one as a process: what a command returns is what a shell sees
            ServerProcess.Outcome again = ServerProcess.run("device", "add", "pump-1", "--data", data());
            assertThat(again.exit()).isEqualTo(6);
            assertThat(again.err()).contains("pump-1");
            assertThat(CommandRun.of("device", "show", "none", "--data", data()).exit())
                    .isEqualTo(3);
            CommandRun unsure = CommandRun.of("device", "rm", "pump-1", "--data", data());
            assertThat(unsure.exit()).isEqualTo(2);
            assertThat(unsure.err()).contains("--yes");
            CommandRun denied = CommandRun.of("device", "ls", "--server", server.http(), "--key", "trk_wrong");
            assertThat(denied.exit()).isEqualTo(4);
            CommandRun sql = CommandRun.of("sql", "SELEC 1", "--data", data());
            assertThat(sql.exit()).isEqualTo(1);
            assertThat(sql.err()).containsIgnoringCase("syntax");
        }
    }

    @Test
    void aServerWhoseTablesCannotBeReadAcceptsAndSaysWhatItWaitsFor() throws Exception {
        Path inTheWay = Files.createDirectories(folder.resolve("data/lake/catalog.db"));
        try (ServerProcess server = ServerProcess.start(folder.resolve("data"))) {
            Rest rest = Rest.of(server);

            Rest.Reply waiting = rest.call("GET", "/health/ready", null);

            assertThat(waiting.status()).isEqualTo(503);
            assertThat(waiting.body().path("reasons").path(0).asString())
                    .startsWith("lake: ")
                    .containsAnyOf("still being read", "cannot be opened");
            new Rest(server.http(), rest.device("pump-1")).good("POST", "/api/v1/telemetry", Map.of("t", 1));
            Files.delete(inTheWay);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
            while (rest.call("GET", "/health/ready", null).status() != 200) {
                assertThat(System.nanoTime()).isLessThan(deadline);
            }
        }
    }

    @Test
    void aFullDiskRefusesWithTheReasonAndTheServerGoesOnWhenThereIsRoomAgain() throws Exception {
        Path small = Files.createDirectory(folder.resolve("small"));
        assertThat(shell("mount -t tmpfs -o size=96m tributary-test " + small))
                .as("needs root to mount")
                .isZero();
        try (ServerProcess server = ServerProcess.start(small, "--set", "log.segment-bytes=4MB")) {
            Rest rest = Rest.of(server);
            String token = rest.device("pump-1");
            Rest device = new Rest(server.http(), token);
            device.good("POST", "/api/v1/telemetry", Map.of("before", 1));

            shell("dd if=/dev/zero of=" + small.resolve("filler") + " bs=1M count=200 2>/dev/null");
            Rest.Reply refused = until(device, 503);
            assertThat(refused.body().path("detail").asString())
                    .contains("send it again")
                    .contains("no room")
                    .doesNotContain(small.toString());

            Files.delete(small.resolve("filler"));
            until(device, 200);
            assertThat(rest.call("GET", "/health/live", null).status()).isEqualTo(200);
        } finally {
            shell("umount -l " + small);
        }
    }

    /// Publishes until the answer has the status, for at most 90 s.
    private static Rest.Reply until(Rest device, int status) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        String filler = "x".repeat(4000);
        while (true) {
            Rest.Reply reply = device.call("POST", "/api/v1/telemetry", Map.of("during", filler));
            if (reply.status() == status) {
                return reply;
            }
            assertThat(System.nanoTime()).as("last answer " + reply).isLessThan(deadline);
        }
    }

    private static int shell(String script) throws IOException, InterruptedException {
        return new ProcessBuilder("sh", "-c", script).inheritIO().start().waitFor();
    }

    private String data() {
        return folder.resolve("data").toString();
    }
}
