package tributary.rules;

import java.time.Instant;
import java.util.List;
import tributary.rules.UserFunction.Given;
import tributary.rules.UserFunction.Result;
import tributary.rules.function.RuleFailure;
import tributary.rules.value.Json;
import tributary.rules.value.Missing;

/// A call of a function that a tenant wrote. One that ran away rests for a while in all rules of its tenant, so that
/// it does not hold up everybody with each message; how long is told by the stream's clock, so a replay does the same.
record UserCall(String name, UserFunction function, Eval[] args) implements Eval {
    @Override
    public Object on(Frame f) {
        long until = f.run.restsUntil(name, f.now);
        if (until > f.now) {
            throw new RuleFailure("%s() ran away before; rules call it again from %s on"
                    .formatted(name, Instant.ofEpochMilli(until)));
        }
        StringBuilder undefined = new StringBuilder();
        Object[] values = new Object[args.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = args[i].on(f);
            if (values[i] == Missing.UNDEFINED) {
                undefined.append(undefined.isEmpty() ? "" : ",").append(i);
            }
        }
        String json = Json.write(List.of(values));
        Limits.text(json.length());
        Given given = new Given(json, undefined.toString(), f.time, (int) f.run.random());
        return switch (function.call(given)) {
            case Result.Value(String value) -> {
                Limits.text(value.length());
                f.run.ranWell(name);
                yield Json.read(value);
            }
            case Result.Nothing() -> {
                f.run.ranWell(name);
                yield Missing.UNDEFINED;
            }
            case Result.Failed(String what) -> throw new RuleFailure("%s() failed: %s".formatted(name, what));
            case Result.Stopped(String what) -> {
                f.run.ranAway(name, f.now);
                throw new RuleFailure("%s() was stopped: %s".formatted(name, what));
            }
        };
    }
}
