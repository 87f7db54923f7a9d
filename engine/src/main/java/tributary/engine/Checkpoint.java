package tributary.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// All that the engine knows at one moment between two steps.
///
/// @param positions of each partition of the log behind the last message taken
/// @param clock     what time it is
/// @param record    the record of the outbox that is next
/// @param rules     each with what it remembers
record Checkpoint(long[] positions, long clock, long record, List<Remembered> rules) {
    private static final int FORMAT = 1;

    /// @param depth of the deepest message since time last brought something about
    /// @param state what the run remembers, or null where there is no run
    record Remembered(Definition definition, int depth, byte @Nullable [] state) {}

    /// Writes down rules as they are now.
    static byte[] bytes(long[] positions, long clock, long record, Collection<RuleAtWork> rules) {
        BytesOut out = new BytesOut();
        out.number(FORMAT).number(positions.length);
        for (long position : positions) {
            out.number(position);
        }
        out.number(clock).number(record).number(rules.size());
        rules.forEach(rule -> rule.write(out));
        return out.bytes();
    }

    static Checkpoint read(byte[] bytes) {
        BytesIn in = new BytesIn(bytes);
        if (in.number() != FORMAT) {
            throw new PlatformException(
                    Fault.DATA_DAMAGED, "the checkpoint of rules was written by another version of Tributary");
        }
        long[] positions = new long[in.count()];
        Arrays.setAll(positions, _ -> in.number());
        long clock = in.number();
        long record = in.number();
        List<Remembered> rules = new ArrayList<>();
        int count = in.count();
        for (int i = 0; i < count; i++) {
            Definition definition = Definition.read(in);
            int depth = (int) in.number();
            rules.add(new Remembered(definition, depth, in.flag() ? in.blob() : null));
        }
        return new Checkpoint(positions, clock, record, rules);
    }
}
