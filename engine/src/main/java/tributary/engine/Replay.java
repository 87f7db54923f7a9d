package tributary.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.log.LogReader;

/// Does again what the outbox has behind a checkpoint. What was said then stands; what is said now has to be the same.
final class Replay {
    private static final Logger LOG = LoggerFactory.getLogger(Replay.class);

    private final Log outbox;
    private long differences;

    Replay(Log outbox) {
        this.outbox = outbox;
    }

    /// @return how many steps were done again
    long run(Engine engine) {
        List<StepRecord> open = new ArrayList<>();
        long steps = 0;
        try (LogReader reader = outbox.reader()) {
            reader.seek(0, engine.nextRecord());
            for (Batch batch = reader.poll(Duration.ZERO); batch != null; batch = reader.poll(Duration.ZERO)) {
                for (int i = 0; i < batch.size(); i++) {
                    StepRecord record = StepRecord.read(batch.message(i).payload());
                    open.add(record);
                    if (record.complete()) {
                        again(engine, open);
                        steps += open.getFirst().steps().size();
                        open.clear();
                    }
                }
                engine.next(batch.end());
            }
        }
        if (!open.isEmpty()) {
            again(engine, open);
        }
        if (steps > 0) {
            LOG.info("rules did {} steps again", steps);
        }
        if (differences > 0) {
            LOG.error(
                    "doing again what rules did before the last stop, they said {} things otherwise; what was said then"
                            + " stands. A rule that looks something up in the registry may do that; otherwise this is"
                            + " a mistake in Tributary: please report it",
                    differences);
        }
        return steps;
    }

    /// @param records of one step, the last ones of which may be missing
    private void again(Engine engine, List<StepRecord> records) {
        StepRecord first = records.getFirst();
        if (first.steps().isEmpty()) {
            // the steps before are in the checkpoint: this is the rest of what they said
            return;
        }
        engine.again(first.from());
        List<Said> now = List.of();
        for (Step step : first.steps()) {
            now = engine.again(step);
        }
        List<Said> then = new ArrayList<>();
        records.forEach(record -> then.addAll(record.said()));
        boolean complete = records.getLast().complete();
        int same = Math.min(now.size(), then.size());
        for (int i = 0; i < same; i++) {
            differences += now.get(i).equals(then.get(i)) ? 0 : 1;
        }
        differences += complete ? Math.abs(now.size() - then.size()) : 0;
        if (!complete) {
            engine.finish(StepRecord.cut(first.from(), List.of(), now.subList(same, now.size())));
        }
    }
}
