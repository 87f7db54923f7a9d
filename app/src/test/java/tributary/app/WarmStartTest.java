package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The launcher and what Java learnt for it, with a Java that only writes down how it was called.
class WarmStartTest {
    private static final String JAVA = """
            #!/bin/sh
            echo "$@" >>"$(dirname "$0")/calls"
            for flag; do
                case $flag in
                    -XX:AOTMode=record) [ ! -e "$(dirname "$0")/broken" ] || exit 1 ;;
                    -XX:AOTConfiguration=*) : >"${flag#*=}" ;;
                    -XX:AOTCache=*.making/cache | -XX:AOTCache=*.making/client) echo learnt >"${flag#*=}" ;;
                esac
            done
            """;

    @TempDir
    private Path folder;

    private Path home;
    private Path jdk;
    private Path jar;

    @BeforeEach
    void aBuiltCheckoutAndAJdk() throws IOException {
        home = folder.resolve("checkout");
        Path root = Checkout.root();
        Files.createDirectories(home.resolve(".mvn"));
        Files.copy(root.resolve("tributary"), home.resolve("tributary"));
        Files.copy(root.resolve(".mvn/jdk.sh"), home.resolve(".mvn/jdk.sh"));
        Files.copy(root.resolve(".mvn/aot.sh"), home.resolve(".mvn/aot.sh"));
        Files.createDirectories(home.resolve("app/src/main"));
        Files.createDirectories(home.resolve("app/target/lib"));
        jar = Files.createFile(home.resolve("app/target/lib/tributary-app.jar"));
        jdk = folder.resolve("jdk");
        Files.createDirectories(jdk.resolve("bin"));
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.3\"\n");
        assertThat(Files.writeString(jdk.resolve("bin/java"), JAVA).toFile().setExecutable(true))
                .isTrue();
        assertThat(Files.createFile(jdk.resolve("bin/javac")).toFile().setExecutable(true))
                .isTrue();
    }

    @Test
    void whatJavaLearntOnceIsUsedByEveryCommandAfterwards() throws Exception {
        launch("now", "up");

        assertThat(calls()).hasSize(4);
        assertThat(calls().get(0))
                .contains("-XX:AOTMode=record", "tributary.app.Main warm-up -- ")
                .endsWith("tributary.app.Main warm-up-client");
        assertThat(calls().get(1)).contains("-XX:AOTMode=create", "-XX:+UseParallelGC");
        assertThat(calls().get(2)).contains("-XX:AOTMode=create", "-XX:+UseSerialGC");
        Path cache = cache();
        assertThat(calls().get(3)).contains("-XX:AOTCache=" + cache).endsWith("tributary.app.Main up");
        launch("", "doctor");
        assertThat(calls().get(4)).contains("-XX:AOTCache=" + cache);
        launch("off", "status");
        assertThat(calls().get(5)).doesNotContain("AOTCache");
        assertThat(Files.exists(home.resolve(cache + ".making"))).isFalse();
    }

    @Test
    void whatOnlyAsksAServerHasWhatJavaLearntForThatAndFewerLibraries() throws Exception {
        Path theirs = Files.createFile(home.resolve("app/target/lib/zstd-jni.jar"));
        Path picocli = Files.createFile(home.resolve("app/target/lib/picocli-4.jar"));
        Path yaml = Files.createFile(home.resolve("app/target/lib/snakeyaml-engine-3.jar"));
        launch("now", "up");

        launch("", "device");

        assertThat(calls().get(3)).contains(jar.toString(), picocli.toString(), theirs.toString());
        assertThat(calls().getLast())
                .contains("-XX:AOTCache=" + cache().toString().replace(".aot", "-client.aot"))
                .contains(picocli + ":" + yaml + ":" + jar + " ")
                .doesNotContain(theirs.toString());
    }

    @Test
    void whatAnOlderBuildLeftIsNotUsed() throws Exception {
        launch("now", "up");
        Files.setLastModifiedTime(jar, FileTime.from(Instant.parse("2999-01-01T00:00:00Z")));

        for (String command : List.of("status", "doctor")) {
            launch("", command);
            assertThat(calls().getLast()).doesNotContain("AOTCache");
        }
    }

    @Test
    void anotherJdkLearnsForItself() throws Exception {
        launch("now", "up");
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"26\"\n");

        launch("", "status");

        assertThat(calls().getLast()).doesNotContain("AOTCache");
    }

    @Test
    void aJavaThatCannotLearnStartsAllTheSameAndIsNotAskedAgain() throws Exception {
        Files.createFile(jdk.resolve("bin/broken"));

        launch("now", "up");
        launch("now", "up");

        assertThat(calls()).hasSize(3);
        assertThat(calls().get(1)).doesNotContain("AOTCache").endsWith("tributary.app.Main up");
        assertThat(calls().get(2)).doesNotContain("AOTCache").endsWith("tributary.app.Main up");
    }

    @Test
    void aLauncherThatSomebodyElseIsMakingItForDoesNotWait() throws Exception {
        launch("now", "up");
        Path cache = cache();
        Files.delete(cache);
        Path making = Files.createDirectory(home.resolve(cache + ".making"));
        Files.writeString(
                making.resolve("pid"), Long.toString(ProcessHandle.current().pid()));

        launch("now", "up");

        assertThat(calls().getLast()).doesNotContain("AOTCache").endsWith("tributary.app.Main up");
        assertThat(Files.exists(cache)).isFalse();
        Files.writeString(making.resolve("pid"), "999999999"); // whoever made it is gone
        launch("now", "up");
        assertThat(calls().getLast()).contains("-XX:AOTCache=" + cache);
    }

    private Path cache() throws IOException {
        try (Stream<Path> files = Files.list(home.resolve("app/target/aot"))) {
            return files.filter(file ->
                            file.toString().endsWith(".aot") && !file.toString().endsWith("-client.aot"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private List<String> calls() throws IOException {
        return Files.readAllLines(jdk.resolve("bin/calls"));
    }

    private void launch(String aot, String command) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder("sh", home.resolve("tributary").toString(), command);
        builder.environment().keySet().removeIf(name -> name.startsWith("TRIBUTARY_"));
        builder.environment().put("JAVA_HOME", jdk.toString());
        builder.environment().put("TRIBUTARY_AOT", aot);
        Process process = builder.redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(text).isZero();
    }
}
