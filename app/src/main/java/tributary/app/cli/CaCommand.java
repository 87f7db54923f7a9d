package tributary.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `tributary ca ...`: the authorities whose certificates are devices.
@Command(
        name = "ca",
        description = {
            "Add, list and remove the authorities whose certificates sign in as devices, and revoke certificates.",
            "docs/tls.md shows how an authority and certificates are made."
        },
        subcommands = {
            CaCommand.Add.class,
            CaCommand.Ls.class,
            CaCommand.Revoke.class,
            CaCommand.Crl.class,
            CaCommand.Rm.class
        })
final class CaCommand {
    private static final String PATH = "/api/v1/authorities";

    private CaCommand() {}

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.NOT_FOUND, "cannot read " + file + ": " + e.getMessage(), "");
        }
    }

    @Command(name = "add", description = "Add an authority; what it signs are devices of the tenant.")
    static final class Add implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "FILE", description = "its certificate, PEM")
        @SuppressWarnings("NullAway.Init") // set by picocli before any command runs
        private Path file;

        @Option(names = "--title", paramLabel = "TEXT", description = "what people call it")
        private String title = "";

        @Option(
                names = "--proof",
                paramLabel = "FILE",
                description = "a certificate that it signed, subject 'CN=tributary tenant <tenant>'; needed where there"
                        + " are several tenants")
        private @Nullable Path proof;

        @Override
        public void run() {
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("title", title);
            body.put("certificate", read(file));
            if (proof != null) {
                body.put("proof", read(proof));
            }
            JsonNode added = server.client().post(PATH, body);
            if (server.json()) {
                server.out().println(added);
                return;
            }
            server.err()
                    .println("added " + added.path("subject").asString() + ", good until "
                            + added.path("notAfter").asString() + "; its id:");
            server.err().flush();
            server.out().println(added.path("id").asString());
        }
    }

    @Command(name = "ls", description = "List the authorities.")
    static final class Ls implements Runnable {
        @Mixin
        private final Listing list =
                new Listing(1, "id", "title", "subject", "fingerprint", "notAfter", "createdAt", "revoked");

        @Override
        public void run() {
            list.all(
                    list.client().get(PATH).path("authorities"),
                    new Table("ID", "SUBJECT", "TITLE", "UNTIL", "REVOKED"),
                    authority -> List.of(
                            authority.path("id").asString(),
                            authority.path("subject").asString(),
                            authority.path("title").asString(),
                            When.shown(authority.path("notAfter")),
                            authority.path("revoked").toString()));
        }
    }

    @Command(name = "revoke", description = "Make a certificate worthless; connections with it are closed.")
    static final class Revoke implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "ID", description = "of the authority")
        private String authority = "";

        @Option(names = "--certificate", paramLabel = "FILE", description = "the certificate, PEM")
        private @Nullable Path certificate;

        @Option(names = "--serial", paramLabel = "HEX", description = "its serial number")
        private @Nullable String serial;

        @Override
        public void run() {
            if ((certificate == null) == (serial == null)) {
                throw new CommandFailure(
                        ExitCode.USAGE, "which certificate?", "either --certificate FILE or --serial HEX");
            }
            Map<String, String> body =
                    certificate == null ? Map.of("serial", plain(serial)) : Map.of("fingerprint", digest(certificate));
            server.client().post(PATH + "/" + authority + "/revocations", body);
            server.err().println("revoked");
        }

        /// As people copy it: `0A:1B:...` or `0x0a1b`.
        private static String plain(@Nullable String hex) {
            String text = hex == null ? "" : hex.replace(":", "");
            return text.startsWith("0x") ? text.substring(2) : text;
        }

        private static String digest(Path file) {
            try (InputStream in = Files.newInputStream(file)) {
                byte[] encoded = CertificateFactory.getInstance("X.509")
                        .generateCertificate(in)
                        .getEncoded();
                return HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(encoded));
            } catch (IOException e) {
                throw new CommandFailure(ExitCode.NOT_FOUND, "cannot read " + file + ": " + e.getMessage(), "");
            } catch (GeneralSecurityException e) {
                throw new CommandFailure(ExitCode.USAGE, file + " is not a certificate in PEM", "");
            }
        }
    }

    @Command(name = "crl", description = "Take an authority's revocation list in place of the one before.")
    static final class Crl implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(index = "0", paramLabel = "ID", description = "of the authority")
        private String authority = "";

        @Parameters(index = "1", paramLabel = "FILE", description = "the list, PEM")
        @SuppressWarnings("NullAway.Init") // set by picocli before any command runs
        private Path file;

        @Override
        public void run() {
            server.client().put(PATH + "/" + authority + "/revocation-list", Map.of("list", read(file)));
            server.err().println("taken");
        }
    }

    @Command(name = "rm", description = "Remove an authority; its certificates mean nothing any more.")
    static final class Rm implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "ID")
        private String authority = "";

        @Option(names = "--yes", description = "do not ask")
        private boolean yes;

        @Override
        public void run() {
            Confirm.ask(
                    "remove authority " + authority + " and close all connections with its certificates?",
                    yes,
                    server.err());
            server.client().delete(PATH + "/" + authority);
            server.err().println("removed " + authority);
        }
    }
}
