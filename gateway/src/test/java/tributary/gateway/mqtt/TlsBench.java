package tributary.gateway.mqtt;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import tributary.gateway.IntakeSettings;
import tributary.gateway.tls.DevelopmentCertificates;
import tributary.gateway.tls.ServerTls;
import tributary.gateway.tls.TlsSettings;

/// Processor time of the event loops for a full and for a resumed handshake, by engine: `TlsBench
/// [handshakes]`.
final class TlsBench {
    private TlsBench() {}

    public static void main(String[] arguments) throws Exception {
        int count = arguments.length == 0 ? 300 : Integer.parseInt(arguments[0]);
        for (TlsSettings.Engine engine : TlsSettings.Engine.values()) {
            Path folder = Files.createTempDirectory("tls-bench");
            DevelopmentCertificates made =
                    new DevelopmentCertificates(folder, InstantSource.system(), new SecureRandom());
            made.make(List.of());
            TlsSettings settings = new TlsSettings(
                    made.certificate(), made.key(), false, engine, TlsSettings.DEFAULTS.lookEvery(), false);
            try (ServerTls tls = ServerTls.open(settings, null, InstantSource.system());
                    House house =
                            new House(IntakeSettings.DEFAULTS, House.small().onTls(0))) {
                house.door.listenTls(tls);
                run(house, null, false, count);
                System.out.printf("plain connection, for comparison: %.0f us%n", run(house, null, false, count));
                for (boolean resumed : new boolean[] {false, true}) {
                    run(house, made, resumed, count); // warm
                    System.out.printf(
                            "%-10s %-8s %6.0f us of the server's processor time a handshake%n",
                            tls.engine(), resumed ? "resumed" : "full", run(house, made, resumed, count));
                }
            }
        }
    }

    private static double run(House house, DevelopmentCertificates made, boolean resumed, int count) throws Exception {
        SSLContext same = made == null ? null : TlsTest.trusting(made.authority());
        long before = loops();
        for (int i = 0; i < count; i++) {
            if (made == null) {
                Wire.signedIn(house.port(), 5, "x", house.keys.device("acme", "boiler"))
                        .close();
                continue;
            }
            SSLContext context = resumed ? same : TlsTest.trusting(made.authority());
            try (SSLSocket socket =
                    (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", house.door.tlsPort())) {
                new Wire(socket).signIn(Wire.connect(5, "x", house.keys.device("acme", "boiler")));
            }
        }
        return (loops() - before) / 1000.0 / count;
    }

    /// @return nanoseconds of processor time that the event loops used
    private static long loops() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null && thread.getThreadName().startsWith("mqtt-")) {
                sum += threads.getThreadCpuTime(thread.getThreadId());
            }
        }
        return sum;
    }
}
