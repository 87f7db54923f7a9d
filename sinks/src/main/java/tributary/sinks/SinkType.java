package tributary.sinks;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import tributary.model.TenantId;

/// A kind of receiver.
public interface SinkType {
    /// @return `webhook`, `folder` and so on
    String name();

    /// @return how it is delivered to where the definition does not say
    Pace pace();

    /// Reads a definition. Mistakes are reported to `fields`, and the plan is used only where there are none; nothing
    /// is connected yet.
    Plan plan(SinkFields fields, Place place);

    /// Opens the sink.
    interface Plan {
        Sink open();

        /// Opens what comes the other way, for sinks that bring something in.
        ///
        /// @param inlet where it goes
        /// @return empty where nothing is to come
        default Optional<Source> source(Inlet inlet) {
            return Optional.empty();
        }
    }

    /// Where a sink lives.
    ///
    /// @param tenant  whose it is
    /// @param name    of the sink
    /// @param id      of the sink, which no other has, in whatever installation
    /// @param state   a folder of its own for what it must remember
    /// @param output  the folder below which a sink that writes files writes them, of this sink alone
    /// @param guard   says which addresses it may connect to
    /// @param clock   tells the time
    /// @param testing whether this is one that delivers a test message beside the one at work
    record Place(
            TenantId tenant,
            String name,
            String id,
            Path state,
            Path output,
            AddressGuard guard,
            InstantSource clock,
            boolean testing) {
        public Place {
            Objects.requireNonNull(tenant, "tenant");
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(state, "state");
            Objects.requireNonNull(output, "output");
            Objects.requireNonNull(guard, "guard");
            Objects.requireNonNull(clock, "clock");
        }
    }
}
