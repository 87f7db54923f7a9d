package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.gateway.SignsOfLife;

/// The system asks silent clients of every door whether they are there, sooner than the two hours that it takes by
/// itself: `/proc/net/tcp` has the timer of each socket.
class SignsOfLifeIT {
    /// What the kernel calls the timer of keep-alive, and how it counts time.
    private static final String ALIVE = "02";

    private static final int TICKS_A_SECOND = 100;

    @TempDir
    Path data;

    @Test
    void silentClientsOfEveryDoorAreAsked() throws Exception {
        try (ServerProcess server = ServerProcess.start(data)) {
            for (int port :
                    new int[] {server.mqttPort(), URI.create(server.http()).getPort()}) {
                try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    Await.until(
                            "a timer of port " + port,
                            Duration.ofSeconds(60),
                            () -> ALIVE.equals(
                                    timer(port, client.getLocalPort()).split(":")[0]));
                    String timer = timer(port, client.getLocalPort());
                    assertThat(Long.parseLong(timer.split(":")[1], 16) / TICKS_A_SECOND)
                            .as(timer)
                            .isBetween(1L, (long) SignsOfLife.AFTER_SECONDS);
                }
            }
        }
    }

    /// @return of the server's end of a connection: which timer runs, and for how much longer
    private static String timer(int port, int client) throws IOException {
        String ends = "[0-9A-F]{8}(?:[0-9A-F]{24})?:%04X [0-9A-F]{8}(?:[0-9A-F]{24})?:%04X ".formatted(port, client);
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            for (String line : Files.readAllLines(Path.of(table))) {
                if (line.strip().matches("\\d+: " + ends + ".*")) {
                    return line.strip().split("\\s+")[5];
                }
            }
        }
        return "none";
    }
}
