package tributary.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// What a person reads when the folder of the log cannot be used.
class LogFolderTest {
    @TempDir
    Path folder;

    private SegmentLog open(Path where) {
        return SegmentLog.open(LogContract.SMALL, where, InstantSource.system());
    }

    @Test
    void aFolderInUseNamesItselfAndTheWayOut() {
        try (SegmentLog log = open(folder)) {
            assertThat(log.damage()).isEmpty();

            PlatformException told = catchThrowableOfType(PlatformException.class, () -> open(folder));

            assertThat(told.fault()).isEqualTo(Fault.DATA_FOLDER);
            assertThat(told.detail()).contains(folder.toString()).contains("in use by another process");
        }
    }

    @Test
    void aSecondProcessIsKeptOutToo() throws Exception {
        try (SegmentLog log = open(folder)) {
            assertThat(log.partitions()).isEqualTo(2);
            Process second = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Second.class.getName(),
                            folder.toString())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(second.getInputStream().readAllBytes());
            assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(said).contains("in use by another process");
        }
    }

    /// The second process.
    static final class Second {
        public static void main(String[] arguments) {
            try (SegmentLog log = SegmentLog.open(LogContract.SMALL, Path.of(arguments[0]), InstantSource.system())) {
                System.out.println("opened " + log.partitions());
            } catch (PlatformException e) {
                System.out.println(e.detail());
            }
        }
    }

    @Test
    void theFolderIsFreeAgainAfterClosing() {
        open(folder).close();

        open(folder).close();
    }

    @Test
    void aPathThatIsNoFolderIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");

        assertThatThrownBy(() -> open(file.resolve("log")))
                .isInstanceOf(PlatformException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void aNewerFormatIsRefusedWithBothVersions() throws IOException {
        open(folder).close();
        String text = "tributary-log 2\npartitions 2\nsalt 0123456789abcdef\n";
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes());
        Files.writeString(folder.resolve("meta"), text + "check %08x\n".formatted(crc.getValue()));

        PlatformException told = catchThrowableOfType(PlatformException.class, () -> open(folder));

        assertThat(told.fault()).isEqualTo(Fault.DATA_FOLDER);
        assertThat(told.detail()).contains("newer Tributary (log format 2, this one knows 1)");
    }

    @Test
    void filesAreForTheirOwnerOnly() throws IOException {
        Path where = folder.resolve("log");
        try (SegmentLog log = open(where)) {
            log.reader("lake").close();
            try (Stream<Path> paths = Files.walk(where)) {
                List<Path> all = paths.toList();
                assertThat(all).hasSizeGreaterThan(4);
                for (Path path : all) {
                    String rights = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
                    assertThat(rights)
                            .as(path.toString())
                            .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------");
                }
            }
        }
    }
}
