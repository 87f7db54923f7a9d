package tributary.bench;

import java.time.Duration;
import java.util.List;
import tributary.simulator.MqttWire;
import tributary.simulator.ServerApi;

/// Who plays in a run: devices with a credential each and an application that may hear all of them, added
/// to a Tributary; mere names at any other broker.
final class Crew implements AutoCloseable {
    private static final Duration VALID_FOR = Duration.ofHours(24);

    private final Target target;
    private final Fleet fleet;
    private final List<Fleet.Member> members;
    private final String applicationKey;

    private Crew(Target target, Fleet fleet, List<Fleet.Member> members, String applicationKey) {
        this.target = target;
        this.fleet = fleet;
        this.members = members;
        this.applicationKey = applicationKey;
    }

    /// @param startMillis names the run
    static Crew enlist(Target target, long startMillis, int devices, ServerApi.Credential credential)
            throws InterruptedException {
        Fleet fleet = Fleet.ofRun(startMillis, devices);
        if (!target.own()) {
            return new Crew(target, fleet, fleet.unprovisioned(), "");
        }
        try (ServerApi api = target.api()) {
            String key = api.applicationKey("bench", List.of("devices/#"), VALID_FOR);
            return new Crew(target, fleet, fleet.provision(api, credential), key);
        }
    }

    String device(int index) {
        return members.get(index).device();
    }

    MqttWire.Login asDevice(int index, int keepAliveSeconds) {
        Fleet.Member member = members.get(index);
        return member.secret().isEmpty()
                ? new MqttWire.Login(member.device(), target.user(), target.password(), keepAliveSeconds)
                : new MqttWire.Login(member.device(), member.device(), member.secret(), keepAliveSeconds);
    }

    /// @param name of the connection, different for each
    MqttWire.Login asApplication(String name, int keepAliveSeconds) {
        String clientId = fleet.prefix() + name;
        return applicationKey.isEmpty()
                ? new MqttWire.Login(clientId, target.user(), target.password(), keepAliveSeconds)
                : new MqttWire.Login(clientId, "bench", applicationKey, keepAliveSeconds);
    }

    @Override
    public void close() throws InterruptedException {
        if (target.own() && !target.keep()) {
            try (ServerApi api = target.api()) {
                fleet.remove(api);
            }
        }
    }
}
