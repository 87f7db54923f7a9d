package tributary.app.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `tributary tenant ...`: the tenants of an installation from the shell, for its operator.
@Command(
        name = "tenant",
        description = "Add, list, limit and remove tenants; needs a key of an owner of the tenant main.",
        subcommands = {
            TenantCommand.Add.class,
            TenantCommand.Ls.class,
            TenantCommand.Rm.class,
            TenantLimitsCommand.class,
            TenantCommand.Removals.class
        })
final class TenantCommand {
    private static final String PATH = "/api/v1/tenants";

    private TenantCommand() {}

    @Command(name = "add", description = "Add a tenant and print the link that signs its first owner in.")
    static final class Add implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "NAME", description = "1 to 40 of a-z, 0-9 and '-'")
        private String name = "";

        @Option(names = "--title", paramLabel = "TEXT", description = "what people call it")
        private String title = "";

        @Override
        public void run() {
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("id", name);
            body.put("title", title.isEmpty() ? name : title);
            ServerClient client = server.client();
            JsonNode made = client.post(PATH, body);
            if (server.json()) {
                server.out().println(made);
                return;
            }
            server.err().println("added " + name + "; this link signs its first owner in, once, within a day:");
            server.err().flush();
            server.out().println(client.base() + made.path("link").asString(""));
        }
    }

    @Command(name = "ls", description = "List tenants.")
    static final class Ls implements Runnable {
        @Mixin
        private final Listing list = new Listing(1, "id", "title", "createdAt");

        @Override
        public void run() {
            list.all(
                    list.client().get(PATH).path("tenants"),
                    new Table("TENANT", "TITLE", "ADDED"),
                    tenant -> List.of(
                            tenant.path("id").asString(),
                            tenant.path("title").asString(""),
                            When.shown(tenant.path("createdAt"))));
        }
    }

    @Command(
            name = "rm",
            description = "Remove a tenant with its people, devices, rules and sinks, and erase all that it sent.")
    static final class Rm implements Runnable {
        @Mixin
        private final Removal removal = new Removal();

        @Override
        public void run() {
            removal.of(
                    "remove tenant %s with its people, devices, rules and sinks, and erase all that it sent? It cannot"
                            + " be undone.",
                    PATH, "; what it sent is being erased, also over restarts, see: tributary tenant removals");
        }
    }

    @Command(name = "removals", description = "Show how far the removal of tenants is.")
    static final class Removals implements Runnable {
        @Mixin
        private final Listing list = new Listing(1, "id", "removedAt", "phase", "phaseSince");

        @Override
        public void run() {
            list.all(
                    list.client().get("/api/v1/tenant-removals").path("removals"),
                    new Table("TENANT", "REMOVED", "PHASE", "SINCE"),
                    removal -> List.of(
                            removal.path("id").asString(""),
                            When.shown(removal.path("removedAt")),
                            removal.path("phase").asString(""),
                            When.shown(removal.path("phaseSince"))));
        }
    }
}
