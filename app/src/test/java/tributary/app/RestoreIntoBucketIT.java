package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `tributary restore --lake s3://bucket/prefix`: a backup of a lake in a folder becomes one in a bucket, in one step.
class RestoreIntoBucketIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String PLACE = "s3://history/straight";

    @TempDir
    private Path temp;

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void whatIsRestoredIsInTheBucketAndNothingOfItInTheFolder() throws Exception {
        Path data = temp.resolve("data");
        Path backup = temp.resolve("backup");
        Path folder = temp.resolve("restored");
        try (BucketSite site = BucketSite.start();
                ServerProcess server =
                        ServerProcess.start(data, "--set", "lake.idle-age=1s", "--set", "lake.seal-age=1s")) {
            Pump pump = Pump.at(server, "pump");
            pump.publish(server, 100);
            Await.until("everything becomes visible", SOON, Rest.of(server)::everythingVisible);
            done("backup", backup, data, List.of());

            done("restore", backup, folder, into(site));

            assertThat(folder.resolve("lake/place")).hasContent(PLACE);
            assertThat(folder.resolve("lake/catalog.db")).doesNotExist();
            assertThat(folder.resolve("lake/main/readings")).doesNotExist();
            List<String> flags = new ArrayList<>(site.reached());
            flags.addAll(List.of("--set", "lake.warehouse=" + PLACE));
            try (ServerProcess restored = ServerProcess.start(folder, flags.toArray(String[]::new))) {
                Rest rest = Rest.of(restored);
                Await.until("everything becomes visible", SOON, rest::everythingVisible);
                assertThat(pump.stored(rest))
                        .containsExactlyInAnyOrderElementsOf(pump.acknowledged())
                        .isSorted();
                assertThat(restored.stop()).as(restored.errors()).isZero();
            }
            ServerProcess.Outcome taken = run("restore", backup, temp.resolve("taken"), into(site));
            assertThat(taken.exit()).isNotZero();
            assertThat(taken.err()).contains("catalogue names tables already", "tributary lake move --to " + PLACE);
        }
    }

    private static List<String> into(BucketSite site) {
        List<String> flags = new ArrayList<>(List.of("--lake", PLACE));
        flags.addAll(site.reached());
        return flags;
    }

    private static void done(String command, Path backup, Path data, List<String> flags) throws Exception {
        ServerProcess.Outcome outcome = run(command, backup, data, flags);
        assertThat(outcome.exit()).as(outcome.err()).isZero();
    }

    private static ServerProcess.Outcome run(String command, Path backup, Path data, List<String> flags)
            throws Exception {
        List<String> words = new ArrayList<>(Arrays.asList(command, backup.toString(), "--data", data.toString()));
        words.addAll(flags);
        return ServerProcess.run(words.toArray(String[]::new));
    }
}
