package tributary.app.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `tributary tenant limits NAME`: what holds for a tenant and how much of it is used; with `--set` or `--unset`
/// another one, which needs a key of an owner of the tenant main.
@Command(
        name = "limits",
        description = "Show the limits of a tenant and how much of them is used, or set some.",
        footer = {
            "",
            "Examples:",
            "  tributary tenant limits acme",
            "  tributary tenant limits acme --set devices=500 --set messageRate=200",
            "  tributary tenant limits acme --unset messageRate"
        })
final class TenantLimitsCommand implements Runnable {
    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Parameters(paramLabel = "NAME", description = "the tenant")
    private String name = "";

    @Option(names = "--set", paramLabel = "LIMIT=NUMBER", description = "a limit of its own; may be given again")
    private Map<String, Long> set = new LinkedHashMap<>();

    @Option(
            names = "--unset",
            paramLabel = "LIMIT",
            description = "what the settings say holds again; may be given again")
    private List<String> unset = List.of();

    @Override
    public void run() {
        ServerClient client = server.client();
        String path = "/api/v1/tenants/" + ServerClient.piece(name) + "/limits";
        JsonNode limits = client.get(path);
        if (!set.isEmpty() || !unset.isEmpty()) {
            limits = client.put(path, wanted(limits));
            server.err().println("set for " + name + "; it holds from now on, without a restart");
            server.err().flush();
        }
        if (server.json()) {
            server.out().println(limits);
            return;
        }
        Table table = new Table("LIMIT", "USED", "MOST", "FROM", "WHAT");
        for (JsonNode limit : limits.path("limits")) {
            table.row(
                    limit.path("name").asString(""),
                    limit.has("use") ? limit.path("use").asString("") : "-",
                    limit.path("limit").asString(""),
                    limit.path("own").booleanValue()
                            ? "its own"
                            : limit.path("setting").asString(""),
                    limit.path("meaning").asString(""));
        }
        table.print(server.out());
    }

    /// The server wants all of them; one that it does not know is sent, so that it says which there are.
    private Map<String, Object> wanted(JsonNode now) {
        Map<String, Object> wanted = new LinkedHashMap<>();
        for (JsonNode limit : now.path("limits")) {
            if (limit.path("own").booleanValue()) {
                wanted.put(limit.path("name").asString(""), limit.path("limit").longValue());
            }
        }
        unset.forEach(limit -> wanted.put(limit, null));
        wanted.putAll(set);
        return wanted;
    }
}
