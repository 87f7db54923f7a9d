package tributary.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.AuditChain;

class DoctorTest {
    @TempDir
    Path folder;

    @Test
    void takenPortIsSaidWithItsFix() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<Doctor.Finding> findings = look(folder, taken.getLocalPort());

            assertThat(findings)
                    .filteredOn(finding -> finding.what().equals("port " + taken.getLocalPort()))
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.level()).isEqualTo(Doctor.Level.WARN);
                        assertThat(finding.fix()).contains("--mqtt-port");
                    });
        }
    }

    @Test
    void everythingIsLookedAtAndNothingIsLeftBehind() throws IOException {
        List<Doctor.Finding> findings = look(folder.resolve("not-yet/there"), 0);

        assertThat(findings)
                .extracting(Doctor.Finding::what)
                .contains(
                        "java", "server", "disk", "flush", "memory", "open files", "clock", "tls", "audit log", "dns");
        assertThat(findings)
                .filteredOn(finding -> finding.level() != Doctor.Level.OK)
                .allMatch(finding -> !finding.fix().isEmpty());
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void wallsThatTheSystemDoesNotGiveAreSaid() {
        ObjectNode query = JsonNodeFactory.instance.objectNode();
        query.putArray("walls").add("memory");
        ArrayNode missing = query.putArray("missing");

        assertThat(Doctor.walls(query).level()).isEqualTo(Doctor.Level.OK);

        missing.add("no network").add("reads only its tenant's folder");
        assertThat(Doctor.walls(query)).satisfies(finding -> {
            assertThat(finding.level()).isEqualTo(Doctor.Level.WARN);
            assertThat(finding.detail()).contains("no network, reads only its tenant's folder");
            assertThat(finding.fix()).contains("Landlock");
        });
        assertThat(Doctor.walls(MissingNode.getInstance()).level()).isEqualTo(Doctor.Level.OK);
    }

    @Test
    void auditLogThatSomebodyChangedIsFound() throws IOException {
        String first = AuditChain.link(AuditChain.BEGIN, "one");
        String second = AuditChain.link(first.substring(first.length() - 32), "two");
        Files.writeString(folder.resolve("audit.log"), first + "\n" + second + "\n");
        assertThat(look(folder, 0))
                .filteredOn(finding -> finding.what().equals("audit log"))
                .singleElement()
                .satisfies(finding -> assertThat(finding.detail()).contains("2 lines"));

        Files.writeString(folder.resolve("audit.log"), first + "\n" + second.replace("two", "ten") + "\n");
        assertThat(look(folder, 0))
                .filteredOn(finding -> finding.what().equals("audit log"))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.level()).isEqualTo(Doctor.Level.WARN);
                    assertThat(finding.detail()).contains("line 2 of audit.log");
                });
    }

    @Test
    void fileThatIsNoCertificateIsFound() throws IOException {
        Files.createDirectory(folder.resolve("tls"));
        Files.writeString(folder.resolve("tls/server.pem"), "no certificate");
        Files.writeString(folder.resolve("tls/server-key.pem"), "is not looked at");

        List<Doctor.Finding> findings = look(folder, 0);

        assertThat(findings)
                .filteredOn(finding -> finding.what().equals("tls"))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.level()).isEqualTo(Doctor.Level.BAD);
                    assertThat(finding.detail()).contains("server.pem");
                });
    }

    private static List<Doctor.Finding> look(Path data, int port) {
        return new Doctor(data, port, 0).look(() -> {
            throw new CommandFailure(ExitCode.CANNOT_CONNECT, "none runs", "");
        });
    }
}
