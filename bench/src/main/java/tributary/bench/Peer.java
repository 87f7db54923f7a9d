package tributary.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// A broker that others wrote, started on a free port with settings that let it show what it can: nobody
/// signs in, its queues drop nothing.
enum Peer {
    /// Debian's `mosquitto`.
    MOSQUITTO {
        @Override
        List<String> command(Path folder, int port, Classpaths classpaths) throws IOException {
            Path config = Files.writeString(folder.resolve("mosquitto.conf"), """
                    listener %d 127.0.0.1
                    allow_anonymous true
                    max_queued_messages 0
                    max_inflight_messages 1000
                    set_tcp_nodelay true
                    """.formatted(port));
            return List.of("/usr/sbin/mosquitto", "-c", config.toString());
        }
    },

    /// HiveMQ CE, embedded in a process that `bench/src/peers/Hivemq.java` is.
    HIVEMQ {
        @Override
        List<String> command(Path folder, int port, Classpaths classpaths) throws IOException {
            Files.writeString(
                    Files.createDirectories(folder.resolve("conf")).resolve("config.xml"), """
                    <?xml version="1.0"?>
                    <hivemq>
                      <listeners>
                        <tcp-listener><port>%d</port><bind-address>127.0.0.1</bind-address></tcp-listener>
                      </listeners>
                      <mqtt>
                        <queued-messages><max-queue-size>1000000</max-queue-size></queued-messages>
                        <receive-maximum><server-receive-maximum>1000</server-receive-maximum></receive-maximum>
                      </mqtt>
                      <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
                    </hivemq>
                    """.formatted(port));
            String main = classpaths.folder().resolve("Hivemq.java").toString();
            return java(classpaths, "hivemq", List.of(main, folder.toString()));
        }
    },

    /// Moquette, the embeddable broker in Java.
    MOQUETTE {
        @Override
        List<String> command(Path folder, int port, Classpaths classpaths) throws IOException {
            Files.writeString(Files.createDirectories(folder.resolve("config")).resolve("moquette.conf"), """
                    port %d
                    host 127.0.0.1
                    allow_anonymous true
                    persistence_enabled true
                    data_path %s/
                    telemetry_enabled false
                    """.formatted(
                            port, folder));
            return java(classpaths, "moquette", List.of("-Dmoquette.path=" + folder, "io.moquette.broker.Server"));
        }
    };

    /// Where the class paths of brokers in Java are: `hivemq.classpath` and `moquette.classpath`.
    record Classpaths(Path folder) {}

    /// Writes its settings below `folder`.
    ///
    /// @return what starts it
    /// @throws IOException where its class path is not there
    abstract List<String> command(Path folder, int port, Classpaths classpaths) throws IOException;

    /// @throws IllegalArgumentException where there is none of that name
    static Peer of(String name) {
        for (Peer peer : values()) {
            if (peer.label().equals(name)) {
                return peer;
            }
        }
        throw new IllegalArgumentException("--with: mosquitto, hivemq or moquette, was '" + name + "'");
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static List<String> java(Classpaths classpaths, String name, List<String> rest) throws IOException {
        String classpath = Files.readString(classpaths.folder().resolve(name + ".classpath"));
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> start = List.of(java.toString(), "-Xmx1g", "-XX:+UseParallelGC", "-cp", classpath.strip());
        return Stream.concat(start.stream(), rest.stream()).toList();
    }
}
