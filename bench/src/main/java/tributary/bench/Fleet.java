package tributary.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tributary.simulator.ServerApi;

/// The devices of one run: names of their own, so that runs never meet.
///
/// @param prefix of every name
/// @param names  one a connection
record Fleet(String prefix, List<String> names) {
    private static final Duration VALID_FOR = Duration.ofHours(24);

    /// @return what every device of a run that starts then is called by
    static String prefix(long startMillis) {
        return "bench-" + Long.toString(startMillis, 36) + "-";
    }

    static Fleet ofRun(long startMillis, int connections) {
        String prefix = prefix(startMillis);
        List<String> names = new ArrayList<>(connections);
        for (int i = 1; i <= connections; i++) {
            names.add(prefix + i);
        }
        return new Fleet(prefix, List.copyOf(names));
    }

    /// A device and what it proves itself with.
    ///
    /// @param secret "" where nothing is asked for
    record Member(String device, String secret) {}

    List<Member> provision(ServerApi api, ServerApi.Credential credential) throws InterruptedException {
        Map<String, String> secrets = api.provision(devices(), credential, VALID_FOR);
        return names.stream()
                .map(name -> new Member(name, secrets.getOrDefault(name, "")))
                .toList();
    }

    List<Member> unprovisioned() {
        return names.stream().map(name -> new Member(name, "")).toList();
    }

    void remove(ServerApi api) throws InterruptedException {
        api.remove(devices());
    }

    private List<ServerApi.NewDevice> devices() {
        return names.stream()
                .map(name -> new ServerApi.NewDevice(name, null, "bench"))
                .toList();
    }
}
