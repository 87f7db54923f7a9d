package tributary.app.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tributary.sinks.Outcome;
import tributary.sinks.Parcel;
import tributary.sinks.Sink;

/// A receiver as the world has them: it fails, answers late or takes and does not say so, and the process that delivers
/// may be gone in the middle of it. It knows what it has, and judges.
public final class MoodyReceiver implements Sink {
    private final @Nullable SplittableRandom fate;
    private final Predicate<Parcel> poison;
    private final boolean awayIsDone;

    /// What it has, in the order in which it came.
    private final List<Parcel> arrived = new ArrayList<>();

    /// Parcels that may come twice: their answer was lost, or a death came before they were noted.
    private final Set<Long> excused = new HashSet<>();

    private boolean lostAnswers;
    private boolean calm;

    /// The process is gone before it could note anything.
    public static final class Died extends Error {
        private static final long serialVersionUID = 1;
    }

    /// @param fate       draws its moods; null for one that has none
    /// @param poison     what it refuses
    /// @param awayIsDone whether it is taken for one that has what it does not, which is a mistake
    public MoodyReceiver(@Nullable SplittableRandom fate, Predicate<Parcel> poison, boolean awayIsDone) {
        this.fate = fate;
        this.poison = poison;
        this.awayIsDone = awayIsDone;
    }

    /// From now on it does what it is asked.
    public void calmDown() {
        calm = true;
    }

    public List<Parcel> arrived() {
        return arrived;
    }

    public boolean lostAnswers() {
        return lostAnswers;
    }

    /// Whoever delivers goes back to a position: what is behind it may come again.
    public void excuseFrom(long position) {
        arrived.stream().map(Parcel::position).filter(at -> at >= position).forEach(excused::add);
    }

    @Override
    public Outcome deliver(List<Parcel> batch) {
        boolean poisoned = batch.stream().anyMatch(poison);
        int mood = fate == null || calm ? 9 : fate.nextInt(12);
        switch (mood) {
            case 0 -> {
                return awayIsDone ? Outcome.DONE : Outcome.away("away");
            }
            case 1 -> {
                int some = poisoned ? 0 : fate.nextInt(batch.size() + 1);
                arrived.addAll(batch.subList(0, some));
                return new Outcome.Away(some, "lost in the middle", Duration.ofSeconds(2));
            }
            case 2 -> {
                if (!poisoned) {
                    lost(batch);
                    return Outcome.away("no answer");
                }
            }
            case 3 -> {
                if (!poisoned) {
                    lost(batch);
                }
                throw new Died();
            }
            default -> {}
        }
        if (poisoned) {
            return new Outcome.Refused(0, "a nine");
        }
        arrived.addAll(batch);
        return Outcome.DONE;
    }

    private void lost(List<Parcel> batch) {
        lostAnswers = true;
        arrived.addAll(batch);
        batch.forEach(parcel -> excused.add(parcel.position()));
    }

    @Override
    public void close() {}

    /// @return whose a parcel is: those of one keep their order
    static String who(Parcel parcel) {
        return parcel.rule() + " " + parcel.device();
    }

    /// Judges what came.
    ///
    /// @return each parcel once, by rule and device, in the order in which it came first
    /// @throws AssertionError where one came twice without a reason, or behind a later one
    public Map<String, List<Parcel>> judged() {
        Map<Long, Parcel> firsts = new LinkedHashMap<>();
        for (Parcel parcel : arrived) {
            if (firsts.putIfAbsent(parcel.position(), parcel) != null && !excused.contains(parcel.position())) {
                throw new AssertionError("parcel " + parcel.position() + " came twice without a reason");
            }
        }
        Map<String, List<Parcel>> all = new TreeMap<>();
        Map<String, Long> last = new TreeMap<>();
        for (Parcel parcel : firsts.values()) {
            if (last.merge(who(parcel), parcel.position(), Math::max) > parcel.position()) {
                throw new AssertionError("parcel " + parcel.position() + " came behind a later one of its device");
            }
            all.computeIfAbsent(who(parcel), _ -> new ArrayList<>()).add(parcel);
        }
        return all;
    }
}
