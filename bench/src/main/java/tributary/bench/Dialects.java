package tributary.bench;

import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.simulator.MqttWire;

/// Gives each connection its dialect: the protocol, the device, the secret, the topic.
final class Dialects {
    private static final String TELEMETRY_PATH = "/api/v1/telemetry";
    private static final String WEB_SOCKET_PATH = "/api/v1/ws";

    private final LoadOptions options;
    private final Target server;
    private final LoadPlan plan;
    private final List<Fleet.Member> members;

    Dialects(LoadOptions options, Target server, LoadPlan plan, List<Fleet.Member> members) {
        this.options = options;
        this.server = server;
        this.plan = plan;
        this.members = members;
    }

    /// @param path of an HTTP or WebSocket target, or "" for Tributary's own
    Dialect.Factory of(Profile.Protocol protocol, InetSocketAddress address, @Nullable String path) {
        String host = address.getHostString() + ":" + address.getPort();
        boolean own = path == null || path.isEmpty();
        return switch (protocol) {
            case MQTT -> {
                MqttDialect.Setup setup = setup();
                yield (index, listener) -> mqtt(setup, members.get(index), listener);
            }
            case HTTP ->
                (index, listener) -> new HttpDialect(
                        target(host, own ? TELEMETRY_PATH : path, members.get(index)), plan.payload(), listener);
            case WS ->
                (index, listener) -> new WebSocketDialect(
                        target(host, own ? WEB_SOCKET_PATH : path, members.get(index)), plan.payload(), listener);
        };
    }

    /// MQTT with the car fleet's messages; member and gateway have the same place.
    Dialect.Factory of(CarFleet cars) {
        MqttDialect.Setup setup = setup();
        return (index, listener) ->
                new MqttDialect(setup, login(members.get(index)), cars.messages(setup, index), listener);
    }

    private MqttDialect mqtt(MqttDialect.Setup setup, Fleet.Member member, Dialect.Listener listener) {
        MqttMessages messages = new MqttMessages.Patched(setup, options.topicOf(member.device()), plan.payload());
        return new MqttDialect(setup, login(member), messages, listener);
    }

    private MqttDialect.Setup setup() {
        return new MqttDialect.Setup(server.version(), options.qos(), Lane.slots(plan.window()));
    }

    private MqttWire.Login login(Fleet.Member member) {
        String user = member.secret().isEmpty() ? server.user() : member.device();
        String password = member.secret().isEmpty() ? server.password() : member.secret();
        return new MqttWire.Login(member.device(), user, password, 0);
    }

    private HttpDialect.Target target(String host, @Nullable String path, Fleet.Member member) {
        String given = server.password() == null ? "" : server.password();
        String secret = member.secret().isEmpty() ? given : member.secret();
        return HttpDialect.Target.bearer(host, path == null ? "/" : path.replace("{id}", member.device()), secret);
    }
}
