package tributary.app.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/// `tributary status`: healthy, or what is wrong; the exit code is for monitors.
@Command(name = "status", description = "One screen: healthy, or what is wrong (exit code 7).")
final class StatusCommand implements Callable<Integer> {
    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Override
    public Integer call() {
        ServerClient client = server.client();
        JsonNode status = client.get("/api/v1/status");
        JsonNode problems = status.path("problems");
        if (server.json()) {
            server.out().println(status);
        } else {
            server.out().println((problems.isEmpty() ? "healthy" : "problems") + "  " + client.base());
            for (JsonNode problem : problems) {
                server.out().println("  " + (problem.isString() ? problem.asString() : problem.toString()));
            }
            print("", status);
        }
        return (problems.isEmpty() ? ExitCode.OK : ExitCode.CHECK_FOUND_PROBLEMS).number();
    }

    private void print(String prefix, JsonNode node) {
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            JsonNode value = field.getValue();
            if (value.isObject()) {
                print(prefix + field.getKey() + ".", value);
            } else if (!field.getKey().equals("problems")) {
                server.out()
                        .printf("  %-32s %s%n", prefix + field.getKey(), value.isString() ? value.asString() : value);
            }
        }
    }
}
