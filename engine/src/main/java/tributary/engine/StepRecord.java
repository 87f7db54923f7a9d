package tributary.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// What the outbox holds: steps, and what was said in the last of them.
///
/// Steps in which nothing was said wait until one says something: after a crash they may be done in another way,
/// because nobody has seen anything of them. A step that says a great deal takes several records; those behind the
/// first have no steps and are flagged as more of the same. The first one has all it takes to say the rest again, so
/// a crash between them does no harm.
///
/// @param from     where the first step begins
/// @param steps    one after the other; empty where the record is more of the step before
/// @param said     in the last step
/// @param complete whether nothing more was said in the step
record StepRecord(From from, List<Step> steps, List<Said> said, boolean complete) {
    private static final int FORMAT = 1;

    /// Bytes of what is said in one record: a message of the greatest size fits.
    static final int BYTES_MAX = 1 << 20;

    /// Where steps begin.
    ///
    /// @param positions of each partition
    /// @param clock     what time it is
    record From(long[] positions, long clock) {}

    StepRecord {
        steps = List.copyOf(steps);
        said = List.copyOf(said);
    }

    byte[] bytes() {
        BytesOut out = new BytesOut();
        out.number(FORMAT).number(from.positions().length);
        for (long position : from.positions()) {
            out.number(position);
        }
        out.number(from.clock()).number(steps.size());
        steps.forEach(step -> step.write(out));
        out.flag(complete).number(said.size());
        said.forEach(one -> one.write(out));
        return out.bytes();
    }

    static StepRecord read(byte[] bytes) {
        BytesIn in = new BytesIn(bytes);
        if (in.number() != FORMAT) {
            throw new PlatformException(
                    Fault.DATA_DAMAGED,
                    "the outbox of rules was written by another version of Tributary: start that one, or delete the"
                            + " folder 'rules' of the data folder; rules then begin afresh");
        }
        long[] positions = new long[in.count()];
        Arrays.setAll(positions, _ -> in.number());
        From from = new From(positions, in.number());
        List<Step> steps = new ArrayList<>();
        int stepCount = in.count();
        for (int i = 0; i < stepCount; i++) {
            steps.add(Step.read(in, positions.length));
        }
        boolean complete = in.flag();
        List<Said> said = new ArrayList<>();
        int saidCount = in.count();
        for (int i = 0; i < saidCount; i++) {
            said.add(Said.read(in));
        }
        return new StepRecord(from, steps, said, complete);
    }

    /// Cuts what was said into records of bearable size, the first of which has the steps.
    static List<StepRecord> cut(From from, List<Step> steps, List<Said> said) {
        List<StepRecord> records = new ArrayList<>();
        int begin = 0;
        int bytes = 0;
        for (int i = 0; i < said.size(); i++) {
            int weight = said.get(i).weight();
            if (i > begin && bytes + weight > BYTES_MAX) {
                records.add(part(from, records.isEmpty() ? steps : List.of(), said, begin, i));
                begin = i;
                bytes = 0;
            }
            bytes += weight;
        }
        records.add(part(from, records.isEmpty() ? steps : List.of(), said, begin, said.size()));
        return records;
    }

    private static StepRecord part(From from, List<Step> steps, List<Said> said, int begin, int end) {
        return new StepRecord(from, steps, said.subList(begin, end), end == said.size());
    }

    /// Adds the parcels of what was said.
    ///
    /// @param position of the record in the outbox
    void parcels(long position, List<Parcel> into) {
        long next = position << Positions.SHIFT;
        for (Said one : said) {
            one.parcels(next, into);
            next += one.destinations().size();
        }
    }
}
