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
    private static final int REMOVED = 0;
    private static final int PUT = 1;
    private static final int ACKNOWLEDGED = 2;

    /// What became of a rule.
    sealed interface Change {
        /// It is so from now on.
        record Put(Definition definition) implements Change {}

        /// It is gone, with all that it remembers.
        record Removed(Definition.Key key) implements Change {}

        /// Somebody knows of one of its alerts.
        ///
        /// @param alert        its name
        /// @param of           what it is of, as JSON
        /// @param raisedMillis when it was raised
        record Acknowledged(Definition.Key key, String alert, String of, long raisedMillis) implements Change {}
    }

    Step {
        changes = List.copyOf(changes);
    }

    void write(BytesOut out) {
        out.number(changes.size());
        for (Change change : changes) {
            switch (change) {
                case Change.Put(Definition definition) -> definition.write(out.number(PUT));
                case Change.Removed(Definition.Key key) ->
                    out.number(REMOVED).text(key.tenant().value()).text(key.name());
                case Change.Acknowledged(Definition.Key key, String alert, String of, long raised) -> {
                    out.number(ACKNOWLEDGED).text(key.tenant().value()).text(key.name());
                    out.text(alert).text(of).number(raised);
                }
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
            changes.add(change(in));
        }
        long[] to = new long[partitions];
        for (int partition = 0; partition < partitions; partition++) {
            to[partition] = in.number();
        }
        return new Step(changes, to, in.number());
    }

    private static Change change(BytesIn in) {
        long kind = in.number();
        if (kind == PUT) {
            return new Change.Put(Definition.read(in));
        }
        Definition.Key key = new Definition.Key(new TenantId(in.text()), in.text());
        return kind == REMOVED
                ? new Change.Removed(key)
                : new Change.Acknowledged(key, in.text(), in.text(), in.number());
    }
}
