package tributary.simulator;

import java.util.List;
import java.util.function.Consumer;

/// One device of a scenario, ready to be asked for its messages at any tick, in any order; the same tick gives
/// the same bytes. Not thread-safe: threads that share a scenario take devices of their own.
public final class VirtualDevice {
    private final String id;
    private final String connection;
    private final Group group;
    private final Track track;
    private final String[] topics;
    private final long offsetMillis;
    private final JsonText json = new JsonText();

    VirtualDevice(Group group, int index, long groupKey) {
        this.group = group;
        this.id = group.name(index);
        this.connection = group.connection(index);
        long key = Chance.key(groupKey, group.plainName(index));
        this.track = new Track(key, group.rhythm(), group.memorySize());
        this.offsetMillis =
                Math.floorMod(Chance.bits(key, 0x0FF5E7), group.rhythm().tickMillis());
        this.topics = group.messages().stream().map(shape -> shape.topic(id)).toArray(String[]::new);
    }

    public String id() {
        return id;
    }

    /// @return who sends its messages: itself, or the gateway that carries it
    public String connection() {
        return connection;
    }

    public long tickMillis() {
        return group.rhythm().tickMillis();
    }

    /// @return when a tick of this device is, epoch milliseconds; devices of a group tick at different moments
    public long timestampMillis(long tick) {
        return Scenario.EPOCH_MILLIS + tick * tickMillis() + offsetMillis;
    }

    /// @return the first tick at or after that moment
    public long tickAt(long timestampMillis) {
        return Math.ceilDiv(timestampMillis - Scenario.EPOCH_MILLIS - offsetMillis, tickMillis());
    }

    /// @return whether it is on at this tick; it says nothing while it is off
    public boolean active(long tick) {
        return track.active(tick);
    }

    /// Hands over the messages that arrive at `tick`: those made now, and those that are late.
    public void messages(long tick, Consumer<SimulatedMessage> to) {
        List<MessageShape> shapes = group.messages();
        for (int i = 0; i < shapes.size(); i++) {
            MessageShape shape = shapes.get(i);
            Link link = shape.link();
            if (link.steps().isEmpty()) {
                send(shape, i, tick, 1, to);
                continue;
            }
            // The newest first: what comes late comes behind what it was to be before.
            for (long made = tick; made >= tick - link.ticksMax(); made--) {
                if (shape.due(made) && link.lateness(track, made) == tick - made) {
                    send(shape, i, made, link.copies(track, made), to);
                }
            }
        }
    }

    private void send(MessageShape shape, int index, long made, int copies, Consumer<SimulatedMessage> to) {
        if (copies == 0 || !shape.due(made) || !track.active(made)) {
            return;
        }
        long timestamp = timestampMillis(made);
        if (shape.write(json, track, made, timestamp)) {
            for (int copy = 0; copy < copies; copy++) {
                to.accept(new SimulatedMessage(connection, id, topics[index], timestamp, json.copy()));
            }
        }
    }
}
