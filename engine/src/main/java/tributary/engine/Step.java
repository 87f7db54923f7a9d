package tributary.engine;

import java.util.ArrayList;
import java.util.List;
import tributary.model.TenantId;

/// What the engine did in one go, so that it can be done again exactly: rules changed, then messages up to some
/// positions taken in the order of their arrival, then the clock moved on.
///
/// @param changes what became of rules, before any message
/// @param to      the position of each partition behind the last message taken
/// @param clock   what time it is afterwards, milliseconds since 1970
record Step(List<Change> changes, long[] to, long clock) {
    /// What became of a rule.
    sealed interface Change {
        /// It is so from now on.
        record Put(Definition definition) implements Change {}

        /// It is gone, with all that it remembers.
        record Removed(Definition.Key key) implements Change {}
    }

    Step {
        changes = List.copyOf(changes);
    }

    void write(BytesOut out) {
        out.number(changes.size());
        for (Change change : changes) {
            switch (change) {
                case Change.Put(Definition definition) -> definition.write(out.flag(true));
                case Change.Removed(Definition.Key key) ->
                    out.flag(false).text(key.tenant().value()).text(key.name());
            }
        }
        for (long position : to) {
            out.number(position);
        }
        out.number(clock);
    }

    static Step read(BytesIn in, int partitions) {
        List<Change> changes = new ArrayList<>();
        int count = in.count();
        for (int i = 0; i < count; i++) {
            changes.add(
                    in.flag()
                            ? new Change.Put(Definition.read(in))
                            : new Change.Removed(new Definition.Key(new TenantId(in.text()), in.text())));
        }
        long[] to = new long[partitions];
        for (int partition = 0; partition < partitions; partition++) {
            to[partition] = in.number();
        }
        return new Step(changes, to, in.number());
    }
}
