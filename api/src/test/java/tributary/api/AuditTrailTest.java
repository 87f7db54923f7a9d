package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AuditTrailTest {
    @TempDir
    private Path folder;

    @Test
    void newestComeFirstAlsoFromFilesThatWereRolled() throws IOException {
        Files.writeString(folder.resolve("audit.2.log"), line("1", "a", "device:old"));
        Files.writeString(folder.resolve("audit.1.log"), line("2", "a", "device:older") + line("3", "a", "device:b"));
        Files.writeString(folder.resolve("audit.log"), line("4", "a", "device:c") + "half a li");

        assertThat(new AuditTrail(folder).newest(of -> of.tenant().equals("a"), 3))
                .extracting(AuditTrail.Line::at)
                .containsExactly("4", "3", "2");
    }

    @Test
    void linesOfOtherTenantsAreNotSeenWhateverTheirSubjectSays() throws IOException {
        Files.writeString(
                folder.resolve("audit.log"),
                line("1", "b", "user:x tenant=a subject=y target=- peer=1.1.1.1") + line("2", "a", "user:two words"));

        assertThat(new AuditTrail(folder).newest(of -> of.tenant().equals("a"), 10))
                .containsExactly(
                        new AuditTrail.Line("2", "addDevice", 201, "a", "user:two words", "{device=p}", "127.0.0.1"));
    }

    @Test
    void nothingWasDoneWhereThereIsNoFile() {
        assertThat(new AuditTrail(folder).newest(_ -> true, 10)).isEmpty();
    }

    private static String line(String at, String tenant, String subject) {
        return at + " action=addDevice status=201 tenant=" + tenant + " subject=" + subject
                + " target={device=p} peer=127.0.0.1\n";
    }
}
