package tributary.app.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.app.backup.FolderVersion;
import tributary.app.backup.Restore;
import tributary.model.PlatformException;

/// What a data folder says of itself, and who may use it.
class DataFolderTest {
    @TempDir
    private Path folder;

    private List<String> names() throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void folderSaysWhichVersionWroteIt() throws Exception {
        DataFolder.open(folder).close();

        assertThat(folder.resolve("version")).hasContent("format 1\nprogram " + Version.TEXT + "\n");
        Files.writeString(folder.resolve("version"), "format 1\nprogram 0.0.1\n");
        DataFolder.open(folder).close();
        assertThat(FolderVersion.of(folder, Version.TEXT)).isEqualTo(new FolderVersion(1, Version.TEXT));
    }

    @Test
    void folderOfANewerVersionIsRefusedUntouched() throws Exception {
        Files.writeString(folder.resolve("version"), "format 7\nprogram 9.1.0\n");

        assertThatThrownBy(() -> DataFolder.open(folder))
                .isInstanceOf(PlatformException.class)
                .hasMessageContaining("format 7, written by Tributary 9.1.0")
                .hasMessageContaining("this is Tributary " + Version.TEXT)
                .hasMessageContaining("formats up to 1")
                .hasMessageContaining("Start version 9.1.0 or a later one")
                .hasMessageContaining("tributary restore");
        assertThat(names()).containsExactly("version");
        assertThat(folder.resolve("version")).hasContent("format 7\nprogram 9.1.0\n");
    }

    @Test
    void folderWhoseVersionCannotBeReadIsRefusedUntouched() throws Exception {
        Files.writeString(folder.resolve("version"), "format\n");

        assertThatThrownBy(() -> DataFolder.open(folder)).hasMessageContaining("does not say which version");
        assertThat(names()).containsExactly("version");
    }

    @Test
    void folderOfAnUnfinishedRestoreIsRefused() throws Exception {
        Files.createFile(folder.resolve(Restore.UNFINISHED));

        assertThatThrownBy(() -> DataFolder.open(folder))
                .hasMessageContaining("was being restored")
                .hasMessageContaining("tributary restore");
    }

    @Test
    void folderIsUsedByOneProcessAtATime() throws Exception {
        try (DataFolder first = DataFolder.open(folder)) {
            assertThat(first.fresh()).isTrue();
            assertThatThrownBy(() -> DataFolder.open(folder)).hasMessageContaining("in use by another process");
        }
        DataFolder.open(folder).close();
    }
}
