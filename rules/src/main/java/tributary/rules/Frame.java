package tributary.rules;

import java.util.Arrays;
import tributary.model.Topic;
import tributary.rules.value.Missing;

/// What expressions look at while one message, or one row of a window, is on its way. One a run, used again and
/// again.
final class Frame {
    static final StreamMessage NOTHING = StreamMessage.derived(new Topic("-"), "", Missing.UNDEFINED, 0);
    private static final Object[] EMPTY = {};

    final RunState run;
    StreamMessage message = NOTHING;
    Object payload = Missing.UNDEFINED;
    /// The payload by each alias, undefined where the message is none of it.
    final Object[] scopes;
    final Object[] variables;
    /// Results of analytic functions.
    final Object[] slots;
    /// Elements of nested selects and FOREACH.
    final Object[] locals;
    /// The clock of the stream.
    long now;
    /// When the message happened.
    long time;
    Object[] aggregates = EMPTY;
    Object[] captured = EMPTY;
    Object[] groupSlots = EMPTY;
    long windowStart;
    long windowEnd;
    long rowNumber;

    Frame(RunState run, Sizes sizes) {
        this.run = run;
        this.scopes = filled(sizes.scopes());
        this.variables = filled(sizes.variables());
        this.slots = filled(sizes.slots());
        this.locals = filled(sizes.locals());
    }

    /// How many places of each kind a select needs.
    record Sizes(int scopes, int variables, int slots, int locals) {}

    static Object[] filled(int length) {
        Object[] all = new Object[length];
        Arrays.fill(all, Missing.UNDEFINED);
        return all;
    }
}
