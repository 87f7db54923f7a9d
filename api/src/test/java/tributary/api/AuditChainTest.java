package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AuditChainTest {
    @TempDir
    private Path folder;

    private final List<String> lines = new ArrayList<>();

    private String write(int count) throws IOException {
        String before = AuditChain.resume(folder);
        for (int i = 0; i < count; i++) {
            String line = AuditChain.link(before, "2026-11-28T10:00:0" + i + "Z action=addDevice status=201");
            before = line.substring(line.length() - 32);
            lines.add(line);
            Files.writeString(
                    folder.resolve("audit.log"), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
        return before;
    }

    @Test
    void chainGoesOnOverRestartsAndOverFilesThatWereRolled() throws IOException {
        write(3);
        write(2);
        Files.move(folder.resolve("audit.log"), folder.resolve("audit.1.log"));
        String last = write(2);

        assertThat(AuditChain.check(folder)).isEqualTo(new AuditChain.Checked(7, List.of(), last));
    }

    @Test
    void oldestFilesMayBeGone() throws IOException {
        write(3);
        Files.delete(folder.resolve("audit.log"));
        Files.writeString(folder.resolve("audit.log"), lines.get(2) + "\n");
        write(1);

        assertThat(AuditChain.check(folder).breaks()).isEmpty();
    }

    @Test
    void anyChangedLineIsFound() throws IOException {
        write(6);
        for (int at = 1; at < 5; at++) {
            List<String> changed = new ArrayList<>(lines);
            changed.set(at, changed.get(at).replace("status=201", "status=403"));
            Files.write(folder.resolve("audit.log"), changed);
            assertThat(AuditChain.check(folder).breaks())
                    .as("changed")
                    .containsExactly("line " + (at + 1) + " of audit.log does not follow from the line before");

            List<String> without = new ArrayList<>(lines);
            without.remove(at);
            Files.write(folder.resolve("audit.log"), without);
            assertThat(AuditChain.check(folder).breaks()).as("taken out").hasSize(1);

            List<String> turned = new ArrayList<>(lines);
            turned.add(at, turned.remove(at + (at < 4 ? 1 : 0)));
            Files.write(folder.resolve("audit.log"), turned);
            if (at < 4) {
                assertThat(AuditChain.check(folder).breaks()).as("turned round").isNotEmpty();
            }
        }
    }

    @Test
    void lineThatAPowerCutLeftIsABreakAndTheNextOneGoesOn() throws IOException {
        write(2);
        Files.writeString(folder.resolve("audit.log"), "2026-11-28T10:00:09Z act", StandardOpenOption.APPEND);
        write(2);

        AuditChain.Checked checked = AuditChain.check(folder);
        assertThat(checked.lines()).isEqualTo(4);
        assertThat(checked.breaks()).containsExactly("line 3 of audit.log has no digest");
    }

    @Test
    void linesOfAnOlderVersionAreNotJudged() throws IOException {
        Files.writeString(folder.resolve("audit.log"), "2025-01-01T10:00:00Z action=addDevice status=201\n");
        write(2);

        assertThat(AuditChain.check(folder).breaks()).isEmpty();
        assertThat(AuditChain.check(folder.resolve("none")).lines()).isZero();
    }
}
