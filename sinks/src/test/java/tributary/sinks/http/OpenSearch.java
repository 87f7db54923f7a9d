package tributary.sinks.http;

import java.util.List;
import java.util.Map;
import org.opensearch.Version;
import org.opensearch.common.settings.Settings;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.PluginInfo;
import org.opensearch.transport.Netty4ModulePlugin;

/// One node of OpenSearch in a process of its own.
final class OpenSearch extends Node {
    private OpenSearch(Settings settings) {
        super(
                InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "one"),
                List.of(new PluginInfo(
                        Netty4ModulePlugin.class.getName(),
                        "HTTP",
                        "NA",
                        Version.CURRENT,
                        "25",
                        Netty4ModulePlugin.class.getName(),
                        null,
                        List.of(),
                        false)),
                true);
    }

    /// @param arguments port and folder
    public static void main(String[] arguments) throws Exception {
        new OpenSearch(Settings.builder()
                        .put("path.home", arguments[1])
                        .put("node.name", "one")
                        .put("cluster.name", "sinks")
                        .put("discovery.type", "single-node")
                        .put("network.host", "127.0.0.1")
                        .put("http.port", arguments[0])
                        .put("transport.port", "0")
                        .put("transport.type", "netty4")
                        .put("http.type", "netty4")
                        .put("node.processors", 1)
                        .put("cluster.routing.allocation.disk.threshold_enabled", false)
                        .put("action.auto_create_index", "-missing*,+*")
                        .build())
                .start();
        Thread.currentThread().join();
    }
}
