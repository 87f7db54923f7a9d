package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.Event;
import tributary.model.TenantId;

@EnabledOnOs(OS.LINUX)
final class UnpackedLibrariesTest {
    @TempDir
    Path folder;

    @Test
    void aKilledProcessWouldLeaveNoLibraryInTheTemporaryFolder() throws Exception {
        LakeCatalog.open(folder);
        SideTail rows = new SideTail(Side.EVENTS, 1);
        Event event = World.event(TenantId.MAIN, "a", Event.Kind.CONNECTED);
        new MessageRows().event(rows, event, new SideTail.Origin(0, 0, 0));
        try (ParquetFiles parquet = new ParquetFiles(64L << 20)) {
            for (SideRows day : SideRows.byDay(rows).values()) {
                parquet.write(folder.resolve("one.parquet"), day);
            }
        }
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            List<String> libraries = maps.filter(line -> line.contains(".so") && line.contains(" /tmp/"))
                    .map(line -> line.substring(line.indexOf('/')))
                    .distinct()
                    .toList();
            assertThat(libraries).isNotEmpty().allMatch(library -> library.endsWith("(deleted)"));
        }
    }
}
