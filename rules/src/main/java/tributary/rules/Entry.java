package tributary.rules;

import java.util.List;
import tributary.model.Topic;
import tributary.rules.value.Missing;
import tributary.rules.value.StateIn;
import tributary.rules.value.StateOut;

/// What a window takes of one message.
///
/// @param order    its number among all that came
/// @param args     the arguments of each aggregate
/// @param captured what rows show of a message as it is
/// @param passes   whether it meets WHERE; COUNT windows count it all the same
/// @param state    what a STATEWINDOW looks at
/// @param about    topic and device, for what is made of the row
record Entry(long time, long order, Object[][] args, Object[] captured, boolean passes, Object[] state, About about) {
    /// Whose message it was.
    record About(Topic topic, String device) {
        static final About NOBODY = new About(new Topic("-"), "");

        StreamMessage message(Object payload, long atMillis) {
            return StreamMessage.derived(topic, device, payload, atMillis);
        }

        void write(StateOut out) {
            out.text(topic.value()).text(device);
        }

        static About read(StateIn in) {
            return new About(new Topic(in.text()), in.text());
        }
    }

    static Entry of(Frame f, long order, WindowPlan plan, boolean passes) {
        List<AggregatePlan> aggregates = plan.aggregates();
        Object[][] args = new Object[aggregates.size()][];
        for (int i = 0; i < args.length && passes; i++) {
            Eval[] evals = aggregates.get(i).args();
            args[i] = new Object[evals.length];
            for (int j = 0; j < evals.length; j++) {
                args[i][j] = evals[j].on(f);
            }
        }
        for (int i = 0; i < args.length && !passes; i++) {
            args[i] = new Object[0];
        }
        Object[] captured = Frame.filled(plan.captures().length);
        for (int i = 0; i < captured.length && passes; i++) {
            captured[i] = plan.captures()[i].on(f);
        }
        Object begin = plan.stateBegin() == null
                ? Missing.UNDEFINED
                : plan.stateBegin().on(f);
        Object end =
                plan.stateEnd() == null ? Missing.UNDEFINED : plan.stateEnd().on(f);
        About about = new About(f.message.topic(), f.message.device());
        return new Entry(f.time, order, args, captured, passes, new Object[] {begin, end}, about);
    }

    Entry at(long other) {
        return new Entry(other, order, args, captured, passes, state, about);
    }

    void write(StateOut out) {
        out.number(time).number(order).number(args.length);
        for (Object[] one : args) {
            out.values(one);
        }
        out.values(captured).flag(passes).values(state);
        about.write(out);
    }

    static Entry read(StateIn in) {
        long time = in.number();
        long order = in.number();
        Object[][] args = new Object[in.count()][];
        for (int i = 0; i < args.length; i++) {
            args[i] = in.values();
        }
        return new Entry(time, order, args, in.values(), in.flag(), in.values(), About.read(in));
    }
}
