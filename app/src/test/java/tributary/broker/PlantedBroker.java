package tributary.broker;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The real broker without threads, with a fault planted where a test wants one. Lies beside the broker because nothing
/// of this is for anybody else.
public final class PlantedBroker {
    private PlantedBroker() {}

    /// @param flaw the name of a fault, or null
    public static Broker open(BrokerSettings settings, Broker.World world, @Nullable String flaw) {
        Set<Flaw> flaws = flaw == null ? Set.of() : Set.of(Flaw.valueOf(flaw));
        return Broker.openUnmanned(settings, world, Journal.Room.DEFAULT, flaws);
    }

    /// Does one round of what the broker's thread does.
    ///
    /// @return whether there were messages
    public static boolean step(Broker broker) {
        return broker.step(Duration.ZERO);
    }

    /// @return whether there was anything to read back for a session
    public static boolean fetch(Broker broker) {
        return broker.fetchStep();
    }

    /// The process is gone: nothing more is noted.
    public static void abandon(Broker broker) {
        broker.abandon();
    }

    /// @return whether all that sessions have to remember is noted
    public static boolean quiet(Broker broker) {
        return broker.journal().quiet();
    }
}
