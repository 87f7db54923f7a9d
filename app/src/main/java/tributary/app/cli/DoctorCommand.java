package tributary.app.cli;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `tributary doctor`: looks at this machine and says what could go wrong, and the fix.
@Command(
        name = "doctor",
        description = {
            "Look at ports, disk, clock, memory, open files, TLS and DNS of this machine, and at the server where one runs.",
            "Each line is ok, warn or bad; what is not ok comes with its fix. Exit code 7 where something is bad."
        })
final class DoctorCommand implements Callable<Integer> {
    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Option(names = "--mqtt-port", paramLabel = "PORT", description = "the port to look at (${DEFAULT-VALUE})")
    private int mqttPort = 1883;

    @Option(names = "--http-port", paramLabel = "PORT", description = "the port to look at (${DEFAULT-VALUE})")
    private int httpPort = 8080;

    @Override
    public Integer call() {
        Doctor doctor = new Doctor(server.data(), mqttPort, httpPort);
        List<Doctor.Finding> findings = doctor.look(server::client);
        for (Doctor.Finding finding : findings) {
            if (server.json()) {
                server.out()
                        .println(ServerClient.JSON.writeValueAsString(Map.of(
                                "level", finding.level().word(),
                                "what", finding.what(),
                                "detail", finding.detail(),
                                "fix", finding.fix())));
            } else {
                server.out().printf("%-5s %-12s %s%n", finding.level().word(), finding.what(), finding.detail());
                if (!finding.fix().isEmpty()) {
                    server.out().printf("%-5s %-12s -> %s%n", "", "", finding.fix());
                }
            }
        }
        server.out().flush();
        boolean bad = findings.stream().anyMatch(finding -> finding.level() == Doctor.Level.BAD);
        return (bad ? ExitCode.CHECK_FOUND_PROBLEMS : ExitCode.OK).number();
    }
}
