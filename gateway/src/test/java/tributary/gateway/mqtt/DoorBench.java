package tributary.gateway.mqtt;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.stream.Stream;
import tributary.broker.Broker;
import tributary.broker.BrokerSettings;
import tributary.gateway.AttemptSettings;
import tributary.gateway.Checkpoint;
import tributary.gateway.DeviceTree;
import tributary.gateway.IntakeSettings;
import tributary.gateway.KeyRing;
import tributary.gateway.NoCertificates;
import tributary.gateway.RecentAttempts;
import tributary.log.LogSettings;
import tributary.log.SegmentLog;

/// The MQTT door over a log on disk and nothing else, to be loaded from another process: `DoorBench PORT SECONDS`.
/// Applications sign in with the password `secret-0` and may use every topic.
final class DoorBench {
    private DoorBench() {}

    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        Path folder = Files.createTempDirectory("door-bench");
        KeyRing keys = new KeyRing();
        keys.application("acme", "#");
        InstantSource clock = InstantSource.system();
        DeviceTree devices = new DeviceTree();
        MqttSettings settings = MqttSettings.DEFAULTS.on(port);
        try (SegmentLog log = SegmentLog.open(LogSettings.DEFAULTS, folder, clock);
                SegmentLog journal = SegmentLog.open(LogSettings.DEFAULTS, folder.resolve("sessions"), clock);
                Broker broker = Broker.start(
                        BrokerSettings.DEFAULTS,
                        new Broker.World(log, journal, new DeviceTree(), clock, System::nanoTime));
                MqttDoor door = MqttDoor.open(
                        settings,
                        new Checkpoint(
                                IntakeSettings.DEFAULTS,
                                devices,
                                log,
                                new RecentAttempts(AttemptSettings.DEFAULTS, devices, clock),
                                clock),
                        broker,
                        new MqttDoor.Identities(keys, new NoCertificates()),
                        clock)) {
            System.out.println("listening on " + door.port());
            Thread.sleep(Duration.ofSeconds(Integer.parseInt(arguments[1])));
            System.out.println(door.counts() + " " + log.stats() + " " + broker.counts());
        }
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted((a, b) -> b.compareTo(a)).forEach(file -> file.toFile().delete());
        }
    }
}
