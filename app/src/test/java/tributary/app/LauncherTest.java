package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Finds a JDK that is new enough, or says what to install.
class LauncherTest {
    @TempDir
    private Path folder;

    @Test
    void anOldJdkAloneGetsAMessageThatNamesItAndWhatToInstall() throws Exception {
        Path old = jdk("jdk-17", "17.0.15");

        Said said = findAmong(old);

        assertThat(said.exit()).isNotZero();
        assertThat(said.text())
                .contains("needs a JDK 25 or newer, and none was found")
                .contains(old + " (Java 17)")
                .contains("Install one, for example:")
                .contains("JAVA_HOME");
    }

    @Test
    void theFirstJdkThatIsNewEnoughIsTakenWhateverStandsBeforeIt() throws Exception {
        Path old = jdk("jdk-17", "17.0.15");
        Path good = jdk("jdk-25", "25.0.3");

        Said said = findAmong(old, folder.resolve("none"), good, jdk("jdk-26", "26"));

        assertThat(said.exit()).isZero();
        assertThat(said.text().strip()).isEqualTo(good.toString());
    }

    @Test
    void aRuntimeWithoutACompilerIsNoJdk() throws Exception {
        Path runtime = folder.resolve("jre-25");
        Files.createDirectories(runtime.resolve("bin"));
        Files.writeString(runtime.resolve("release"), "JAVA_VERSION=\"25\"\n");

        assertThat(findAmong(runtime).exit()).isNotZero();
    }

    /// What Maven is asked for is written down, and a small program comes of it.
    @Test
    void aCloneThatWasNeverBuiltIsBuiltAndOnlyAfterAChangeAgain() throws Exception {
        Path clone = unbuilt();

        Said first = launch(clone, "version");
        assertThat(first.text()).contains("building (a minute or two the first time)", "this is version");
        assertThat(first.exit()).isZero();
        Path calls = clone.resolve("calls");
        assertThat(Files.readAllLines(calls)).singleElement().asString().contains("-DskipTests", "package");

        assertThat(launch(clone, "version").text().strip()).isEqualTo("this is version");
        assertThat(Files.readAllLines(calls)).hasSize(1);

        Path built = clone.resolve("app/target/lib/tributary-app-1.jar");
        Files.setLastModifiedTime(built, FileTime.from(Instant.parse("2026-01-01T00:00:00Z")));
        assertThat(launch(clone, "version").text()).contains("building", "this is version");
        assertThat(Files.readAllLines(calls)).hasSize(2);
    }

    @Test
    void devCalledBareListsEveryCommandInALineEach() throws Exception {
        Path dev = Checkout.root().resolve("dev");
        List<String> known = Pattern.compile("(?m)^    ([a-z]+(?: \\| [a-z]+)*)\\)")
                .matcher(Files.readString(dev))
                .results()
                .flatMap(label -> Stream.of(label.group(1).split(" \\| ")))
                .toList();
        assertThat(known).contains("build", "test", "check", "bench", "sim", "run", "tidy", "docs");

        Said bare = said(
                new ProcessBuilder(dev.toString()).redirectErrorStream(true).start());

        assertThat(bare.exit()).isZero();
        assertThat(bare.text().lines())
                .allMatch(line -> line.matches("\\./dev [a-z]+ .{10,120}"))
                .extracting(line -> line.split(" ")[1])
                .containsExactlyInAnyOrderElementsOf(known);
        Said unknown = said(new ProcessBuilder(dev.toString(), "no-such")
                .redirectErrorStream(true)
                .start());
        assertThat(unknown.exit()).isEqualTo(1);
        assertThat(unknown.text()).isEqualTo(bare.text());
    }

    @Test
    void aBuildThatFailsAndAMissingMavenAreSaid() throws Exception {
        Path clone = unbuilt();
        Files.writeString(clone.resolve("bin/mvn"), "#!/bin/sh\nexit 1\n");

        Said failed = launch(clone, "version");
        assertThat(failed.exit()).isEqualTo(1);
        assertThat(failed.text()).contains("the build failed", "check the network");

        Files.delete(clone.resolve("bin/mvn"));
        Said missing = launch(clone, "version");
        assertThat(missing.exit()).isEqualTo(1);
        assertThat(missing.text()).contains("Maven builds it the first time and was not found", "apt install maven");
    }

    /// A folder with the launcher and one source, whose build takes a second.
    private Path unbuilt() throws IOException {
        Path clone = folder.resolve("clone");
        for (String file : List.of("tributary", ".mvn/jdk.sh")) {
            Path to = clone.resolve(file);
            Files.createDirectories(to.getParent());
            Files.copy(Checkout.root().resolve(file), to, StandardCopyOption.COPY_ATTRIBUTES);
        }
        Path source = clone.resolve("app/src/main/java/tributary/app/Main.java");
        Files.createDirectories(source.getParent());
        Files.writeString(source, """
                package tributary.app;

                public class Main {
                    public static void main(String[] arguments) {
                        System.out.println("this is " + String.join(" ", arguments));
                    }
                }
                """);
        Files.writeString(clone.resolve("pom.xml"), "<project/>\n");
        Path maven = clone.resolve("bin/mvn");
        Files.createDirectories(maven.getParent());
        Files.writeString(maven, """
                #!/bin/sh
                set -e
                echo "$@" >>calls
                "$JAVA_HOME/bin/javac" -d app/target/classes app/src/main/java/tributary/app/Main.java
                mkdir -p app/target/lib
                "$JAVA_HOME/bin/jar" --create --file app/target/lib/tributary-app-1.jar -C app/target/classes .
                """);
        assertThat(maven.toFile().setExecutable(true)).isTrue();
        return clone;
    }

    /// Runs the launcher with only the system's tools and the clone's own Maven on the path.
    private static Said launch(Path clone, String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(clone.resolve("tributary").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        Path tools = clone.resolve("tools");
        if (Files.notExists(tools)) {
            Files.createDirectories(tools);
            for (String tool : List.of(
                    "cat",
                    "cksum",
                    "cut",
                    "dirname",
                    "env",
                    "find",
                    "head",
                    "ls",
                    "mkdir",
                    "readlink",
                    "sed",
                    "uname")) {
                Path one = Files.writeString(
                        tools.resolve(tool), "#!/bin/sh\nPATH=/usr/bin:/bin\nexec " + tool + " \"$@\"\n");
                assertThat(one.toFile().setExecutable(true)).isTrue();
            }
        }
        builder.environment().put("PATH", clone.resolve("bin") + ":" + tools);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("TRIBUTARY_AOT", "off");
        builder.environment().remove("TRIBUTARY_JAVA_OPTS");
        return said(builder.start());
    }

    private Path jdk(String name, String version) throws IOException {
        Path home = folder.resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        assertThat(Files.createFile(home.resolve("bin/javac")).toFile().setExecutable(true))
                .isTrue();
        return home;
    }

    private record Said(int exit, String text) {}

    private static Said findAmong(Path... homes) throws IOException, InterruptedException {
        StringBuilder script = new StringBuilder(". '")
                .append(Checkout.root().resolve(".mvn/jdk.sh"))
                .append("'\n");
        script.append("jdk_candidates() {\n");
        for (Path home : homes) {
            script.append("echo '").append(home).append("'\n");
        }
        script.append("}\nfind_jdk && echo \"$JAVA_HOME\"");
        return said(new ProcessBuilder("sh", "-c", script.toString())
                .redirectErrorStream(true)
                .start());
    }

    private static Said said(Process process) throws IOException, InterruptedException {
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Said(process.exitValue(), text);
    }
}
