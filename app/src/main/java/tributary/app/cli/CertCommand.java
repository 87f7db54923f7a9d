package tributary.app.cli;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tributary.gateway.tls.DevelopmentCertificates;

/// `tributary cert`: an authority of one's own and a server certificate, so that TLS needs nobody else.
@Command(
        name = "cert",
        description = {
            "Make a server certificate below the data folder, and the authority that signs it where there is none.",
            "For development and networks of your own; tributary up --tls does it by itself. A server that runs",
            "with --tls takes the new certificate without a restart."
        })
final class CertCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before any command runs
    private CommandSpec spec;

    @Mixin
    private final DataOption data = new DataOption();

    @Option(
            names = "--host",
            paramLabel = "NAME",
            description = "a name or address that clients call the server by, beside localhost and this machine's own;"
                    + " may be given several times")
    private List<String> hosts = new ArrayList<>();

    @Option(names = "--json", description = "print one JSON document")
    private boolean json;

    @Override
    public void run() {
        for (String host : hosts) {
            if (!host.matches("[A-Za-z0-9*.:-]{1,253}")) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "'" + host + "' is neither a host name nor an address",
                        "--host broker.example.org");
            }
        }
        DevelopmentCertificates own = new DevelopmentCertificates(
                data.path().toAbsolutePath().normalize().resolve("tls"), InstantSource.system(), new SecureRandom());
        Set<String> names = own.make(hosts);
        if (json) {
            Map<String, Object> made = new LinkedHashMap<>();
            made.put("authority", own.authority().toString());
            made.put("certificate", own.certificate().toString());
            made.put("key", own.key().toString());
            made.put("names", names);
            spec.commandLine().getOut().println(ServerClient.JSON.writeValueAsString(made));
            return;
        }
        spec.commandLine().getErr().println("made a certificate for " + String.join(", ", names));
        spec.commandLine().getErr().println("  authority    " + own.authority() + "   for clients: --cafile, --cacert");
        spec.commandLine().getErr().println("  certificate  " + own.certificate());
        spec.commandLine().getErr().println("  key          " + own.key() + "   for nobody else");
        spec.commandLine().getErr().println("tributary up --tls      uses it");
    }
}
