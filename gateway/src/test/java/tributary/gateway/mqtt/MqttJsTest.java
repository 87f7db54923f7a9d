package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.gateway.tls.DevelopmentCertificates;
import tributary.gateway.tls.ServerTls;
import tributary.gateway.tls.TlsSettings;

/// MQTT.js, which browsers and Node use, over WebSocket, TCP and TLS: all at once, each in a tenant of its own, because
/// each stays for longer than its keep-alive, and that is longer than a machine stops for.
class MqttJsTest {
    private static final String CLIENT = """
            const fs = require('fs');
            const mqtt = require('mqtt');
            const [url, version, password, authority] = process.argv.slice(2);
            const client = mqtt.connect(url, {
              protocolVersion: Number(version), username: 'any', password, reconnectPeriod: 0, keepalive: 20,
              ca: fs.readFileSync(authority) });
            client.on('error', (e) => { console.error(e); process.exit(1); });
            client.on('connect', async () => {
              await client.subscribeAsync('#', { qos: 2 });
              const big = Buffer.alloc(100000, 120);
              const heard = [];
              client.on('message', (topic, payload) => {
                heard.push(topic + ' ' + payload.length);
                if (heard.length === 4) {
                  // beyond a keep-alive, so that pings go both ways
                  setTimeout(() => { console.log(heard.sort().join('; ')); client.end(); }, 22000);
                }
              });
              await Promise.all([0, 1, 2].map((qos) => client.publishAsync('js/' + qos, 'x'.repeat(qos), { qos })));
              await client.publishAsync('js/big', big, { qos: 1 });
            });
            """;

    @Test
    void publishesAndHearsItselfOverEachTransport(@TempDir Path folder) throws Exception {
        Assumptions.assumeTrue(onPath("npm") && onPath("node"), "npm and node are installed (apt install npm)");
        Files.writeString(folder.resolve("package.json"), "{\"private\": true}");
        start(folder, "npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "mqtt@5")
                .said();
        Files.writeString(folder.resolve("client.js"), CLIENT);
        DevelopmentCertificates made = new DevelopmentCertificates(
                Files.createDirectory(folder.resolve("certificates")), InstantSource.system(), new SecureRandom());
        made.make(List.of());
        TlsSettings settings = TlsSettings.DEFAULTS.with(made.certificate(), made.key());
        try (WebHouse web = new WebHouse(House.small().onTls(0));
                ServerTls tls = ServerTls.open(settings, null, InstantSource.system())) {
            web.house.door.listenTls(tls);
            List<Run> runs = new ArrayList<>();
            for (String url : List.of(
                    "ws://127.0.0.1:" + web.port() + "/mqtt",
                    "mqtt://127.0.0.1:" + web.house.port(),
                    "mqtts://localhost:" + web.house.door.tlsPort())) {
                for (String version : List.of("4", "5")) {
                    String password = web.house.keys.application("tenant" + runs.size(), "#");
                    String authority = made.authority().toString();
                    runs.add(start(folder, "node", "client.js", url, version, password, authority));
                }
            }
            for (Run run : runs) {
                assertThat(run.said().strip()).as(run.what()).isEqualTo("js/0 0; js/1 1; js/2 2; js/big 100000");
            }
        }
    }

    private static boolean onPath(String program) {
        for (String folder : System.getenv("PATH").split(":")) {
            if (Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }

    private static Run start(Path folder, String... command) throws Exception {
        Path said = Files.createTempFile(folder, "said", ".txt");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        return new Run(String.join(" ", command), process, said);
    }

    private record Run(String what, Process process, Path file) {
        /// @return all that it said until it ended, and ended well
        String said() throws Exception {
            boolean ended = process.waitFor(180, TimeUnit.SECONDS);
            String said = Files.readString(file);
            if (!ended) {
                process.destroyForcibly();
            }
            assertThat(ended && process.exitValue() == 0).as(what + "\n" + said).isTrue();
            return said;
        }
    }
}
