package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
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
        Process process = new ProcessBuilder("sh", "-c", script.toString())
                .redirectErrorStream(true)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Said(process.exitValue(), text);
    }
}
