package tributary.sinks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import tributary.registry.DeadLetters;
import tributary.registry.SinkDefinitions.SinkDefinition;

/// The real delivery of one sink with its position and its files, step by step. Lies beside the delivery because
/// nothing of this is for anybody else.
public final class SimulatedDelivery {
    private final SinkDefinition definition;
    private final Spool spool;
    private final Relief relief;
    private final Delivery delivery;
    private final PositionFile position;
    private final Path file;
    private final SharedParcels parcels;

    /// What it stands on.
    ///
    /// @param line changes what it reads, for bugs that are planted
    public record World(
            Path folder,
            SharedParcels parcels,
            DeadLetters letters,
            InstantSource clock,
            RandomGenerator random,
            UnaryOperator<Parcels> line) {}

    public SimulatedDelivery(SinkDefinition definition, Sink sink, World world) throws IOException {
        this.definition = definition;
        this.parcels = world.parcels();
        spool = new Spool(definition, world.folder().resolve("waiting"), world.clock(), Pace.WAITING_MAX);
        relief = new Relief(world.parcels(), (_, _, _) -> {}, world.clock(), Long.MAX_VALUE);
        file = world.folder().resolve("position");
        Files.createDirectories(world.folder());
        position = PositionFile.open(file);
        Pace pace = new Pace(
                1 + world.random().nextInt(5),
                1 << 20,
                Duration.ofMillis(100),
                Duration.ofSeconds(1),
                Duration.ofSeconds(9),
                4,
                Pace.WAITING_MAX);
        delivery = new Delivery(
                definition,
                sink,
                pace,
                position,
                new Delivery.World(
                        world.line().apply(relief.line(spool)), world.letters(), world.clock(), world.random()));
    }

    public void step() throws InterruptedException {
        delivery.step(Duration.ZERO);
    }

    /// Moves what waits too long out of the outbox.
    public void tend() {
        relief.tend(
                List.of(new Relief.Waiting() {
                    @Override
                    public SinkDefinition definition() {
                        return definition;
                    }

                    @Override
                    public Spool spool() {
                        return spool;
                    }

                    @Override
                    public long safe() {
                        return delivery.safe();
                    }

                    @Override
                    public long reached() {
                        return delivery.reached();
                    }
                }),
                new ReentrantLock());
    }

    /// @return whether it is at the end of the outbox
    public boolean done() {
        return position.position() >= parcels.end();
    }

    public long spooled() {
        return spool.bytes();
    }

    /// The process is gone.
    ///
    /// @param power whether what was not forced is gone, too
    /// @return the position that it goes on from
    public long die(boolean power) throws IOException {
        long kept = power ? Math.max(0, position.forced()) : Math.max(0, position.position());
        delivery.close();
        rewrite(kept);
        return kept;
    }

    /// Sets the position that the next life goes on from.
    public void rewrite(long to) throws IOException {
        Files.deleteIfExists(file);
        try (PositionFile fresh = PositionFile.open(file)) {
            fresh.write(to);
        }
    }

    public void close() {
        delivery.close();
    }
}
