package tributary.app.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/// `tributary link`: a fresh link into the portal.
@Command(name = "link", description = "Make a link that signs into the portal, once, within 15 minutes.")
final class LinkCommand implements Callable<Integer> {
    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Override
    public Integer call() {
        ServerClient client = server.client();
        JsonNode made = client.post("/api/v1/session/link", Map.of());
        String link = client.base() + made.path("link").asString();
        if (server.json()) {
            server.out()
                    .println(ServerClient.JSON.writeValueAsString(Map.of(
                            "link", link, "expiresAt", made.path("expiresAt").asString())));
        } else {
            server.out().println(link);
        }
        return ExitCode.OK.number();
    }
}
