package tributary.bench;

import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import tributary.simulator.MqttWire;
import tributary.simulator.Scenario;
import tributary.simulator.ServerApi;
import tributary.simulator.SimulatedMessage;
import tributary.simulator.VirtualDevice;

/// The car fleet as a load: vehicles of the simulator, many behind each connection, as gateways would carry them.
///
/// The messages are the scenario's, in the order of time; the load's schedule says when they leave, so the same
/// fleet can be played at any rate.
final class CarFleet {
    /// A sensor that is in every message, so that counting its rows counts messages.
    static final String COUNTED_SENSOR = "odometer";

    /// Messages a second that a vehicle sends on average: two while it drives, 37 % of the time.
    static final double MESSAGES_PER_SECOND = 0.74;

    private static final Duration VALID_FOR = Duration.ofHours(24);
    private static final int MESSAGE_BYTES = 320;

    private final Scenario scenario;
    private final List<Scenario.Connection> gateways;
    private final long startMillis;

    /// @param prefix      of every name in this run
    /// @param vehicles    how many
    /// @param connections at most so many gateways carry them
    CarFleet(String prefix, int vehicles, int connections, long startMillis) {
        int each = Math.ceilDiv(vehicles, connections);
        this.scenario = switch (Scenario.load("car-fleet")) {
            case Scenario.Loaded.Good(Scenario good) ->
                good.withCount(vehicles).behindGateways("gateway-{n}", each).withPrefix(prefix);
            case Scenario.Loaded.Mistaken(List<String> problems) ->
                throw new IllegalStateException(String.join("\n", problems));
        };
        this.gateways = scenario.connections();
        this.startMillis = startMillis;
    }

    /// @return ids of all vehicles
    List<String> vehicles() {
        return gateways.stream()
                .flatMap(gateway -> gateway.carries().stream())
                .map(car -> car.id())
                .toList();
    }

    int gatewayCount() {
        return gateways.size();
    }

    List<Fleet.Member> provision(ServerApi api, ServerApi.Credential credential) throws InterruptedException {
        Map<String, String> secrets = api.provision(scenario, credential, VALID_FOR, Map.of());
        return gateways.stream()
                .map(gateway -> new Fleet.Member(gateway.id(), secrets.getOrDefault(gateway.id(), "")))
                .toList();
    }

    List<Fleet.Member> unprovisioned() {
        return gateways.stream()
                .map(gateway -> new Fleet.Member(gateway.id(), ""))
                .toList();
    }

    void remove(ServerApi api) throws InterruptedException {
        List<ServerApi.NewDevice> all = new ArrayList<>();
        for (Scenario.Connection gateway : gateways) {
            gateway.carries().forEach(car -> all.add(new ServerApi.NewDevice(car.id(), null, car.type())));
            all.add(new ServerApi.NewDevice(gateway.id(), null, gateway.type()));
        }
        api.remove(all);
    }

    /// @param index of the gateway
    MqttMessages messages(MqttDialect.Setup setup, int index) {
        int first = 0;
        for (int i = 0; i < index; i++) {
            first += gateways.get(i).carries().size();
        }
        List<VirtualDevice> cars = new ArrayList<>();
        for (int i = 0; i < gateways.get(index).carries().size(); i++) {
            cars.add(scenario.device(first + i));
        }
        return new Convoy(setup, cars, startMillis);
    }

    /// The vehicles behind one gateway, tick by tick.
    private static final class Convoy implements MqttMessages {
        private final MqttDialect.Setup setup;
        private final List<VirtualDevice> cars;
        private final Queue<SimulatedMessage> ready = new ArrayDeque<>();
        private long tick;

        Convoy(MqttDialect.Setup setup, List<VirtualDevice> cars, long startMillis) {
            this.setup = setup;
            this.cars = cars;
            this.tick = cars.getFirst().tickAt(startMillis);
        }

        @Override
        public void encode(ByteBuf out, long number, int packetId) {
            SimulatedMessage message = ready.poll();
            while (message == null) {
                for (VirtualDevice car : cars) {
                    car.messages(tick, ready::add);
                }
                tick++;
                message = ready.poll();
            }
            MqttWire.Publish publish =
                    MqttWire.publish(setup.version(), setup.qos(), message.topic(), message.payload());
            publish.name(packetId);
            out.writeBytes(publish.packet());
        }

        @Override
        public int bytes() {
            return MESSAGE_BYTES;
        }
    }
}
